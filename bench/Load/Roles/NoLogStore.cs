using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Server;

namespace Countersign.Load;

/// <summary>The real store, but for entries from a given position on, which it forgets at once: what a server without a transcript log
/// would do. Only the load generator has it, and only rooms whose members write against an early head can use it.</summary>
internal sealed class NoLogStore(IServerStore store, ulong kept) : IServerStore
{
    public Task AppendAsync(IReadOnlyList<ConversationAppend> appends) =>
        appends.Any(append => append.From < kept) ? store.AppendAsync(appends) : Task.CompletedTask;

    public Task<ConversationRecord?> FindConversationAsync(ConversationId conversation) => store.FindConversationAsync(conversation);
    public Task<IReadOnlyList<StoredConversation>> ConversationsAsync(long from, int limit) => store.ConversationsAsync(from, limit);
    public Task<IReadOnlyList<ReadOnlyMemory<byte>>> ReadEntriesAsync(ConversationId conversation, ulong from, ulong until, int maxBytes) => store.ReadEntriesAsync(conversation, from, until, maxBytes);
    public Task<IReadOnlyList<Hash32>> SubtreesAsync(ConversationId conversation, IReadOnlyList<ulong> positions) => store.SubtreesAsync(conversation, positions);
    public Task<PlacedEntry?> FindEntryAsync(ConversationId conversation, DeviceId author, ulong seq) => store.FindEntryAsync(conversation, author, seq);
    public Task<IReadOnlyList<(ulong Seq, PlacedEntry Entry)>> FindEntriesAsync(ConversationId conversation, DeviceId author, IReadOnlyCollection<ulong> seqs) => store.FindEntriesAsync(conversation, author, seqs);
    public Task<MembershipSpan?> FindMembershipAsync(ConversationId conversation, DeviceId device) => store.FindMembershipAsync(conversation, device);
    public Task<IReadOnlyList<DeviceId>> MembersAsync(ConversationId conversation) => store.MembersAsync(conversation);
    public Task<IReadOnlyList<ConversationSize>> ConversationsOfAsync(DeviceId device, ConversationId? after, int limit) => store.ConversationsOfAsync(device, after, limit);
    public Task<int> ConversationsFoundedAsync(UserName user, int limit) => store.ConversationsFoundedAsync(user, limit);
    public Task<IReadOnlyList<ConversationSize>> HeldAsync(int limit) => store.HeldAsync(limit);
    public Task<int> ReleaseAsync(ConversationId? conversation) => store.ReleaseAsync(conversation);
    public Task<ReceiptOutcome> PutReceiptAsync(ReceiptRecord receipt) => store.PutReceiptAsync(receipt);
    public Task<IReadOnlyList<ReceiptRecord>> ReceiptsAsync(ConversationId conversation, DeviceId? after, ulong? until, int devices) => store.ReceiptsAsync(conversation, after, until, devices);
    public Task<IReadOnlyList<StoredConversation>> UnstampedAsync(long after, int limit) => store.UnstampedAsync(after, limit);
    public Task PutStampsAsync(IReadOnlyList<SignedHead> heads, TimeStampToken token) => store.PutStampsAsync(heads, token);
    public Task<IReadOnlyList<StampedHead>> StampsAsync(ConversationId conversation, ulong from, ulong until, int limit) => store.StampsAsync(conversation, from, until, limit);
    public Task<Account?> FindAccountAsync(UserName user) => store.FindAccountAsync(user);
    public Task<AccountRecord?> FindAccountRecordAsync(UserName user) => store.FindAccountRecordAsync(user);
    public Task<IReadOnlyList<Account>> AccountsAsync() => store.AccountsAsync();
    public Task<Account?> RegisterAsync(UserName user, AccountRecord record, UserName operatorUser, DateTimeOffset at) => store.RegisterAsync(user, record, operatorUser, at);
    public Task<ReplaceOutcome> ReplaceAccountRecordAsync(UserName user, AccountRecord expected, AccountRecord replacement) => store.ReplaceAccountRecordAsync(user, expected, replacement);
    public Task<Account?> ResetAccountAsync(UserName user, DateTimeOffset at) => store.ResetAccountAsync(user, at);
    public Task<IReadOnlyList<(UserName User, long Bytes)>> StorageAsync() => store.StorageAsync();
    public Task<IReadOnlyList<(PasswordCost Cost, long Accounts)>> PasswordCostsAsync() => store.PasswordCostsAsync();
    public Task<StorageOutcome> TakeStorageAsync(UserName user, long bytes, long limit) => store.TakeStorageAsync(user, bytes, limit);
    public Task RecordLoginFailureAsync(UserName user, PeerAddress address, DateTimeOffset at, DateTimeOffset forget) => store.RecordLoginFailureAsync(user, address, at, forget);
    public Task<LoginFailures> LoginFailuresAsync(UserName user, PeerAddress address, DateTimeOffset since) => store.LoginFailuresAsync(user, address, since);
    public Task CreateInvitationAsync(InvitationRecord invitation) => store.CreateInvitationAsync(invitation);
    public Task<InvitationRecord?> FindInvitationAsync(InvitationId id) => store.FindInvitationAsync(id);
    public Task<IReadOnlyList<InvitationRecord>> InvitationsAsync(int limit) => store.InvitationsAsync(limit);
    public Task<InvitationRecord?> RevokeInvitationAsync(InvitationId id, DateTimeOffset at) => store.RevokeInvitationAsync(id, at);
    public Task<InvitationRecord> RedeemInvitationAsync(InvitationId id, Hash32 keyHash, DeviceRecord device, DateTimeOffset at) => store.RedeemInvitationAsync(id, keyHash, device, at);
    public Task AddDeviceAsync(DeviceRecord device) => store.AddDeviceAsync(device);
    public Task<IReadOnlyList<DeviceRecord>> FindDevicesAsync(IReadOnlyCollection<DeviceId> devices) => store.FindDevicesAsync(devices);
    public Task<IReadOnlyList<DeviceId>> KnownDevicesAsync(IReadOnlyCollection<DeviceId> devices) => store.KnownDevicesAsync(devices);
    public Task<IReadOnlyList<DeviceRecord>> DevicesOfAsync(UserName user, int limit) => store.DevicesOfAsync(user, limit);
    public Task<RevocationRequest> RequestRevocationAsync(RevocationRequest request) => store.RequestRevocationAsync(request);
    public Task<IReadOnlyList<AskedRevocation>> OpenRevocationsAsync(int skip, int limit) => store.OpenRevocationsAsync(skip, limit);
    public Task<IReadOnlyList<AskedRevocation>> DoneRevocationsAsync(int skip, int limit) => store.DoneRevocationsAsync(skip, limit);
    public Task<IReadOnlyList<AskedRevocation>> SetAsideRevocationsAsync(int skip, int limit) => store.SetAsideRevocationsAsync(skip, limit);
    public Task SetRevocationAsideAsync(DeviceId device) => store.SetRevocationAsideAsync(device);
    public Task CompleteRevocationAsync(RevocationRequest done, DateTimeOffset revokedAt) => store.CompleteRevocationAsync(done, revokedAt);
    public Task<int> PutPrekeysAsync(DeviceId device, IReadOnlyList<PrekeyRecord> prekeys, int limit) => store.PutPrekeysAsync(device, prekeys, limit);
    public Task<IReadOnlyList<ReadOnlyMemory<byte>?>> TakePrekeysAsync(IReadOnlyList<DeviceId> devices) => store.TakePrekeysAsync(devices);
    public Task<IReadOnlyList<ReadOnlyMemory<byte>?>> LastResortPrekeysAsync(IReadOnlyList<DeviceId> devices) => store.LastResortPrekeysAsync(devices);
    public Task<int> OneTimePrekeysAsync(DeviceId device) => store.OneTimePrekeysAsync(device);
    public Task<Secret> ServerSecretAsync() => store.ServerSecretAsync();
    public Task RecordSecurityEventAsync(SecurityEvent happened) => store.RecordSecurityEventAsync(happened);
    public Task<IReadOnlyList<SecurityEvent>> SecurityEventsAsync(int limit) => store.SecurityEventsAsync(limit);
    public Task<DateTimeOffset?> FindMarkAsync(StoreMark mark) => store.FindMarkAsync(mark);
    public Task ReserveTimeAsync(DateTimeOffset until) => store.ReserveTimeAsync(until);
    public Task KeepOwnChainAsync(CertificateChain own) => store.KeepOwnChainAsync(own);
    public Task<IReadOnlyList<CertificateChain?>> OwnChainsAsync() => store.OwnChainsAsync();
    public Task CheckAsync() => store.CheckAsync();
    public ValueTask DisposeAsync() => store.DisposeAsync();
}
