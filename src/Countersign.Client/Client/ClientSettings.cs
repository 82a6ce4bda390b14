using Countersign.Cryptography;

namespace Countersign.Client;

/// <summary>What a client needs from outside besides its profile.</summary>
public sealed record ClientSettings
{
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Argon2id's cost for the vault and for accounts that this device registers.</summary>
    public PasswordCost PassphraseCost { get; init; } = PasswordCost.Default;

    /// <summary>How long to wait before the next attempt to connect.</summary>
    public ReconnectDelay ReconnectDelay { get; init; } = new();

    /// <summary>How long a delivery receipt waits for more entries to cover (RC-04: at most 2 s).</summary>
    public TimeSpan ReceiptDelay { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How many conversations of a server's telling this device holds (LI-07). Only tests, which cannot wait, take fewer.</summary>
    internal int MostConversations { get; init; } = 1 << 20;

    /// <summary>Makes the key of an enrolment: RSA of 3072 bits. Only tests, which cannot wait, take another one.</summary>
    internal Func<SigningKey> NewKey { get; init; } = static () => SigningKey.Generate();

    /// <summary>Waited for between the preparing of what a person asks for and its signing: entries of others come there. Only tests wait.</summary>
    internal Func<Task> BeforeSigning { get; init; } = static () => Task.CompletedTask;
}
