using Countersign.Cryptography;
using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>What the client is doing about its link to the server: a closed set.</summary>
public abstract record ConnectionState
{
    private ConnectionState() { }

    /// <summary>Not started, or ended by its owner.</summary>
    public sealed record Offline : ConnectionState;

    /// <summary>Connecting, shaking hands, logging in.</summary>
    public sealed record Connecting(int Attempt) : ConnectionState;

    /// <summary>k_chat is in force and the server has answered `ready`.</summary>
    public sealed record Online(DateTimeOffset Since) : ConnectionState;

    /// <summary>The last attempt or link ended; the next attempt is at <paramref name="Until"/>, or when <see cref="ChatClient.Reconnect"/> is called.</summary>
    public sealed record Waiting(DateTimeOffset Until, LinkEnd Cause) : ConnectionState;

    /// <summary>Trying again would not help until a person has done something; the client does not try again by itself,
    /// but for refusals that a clock may be the cause of: those once a minute.</summary>
    public sealed record Refused(LinkEnd Cause) : ConnectionState;
}

/// <summary>Why a link ended or did not come about: a closed set.</summary>
public abstract record LinkEnd
{
    private LinkEnd() { }

    /// <summary>No connection, a broken one, or silence beyond the limits. Trying again is safe.</summary>
    public sealed record Network(string What) : LinkEnd;

    /// <summary>This device's own files took nothing: the disk is full, or does not answer. Tried again like a broken link.</summary>
    public sealed record Storage(string What) : LinkEnd;

    /// <summary>Something failed that this program does not foresee, or its own files are damaged. Tried again like a broken link.</summary>
    /// <param name="Cause">For whoever mends it.</param>
    public sealed record OwnFault(Exception Cause) : LinkEnd;

    /// <summary>The server said why, by its code (SPEC 12).</summary>
    public sealed record ToldByServer(WireCode Code) : LinkEnd;

    /// <summary>The server broke the protocol: this client's judgement, with the rule.</summary>
    public sealed record ServerFault(WireCode Code, string Rule) : LinkEnd;

    /// <summary>The other end did not prove to be the server this device was enrolled with (HS-05).</summary>
    public sealed record WrongServer(CertificateFault Fault) : LinkEnd;

    /// <summary>This device's own certificate has run out or was revoked.</summary>
    public sealed record OwnCertificate(CertificateFault Fault) : LinkEnd;

    /// <summary>The account has another passphrase than this profile: it was changed on another device.
    /// <see cref="ChatClient.AdoptPassphraseAsync"/> takes the new one.</summary>
    public sealed record PassphraseChangedElsewhere : LinkEnd;

    /// <summary>Another device has renewed the account's record for the same passphrase (AC-07), which this process does not hold
    /// any more: opening the profile again is enough.</summary>
    public sealed record AccountRenewedElsewhere : LinkEnd;
}
