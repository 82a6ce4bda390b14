using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Server;

/// <summary>Everything a server keeps. One store serves one running server; other processes may administer it meanwhile.</summary>
/// <remarks>
/// <para><b>Durable.</b> When the task of a method that writes completes, its effect survives the end of the process, of the
/// operating system and of the power. Before that nothing may be told to anyone (TR-03).</para>
/// <para><b>Atomic.</b> Each call happens completely or not at all, also across several conversations or devices; no reader
/// ever sees a part of it. Calls that wait together may share one commit, which no caller can notice except by time.</para>
/// <para><b>Concurrent callers.</b> Every method may be called from any thread at any time. A read sees at least every write
/// whose task had completed before the read began. Writes of one caller take effect in the order of their completion;
/// of two writes at once either may be first, and what must be unique (an account, a redeemed invitation, a prekey's
/// handing-out, a position, an author's seq) is decided in the database, not in memory.</para>
/// <para><b>Failure.</b> <see cref="StoreException"/> with <see cref="StoreFault.Conflict"/> means that nothing persisted;
/// with <see cref="StoreFault.Unavailable"/> the write may or may not have persisted, and later calls may work again;
/// with <see cref="StoreFault.Damaged"/> what is stored is nothing that this program wrote. A store never retries by itself.</para>
/// <para><b>Trust.</b> A store neither checks signatures nor grants anything: its callers verify first. Times are whole
/// milliseconds and come from the caller.</para>
/// </remarks>
public interface IServerStore : IAccountStore, IEnrolmentStore, ITranscriptStore, IStampStore, IAsyncDisposable
{
    /// <summary>32 random bytes of this server, made by the first call ever and the same for ever (AC-03). The caller owns the copy.</summary>
    Task<Secret> ServerSecretAsync();

    /// <summary>Adds to the record of things an operator must look at.</summary>
    Task RecordSecurityEventAsync(SecurityEvent happened);

    /// <summary>The newest events, newest first, at most <paramref name="limit"/>.</summary>
    Task<IReadOnlyList<SecurityEvent>> SecurityEventsAsync(int limit);

    /// <summary>When the mark was set; null if it is not.</summary>
    Task<DateTimeOffset?> FindMarkAsync(StoreMark mark);

    /// <summary>Sets the mark Signed to this time, unless it is at a later one.</summary>
    Task ReserveTimeAsync(DateTimeOffset until);

    /// <summary>Keeps a certificate that is or was the server's own, leaf first, without the root (RC-02); one that is kept already stays as it is.</summary>
    Task KeepOwnChainAsync(CertificateChain own);

    /// <summary>All that are kept so, in any order; null for what is none that was written here.</summary>
    Task<IReadOnlyList<CertificateChain?>> OwnChainsAsync();

    /// <summary>Completes when a small read has worked: for /healthz.</summary>
    Task CheckAsync();
}

/// <summary>Accounts and their wrong logins. The contract's general part is on <see cref="IServerStore"/>.</summary>
public interface IAccountStore
{
    Task<Account?> FindAccountAsync(UserName user);

    /// <summary>What the user's password is checked against, or null; the caller disposes it.</summary>
    Task<AccountRecord?> FindAccountRecordAsync(UserName user);

    /// <summary>Each cost that a record has, with the number of accounts.</summary>
    Task<IReadOnlyList<(PasswordCost Cost, long Accounts)>> PasswordCostsAsync();

    /// <summary>All accounts in order of their names: for administration.</summary>
    Task<IReadOnlyList<Account>> AccountsAsync();

    /// <summary>Creates the account if the user has none (AC-02); the first account whose user is not <paramref name="operatorUser"/>
    /// becomes an administrator (SE-06).</summary>
    /// <returns>The new account; null if the user had one already that was not reset: nothing was changed. One that was reset stays an administrator's.</returns>
    Task<Account?> RegisterAsync(UserName user, AccountRecord record, UserName operatorUser, DateTimeOffset at);

    /// <summary>Replaces the record if it still equals <paramref name="expected"/>; of two changes at once only one succeeds.</summary>
    Task<ReplaceOutcome> ReplaceAccountRecordAsync(UserName user, AccountRecord expected, AccountRecord replacement);

    /// <summary>Forgets what the user's password is checked against: there is no record until the user registers again (AC-08).</summary>
    /// <returns>The account as it is afterwards; null if the user has none.</returns>
    Task<Account?> ResetAccountAsync(UserName user, DateTimeOffset at);

    /// <summary>Counts <paramref name="bytes"/> more as taken by the user's entries, unless that would be more than <paramref name="limit"/>.</summary>
    Task<StorageOutcome> TakeStorageAsync(UserName user, long bytes, long limit);

    /// <summary>What is counted so, in bytes, of each user who has stored anything: for administration.</summary>
    Task<IReadOnlyList<(UserName User, long Bytes)>> StorageAsync();

    /// <summary>Counts one wrong login for the user, known or not, and for the address. Failures before <paramref name="forget"/> are
    /// deleted.</summary>
    Task RecordLoginFailureAsync(UserName user, PeerAddress address, DateTimeOffset at, DateTimeOffset forget);

