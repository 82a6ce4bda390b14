using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Server.Tests;

/// <summary>A real store whose appends fail on demand, before they persist or after, or wait, and that is away for what the server does
/// of its own accord; its transcripts may be elsewhere.</summary>
internal sealed class FailingStore(IServerStore inner, ITranscriptStore? transcripts = null) : IServerStore
{
    private readonly ITranscriptStore _transcripts = transcripts ?? inner;

    public bool Fails { get; set; }

    public bool FailsAfterwards { get; set; }

    /// <summary>No append with this conversation is taken.</summary>
    public ConversationId? Poison { get; set; }

    /// <summary>What somebody waits for, once, who asks for a conversation.</summary>
    public Func<Task>? Meanwhile { get; set; }

    /// <summary>What appends meet that no store should throw.</summary>
    public Exception? Bug { get; set; }

    /// <summary>What whoever reads a mark meets.</summary>
    public Exception? MarksFault { get; init; }

    /// <summary>What whoever asks for the server's secret meets.</summary>
    public Exception? SecretFault { get; init; }

    /// <summary>Called before it is closed.</summary>
    public Action Closing { get; init; } = static () => { };

    /// <summary>A device that has logged in cannot be prepared for.</summary>
    public bool FailsToPrepare { get; set; }

    /// <summary>What meets whoever asks what is to be revoked, and no store should throw.</summary>
    public Exception? BugOfRevocations { get; set; }

    private int _ofTheStart = 1; // a server asks what is to be revoked once before its services begin

    /// <summary>What the service that asks what is to be revoked waits for.</summary>
    public Task GateOfRevocations { get; set; } = Task.CompletedTask;

    /// <summary>The service has asked what is to be revoked.</summary>
    public ManualResetEventSlim RevocationsAsked { get; } = new();

    public bool IsClosed { get; private set; }

    /// <summary>No conversation can be read.</summary>
    public bool FailsToFind { get; set; }

    /// <summary>How often one was asked for in vain.</summary>
    public int TimesNotFound { get; private set; }

    /// <summary>A user's bytes cannot be counted.</summary>
    public bool FailsToCount { get; set; }

    /// <summary>What whoever asks whom to push to, or what is to be stamped, meets instead of an answer.</summary>
    public Exception? Away { get; set; }

    /// <summary>How often it was met.</summary>
    public int TimesAway { get; private set; }

    /// <summary>The last receipt that was put here, as it was given.</summary>
    public ReceiptRecord? LastReceipt { get; private set; }

    /// <summary>What appends wait for.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>Called when an append begins, with the number of its conversations.</summary>
    public Action<int> Appending { get; set; } = static _ => { };

    /// <summary>It does not even say that it is there.</summary>
    public bool FailsToAnswer { get; set; }

    public async Task AppendAsync(IReadOnlyList<ConversationAppend> appends)
    {
        Appending(appends.Count);
        if (Fails)
            throw new StoreException(StoreFault.Unavailable, "append");
        if (Bug is not null)
            throw Bug;
        await Gate;
        if (Poison is { } poison && appends.Any(append => append.Conversation == poison))
            throw new StoreException(StoreFault.Unavailable, "poison");
        await _transcripts.AppendAsync(appends);
        if (FailsAfterwards)
            throw new StoreException(StoreFault.Unavailable, "append");
    }

