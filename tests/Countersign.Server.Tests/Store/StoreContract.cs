using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Server.Tests;

/// <summary>The contract of <see cref="IServerStore"/>, for every store there is: a derived class says how to open one.</summary>
public abstract partial class StoreContract : IAsyncLifetime
{
    private protected IServerStore Store { get; private set; } = null!;

    /// <summary>Opens the store; called again after <see cref="CrashAsync"/>, it opens what the first one left.</summary>
    protected abstract Task<IServerStore> OpenAsync();

    /// <summary>Ends the store as a killed process would: nothing is flushed or checkpointed that was not before.</summary>
    protected abstract Task CrashAsync(IServerStore store);

    public async ValueTask InitializeAsync() => Store = await OpenAsync();

    public async ValueTask DisposeAsync()
    {
        if (Store is not null) // null when there is no database to try
            await Store.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected async Task ReopenAfterCrashAsync()
    {
        await CrashAsync(Store);
        Store = await OpenAsync();
    }

    private protected static Hash32 Hash(string text) => Hash32.Sha256(System.Text.Encoding.UTF8.GetBytes(text));

    private protected static DeviceId Device(string text) => new(Hash(text));

    private protected static ConversationId Conversation(string text) => new(Hash(text));

    private protected static UserName Alice { get; } = TestWorld.User("alice");

    private protected static UserName Bob { get; } = TestWorld.User("bob");

    private protected static AccountRecord Record(byte fill) => new(
        Salt16.Parse(Enumerable.Repeat(fill, 16).ToArray()), PasswordCost.Least,
        Secret.CopyOf(Enumerable.Repeat(fill, 32).ToArray()), Secret.CopyOf(Enumerable.Repeat((byte)(fill + 1), 32).ToArray()));

    private protected static InvitationRecord Invitation(byte fill, UserName? user = null) => new(
        new InvitationId(Enumerable.Repeat(fill, 16).ToArray()), Enumerable.Repeat(fill, 32).ToArray(), user ?? Alice,
        Times.Start.AddDays(7), Times.Start, Bob);

    private protected static AppendedEntry Entry(string author, ulong seq, string text) => new(
        Device(author), seq, new EntryHash(Hash("hash " + text)), Hash("root " + text), System.Text.Encoding.UTF8.GetBytes(text));

    private protected static ConversationAppend Genesis(string conversation, params string[] members) => new(
        Conversation(conversation), 0, [Entry(members[0], 1, conversation + " genesis")],
        [.. members.Select(static member => new MembershipChange(Device(member), true, 0))], System.Text.Encoding.UTF8.GetBytes("snapshot"));

    private protected static ConversationAppend Next(string conversation, ulong from, params AppendedEntry[] entries) =>
        new(Conversation(conversation), from, entries, [], null);
}