    /// <summary>Wrong logins of the user and, separately, of the address since <paramref name="since"/>.</summary>
    Task<LoginFailures> LoginFailuresAsync(UserName user, PeerAddress address, DateTimeOffset since);
}

/// <summary>Invitations, devices and prekeys. The contract's general part is on <see cref="IServerStore"/>.</summary>
public interface IEnrolmentStore
{
    /// <exception cref="StoreException">Conflict: the id exists.</exception>
    Task CreateInvitationAsync(InvitationRecord invitation);

    Task<InvitationRecord?> FindInvitationAsync(InvitationId id);

    /// <summary>Invitations by expiry, the latest first, at most <paramref name="limit"/>.</summary>
    Task<IReadOnlyList<InvitationRecord>> InvitationsAsync(int limit);

    /// <summary>Marks the invitation as revoked, unless it is used or unknown.</summary>
    /// <returns>The invitation as it is afterwards; null if unknown.</returns>
    Task<InvitationRecord?> RevokeInvitationAsync(InvitationId id, DateTimeOffset at);

    /// <summary>Binds the invitation to one key and stores the device certified for it, together (IN-03). Of two calls for one
    /// invitation the first wins; the second learns what the first stored.</summary>
    /// <returns>The invitation as it is afterwards: its Device is the caller's exactly if the caller has won, or came again with
    /// the same key and certificate.</returns>
    Task<InvitationRecord> RedeemInvitationAsync(InvitationId id, Hash32 keyHash, DeviceRecord device, DateTimeOffset at);

    /// <summary>Stores a device; one that is stored already stays as it is.</summary>
    Task AddDeviceAsync(DeviceRecord device);

    /// <summary>The known ones among <paramref name="devices"/>, in any order.</summary>
    Task<IReadOnlyList<DeviceRecord>> FindDevicesAsync(IReadOnlyCollection<DeviceId> devices);

    /// <summary>Which of <paramref name="devices"/> are stored, in any order; their certificates are not read.</summary>
    Task<IReadOnlyList<DeviceId>> KnownDevicesAsync(IReadOnlyCollection<DeviceId> devices);

    /// <summary>All devices of a user, the newest enrolment first, at most <paramref name="limit"/>.</summary>
    Task<IReadOnlyList<DeviceRecord>> DevicesOfAsync(UserName user, int limit);

    /// <summary>Keeps a wish to revoke, which is open until it is done or set aside. A later one for the same device is open again, and says what
    /// both say against its key (CE-15); one that cannot be read says nothing. As of when the device was revoked first stays.</summary>
    /// <returns>The wish that is open now.</returns>
    Task<RevocationRequest> RequestRevocationAsync(RevocationRequest request);

    /// <summary>The wishes that are open, oldest first, without the first <paramref name="skip"/>, at most <paramref name="limit"/>; also
    /// those that cannot be read, which take nothing from the others.</summary>
    Task<IReadOnlyList<AskedRevocation>> OpenRevocationsAsync(int skip, int limit);

    /// <summary>The wishes that are done, oldest first, without the first <paramref name="skip"/>, at most <paramref name="limit"/>; also those
    /// that cannot be read.</summary>
    Task<IReadOnlyList<AskedRevocation>> DoneRevocationsAsync(int skip, int limit);

    /// <summary>The wishes that are set aside, in the same way.</summary>
    Task<IReadOnlyList<AskedRevocation>> SetAsideRevocationsAsync(int skip, int limit);

    /// <summary>Marks a wish as done: the issuing CA's list says it. One that says more by now stays open.</summary>
    /// <param name="done">The wish.</param>
    /// <param name="revokedAt">What the list says; it is kept if the device was not revoked before.</param>
    Task CompleteRevocationAsync(RevocationRequest done, DateTimeOffset revokedAt);

    /// <summary>A wish, open or done, that no CA here can carry out is neither from now on, until it is made again (CE-16).</summary>
    Task SetRevocationAsideAsync(DeviceId device);

    /// <summary>Stores prekeys. A one-time key that was ever stored before, handed out or not, is ignored (SE-08); those above
    /// <paramref name="limit"/> are dropped; a last-resort key replaces the last one, of which nothing stays: nothing here names it, and a device
    /// may replace its own as often as it likes.</summary>
    /// <returns>The number of one-time keys the device has now.</returns>
    Task<int> PutPrekeysAsync(DeviceId device, IReadOnlyList<PrekeyRecord> prekeys, int limit);

    /// <summary>Hands out one prekey for each device, in their order; null where there is none. A one-time prekey that was handed
    /// out is never handed out again, whatever happens to the answer; the last-resort key comes only when no other is left.</summary>
    Task<IReadOnlyList<ReadOnlyMemory<byte>?>> TakePrekeysAsync(IReadOnlyList<DeviceId> devices);

    /// <summary>The last-resort key of each device, in their order; null where there is none. Nothing is used up.</summary>
    Task<IReadOnlyList<ReadOnlyMemory<byte>?>> LastResortPrekeysAsync(IReadOnlyList<DeviceId> devices);

    Task<int> OneTimePrekeysAsync(DeviceId device);
}