    public Task<Secret> ServerSecretAsync() => SecretFault is null ? inner.ServerSecretAsync() : Task.FromException<Secret>(SecretFault);
    public Task RecordSecurityEventAsync(SecurityEvent happened) => inner.RecordSecurityEventAsync(happened);
    public Task<IReadOnlyList<SecurityEvent>> SecurityEventsAsync(int limit) => inner.SecurityEventsAsync(limit);
    public Task<DateTimeOffset?> FindMarkAsync(StoreMark mark) => MarksFault is null ? inner.FindMarkAsync(mark) : Task.FromException<DateTimeOffset?>(MarksFault);
    public Task<IReadOnlyList<ConversationSize>> HeldAsync(int limit) => inner.HeldAsync(limit);
    public Task<int> ReleaseAsync(ConversationId? conversation) => inner.ReleaseAsync(conversation);
    public Task ReserveTimeAsync(DateTimeOffset until) => inner.ReserveTimeAsync(until);
    public Task KeepOwnChainAsync(CertificateChain own) => inner.KeepOwnChainAsync(own);
    public Task<IReadOnlyList<CertificateChain?>> OwnChainsAsync() => inner.OwnChainsAsync();
    public Task CheckAsync() => FailsToAnswer ? Task.FromException(new StoreException(StoreFault.Unavailable, "check")) : inner.CheckAsync();
    public Task<Account?> FindAccountAsync(UserName user) => inner.FindAccountAsync(user);
    public Task<AccountRecord?> FindAccountRecordAsync(UserName user) => inner.FindAccountRecordAsync(user);
    public Task<IReadOnlyList<(PasswordCost Cost, long Accounts)>> PasswordCostsAsync() => inner.PasswordCostsAsync();
    public Task<IReadOnlyList<Account>> AccountsAsync() => inner.AccountsAsync();
    public Task<Account?> RegisterAsync(UserName user, AccountRecord record, UserName operatorUser, DateTimeOffset at) => inner.RegisterAsync(user, record, operatorUser, at);
    public Task<ReplaceOutcome> ReplaceAccountRecordAsync(UserName user, AccountRecord expected, AccountRecord replacement) => inner.ReplaceAccountRecordAsync(user, expected, replacement);
    public Task<Account?> ResetAccountAsync(UserName user, DateTimeOffset at) => inner.ResetAccountAsync(user, at);
    public Task<IReadOnlyList<(UserName User, long Bytes)>> StorageAsync() => inner.StorageAsync();
    public Task RecordLoginFailureAsync(UserName user, PeerAddress address, DateTimeOffset at, DateTimeOffset forget) => inner.RecordLoginFailureAsync(user, address, at, forget);
    public Task<LoginFailures> LoginFailuresAsync(UserName user, PeerAddress address, DateTimeOffset since) => inner.LoginFailuresAsync(user, address, since);
    public Task<StorageOutcome> TakeStorageAsync(UserName user, long bytes, long limit) => FailsToCount
        ? Task.FromException<StorageOutcome>(new StoreException(StoreFault.Unavailable, "count"))
        : inner.TakeStorageAsync(user, bytes, limit);
    public Task CreateInvitationAsync(InvitationRecord invitation) => inner.CreateInvitationAsync(invitation);
    public Task<InvitationRecord?> FindInvitationAsync(InvitationId id) => inner.FindInvitationAsync(id);
    public Task<IReadOnlyList<InvitationRecord>> InvitationsAsync(int limit) => inner.InvitationsAsync(limit);
    public Task<InvitationRecord?> RevokeInvitationAsync(InvitationId id, DateTimeOffset at) => inner.RevokeInvitationAsync(id, at);
    public Task<InvitationRecord> RedeemInvitationAsync(InvitationId id, Hash32 keyHash, DeviceRecord device, DateTimeOffset at) => inner.RedeemInvitationAsync(id, keyHash, device, at);
    public Task AddDeviceAsync(DeviceRecord device) => inner.AddDeviceAsync(device);
    public Task<IReadOnlyList<DeviceRecord>> FindDevicesAsync(IReadOnlyCollection<DeviceId> devices) => inner.FindDevicesAsync(devices);
    public Task<IReadOnlyList<DeviceId>> KnownDevicesAsync(IReadOnlyCollection<DeviceId> devices) => inner.KnownDevicesAsync(devices);
    public Task<IReadOnlyList<DeviceRecord>> DevicesOfAsync(UserName user, int limit) => inner.DevicesOfAsync(user, limit);
    public Task<RevocationRequest> RequestRevocationAsync(RevocationRequest request) => inner.RequestRevocationAsync(request);
    public async Task<IReadOnlyList<AskedRevocation>> OpenRevocationsAsync(int skip, int limit)
    {
        if (Interlocked.Decrement(ref _ofTheStart) >= 0)
            return await inner.OpenRevocationsAsync(skip, limit);
        RevocationsAsked.Set();
        await GateOfRevocations;
        return await (BugOfRevocations is { } bug ? Task.FromException<IReadOnlyList<AskedRevocation>>(bug) : inner.OpenRevocationsAsync(skip, limit));
    }

    /// <summary>Completes after a whole round of the server's maintenance.</summary>
    public async Task RoundAsync()
    {
        for (var begun = 0; begun < 2; begun++)
        {
            RevocationsAsked.Reset();
            await Eventually.True(() => RevocationsAsked.IsSet, "a round begins");
        }
    }

