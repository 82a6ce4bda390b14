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

    /// <summary>Changes what is stored behind the store's back.</summary>
    protected abstract Task ExecuteAsync(string sql);

    /// <summary>Lets a column take bytes of any length, where the database would not.</summary>
    protected abstract Task LoosenAsync(string table, string column);

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

    private protected static Hash32 Hash(string text) => StoreData.Hash(text);

    private protected static DeviceId Device(string text) => StoreData.Device(text);

    private protected static ConversationId Conversation(string text) => StoreData.Conversation(text);

    private protected static UserName Alice => StoreData.Alice;

    private protected static UserName Bob => StoreData.Bob;

    private protected static AccountRecord Record(byte fill) => StoreData.Record(fill);

    private protected static InvitationRecord Invitation(byte fill, UserName? user = null) => StoreData.Invitation(fill, user);

    private protected static AppendedEntry Entry(string author, ulong seq, string text) => StoreData.Entry(author, seq, text);

    private protected static ConversationAppend Genesis(string conversation, params string[] members) => StoreData.Genesis(conversation, members);

    private protected static ConversationAppend Next(string conversation, ulong from, params AppendedEntry[] entries) => StoreData.Next(conversation, from, entries);
}