/// <summary>Conversations, entries, memberships and receipts. The contract's general part is on <see cref="IServerStore"/>.</summary>
public interface ITranscriptStore
{
    /// <summary>Appends entries to one or more conversations, with the changed memberships and snapshots: all of it or nothing.</summary>
    /// <exception cref="StoreException">Conflict: a conversation does not have the size the caller believes, exists already, or an author's
    /// seq is taken. Nothing persisted.</exception>
    Task AppendAsync(IReadOnlyList<ConversationAppend> appends);

    /// <summary>Size, root and newest snapshot; null for an unknown conversation.</summary>
    Task<ConversationRecord?> FindConversationAsync(ConversationId conversation);

    /// <summary>All conversations, ascending by number, from the number <paramref name="from"/> on, at most <paramref name="limit"/>: for
    /// inspection; also those that cannot be read, which take nothing from the others.</summary>
    Task<IReadOnlyList<StoredConversation>> ConversationsAsync(long from, int limit);

    /// <summary>Entries from position <paramref name="from"/> to before <paramref name="until"/>, in order, as many as fit in
    /// <paramref name="maxBytes"/> but at least one if there is one.</summary>
    Task<IReadOnlyList<ReadOnlyMemory<byte>>> ReadEntriesAsync(ConversationId conversation, ulong from, ulong until, int maxBytes);

    /// <summary>What is stored with the entries at <paramref name="positions"/>, which ascend: the largest complete subtree that ends with
    /// each (<see cref="MerkleFrontier.Ends"/>). Shorter where an entry is missing: it and all after it.</summary>
    Task<IReadOnlyList<Hash32>> SubtreesAsync(ConversationId conversation, IReadOnlyList<ulong> positions);

    /// <summary>Where the author's entry with this seq stands; null if there is none.</summary>
    Task<PlacedEntry?> FindEntryAsync(ConversationId conversation, DeviceId author, ulong seq);

    /// <summary>Where those of the author's entries with these seqs stand that are there, in any order.</summary>
    Task<IReadOnlyList<(ulong Seq, PlacedEntry Entry)>> FindEntriesAsync(ConversationId conversation, DeviceId author, IReadOnlyCollection<ulong> seqs);

    /// <summary>From when and until when the device is or was a member; null if it never was.</summary>
    Task<MembershipSpan?> FindMembershipAsync(ConversationId conversation, DeviceId device);

    /// <summary>Devices that are members now.</summary>
    Task<IReadOnlyList<DeviceId>> MembersAsync(ConversationId conversation);

    /// <summary>The conversations that the device is or was a member of, ascending by id, after <paramref name="after"/>, at most
    /// <paramref name="limit"/>; with the size up to which the device sees each (SE-03).</summary>
    Task<IReadOnlyList<ConversationSize>> ConversationsOfAsync(DeviceId device, ConversationId? after, int limit);

    /// <summary>How many conversations begin with an entry by one of the user's devices; at most <paramref name="limit"/>.</summary>
    Task<int> ConversationsFoundedAsync(UserName user, int limit);

    /// <summary>The conversations that are held (TR-04), ascending by id, at most <paramref name="limit"/>, with their sizes: for administration.</summary>
    Task<IReadOnlyList<ConversationSize>> HeldAsync(int limit);

    /// <summary>Ends the holding of one conversation; or, for null, of all, and the marks Restored (TR-04) and Signed (RC-10) with it.</summary>
    /// <returns>How many were held.</returns>
    Task<int> ReleaseAsync(ConversationId? conversation);

    /// <summary>Keeps the receipt if it is the device's first of its kind there or covers more than the one held (RC-05).</summary>
    Task<ReceiptOutcome> PutReceiptAsync(ReceiptRecord receipt);

    /// <summary>The newest receipt of each kind, if it covers at most <paramref name="until"/> entries (null: however many), of the devices
    /// after <paramref name="after"/>, ascending by device, of at most <paramref name="devices"/> devices that have such a one: fewer are there
    /// only if no more follow.</summary>
    Task<IReadOnlyList<ReceiptRecord>> ReceiptsAsync(ConversationId conversation, DeviceId? after, ulong? until, int devices);
}

/// <summary>Stamped heads (SPEC 8.1). The contract's general part is on <see cref="IServerStore"/>.</summary>
public interface IStampStore
{
    /// <summary>The conversations that have grown since their last stamp, ascending by number (from 1), after <paramref name="after"/>, at most
    /// <paramref name="limit"/>; also those that cannot be read, which take nothing from the others.</summary>
    Task<IReadOnlyList<StoredConversation>> UnstampedAsync(long after, int limit);

    /// <summary>Keeps heads of one batch with the token over it. A head no larger than its conversation's last stamped one is passed over.</summary>
    Task PutStampsAsync(IReadOnlyList<SignedHead> heads, TimeStampToken token);

    /// <summary>Stamped heads of sizes from <paramref name="from"/> to <paramref name="until"/>, both included, ascending by size, at most
    /// <paramref name="limit"/>.</summary>
    Task<IReadOnlyList<StampedHead>> StampsAsync(ConversationId conversation, ulong from, ulong until, int limit);
}