    public Task<IReadOnlyList<AskedRevocation>> DoneRevocationsAsync(int skip, int limit) => inner.DoneRevocationsAsync(skip, limit);
    public Task<IReadOnlyList<AskedRevocation>> SetAsideRevocationsAsync(int skip, int limit) => inner.SetAsideRevocationsAsync(skip, limit);
    public Task SetRevocationAsideAsync(DeviceId device) => inner.SetRevocationAsideAsync(device);
    public Task CompleteRevocationAsync(RevocationRequest done, DateTimeOffset revokedAt) => inner.CompleteRevocationAsync(done, revokedAt);
    public Task<int> PutPrekeysAsync(DeviceId device, IReadOnlyList<PrekeyRecord> prekeys, int limit) => inner.PutPrekeysAsync(device, prekeys, limit);
    public Task<IReadOnlyList<ReadOnlyMemory<byte>?>> TakePrekeysAsync(IReadOnlyList<DeviceId> devices) => inner.TakePrekeysAsync(devices);
    public Task<IReadOnlyList<ReadOnlyMemory<byte>?>> LastResortPrekeysAsync(IReadOnlyList<DeviceId> devices) => inner.LastResortPrekeysAsync(devices);
    public Task<int> OneTimePrekeysAsync(DeviceId device) => FailsToPrepare
        ? Task.FromException<int>(new StoreException(StoreFault.Unavailable, "prekeys"))
        : inner.OneTimePrekeysAsync(device);
    public async Task<ConversationRecord?> FindConversationAsync(ConversationId conversation)
    {
        if (Meanwhile is { } meanwhile)
        {
            Meanwhile = null;
            await meanwhile();
        }
        if (!FailsToFind)
            return await _transcripts.FindConversationAsync(conversation);
        TimesNotFound++;
        throw new StoreException(StoreFault.Unavailable, "find");
    }

    public Task<IReadOnlyList<ReadOnlyMemory<byte>>> ReadEntriesAsync(ConversationId conversation, ulong from, ulong until, int maxBytes) => _transcripts.ReadEntriesAsync(conversation, from, until, maxBytes);
    public Task<IReadOnlyList<StoredConversation>> ConversationsAsync(long from, int limit) => _transcripts.ConversationsAsync(from, limit);
    public Task<IReadOnlyList<Hash32>> SubtreesAsync(ConversationId conversation, IReadOnlyList<ulong> positions) => _transcripts.SubtreesAsync(conversation, positions);
    public Task<PlacedEntry?> FindEntryAsync(ConversationId conversation, DeviceId author, ulong seq) => _transcripts.FindEntryAsync(conversation, author, seq);
    public Task<IReadOnlyList<(ulong Seq, PlacedEntry Entry)>> FindEntriesAsync(ConversationId conversation, DeviceId author, IReadOnlyCollection<ulong> seqs) => _transcripts.FindEntriesAsync(conversation, author, seqs);
    public Task<MembershipSpan?> FindMembershipAsync(ConversationId conversation, DeviceId device) => _transcripts.FindMembershipAsync(conversation, device);
    public Task<IReadOnlyList<DeviceId>> MembersAsync(ConversationId conversation) => UnlessAway(() => _transcripts.MembersAsync(conversation));
    public Task<IReadOnlyList<ConversationSize>> ConversationsOfAsync(DeviceId device, ConversationId? after, int limit) => _transcripts.ConversationsOfAsync(device, after, limit);
    public Task<int> ConversationsFoundedAsync(UserName user, int limit) => _transcripts.ConversationsFoundedAsync(user, limit);
    public Task<ReceiptOutcome> PutReceiptAsync(ReceiptRecord receipt) => _transcripts.PutReceiptAsync(LastReceipt = receipt);
    public Task<IReadOnlyList<ReceiptRecord>> ReceiptsAsync(ConversationId conversation, DeviceId? after, ulong? until, int devices) => _transcripts.ReceiptsAsync(conversation, after, until, devices);
    public Task<IReadOnlyList<StoredConversation>> UnstampedAsync(long after, int limit) => UnlessAway(() => inner.UnstampedAsync(after, limit));
    public Task PutStampsAsync(IReadOnlyList<SignedHead> heads, TimeStampToken token) => inner.PutStampsAsync(heads, token);
    public Task<IReadOnlyList<StampedHead>> StampsAsync(ConversationId conversation, ulong from, ulong until, int limit) => inner.StampsAsync(conversation, from, until, limit);
    public ValueTask DisposeAsync()
    {
        Closing();
        IsClosed = true;
        return inner.DisposeAsync();
    }

    private Task<T> UnlessAway<T>(Func<Task<T>> ask)
    {
        if (Away is not { } met)
            return ask();
        TimesAway++;
        return Task.FromException<T>(met);
    }
}
