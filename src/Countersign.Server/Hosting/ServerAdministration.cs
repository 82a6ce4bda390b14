using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Server;

/// <summary>What an operator does on a server's own directory, without passphrase and whether or not the server runs: the database
/// takes writes from two processes.</summary>
public sealed class ServerAdministration : IAsyncDisposable
{
    /// <summary>Lifetime of an invitation unless something else is said (SPEC section 11).</summary>
    public static readonly TimeSpan DefaultInvitationTime = TimeSpan.FromDays(7);

    private const int ListLimit = 10_000;

    private readonly IServerStore _store;
    private readonly ServerMetrics _metrics;
    private readonly TimeProvider _clock;
    private readonly ServerFiles _files;

    private ServerAdministration(IServerStore store, ServerMetrics metrics, ServerName name, Certificate root, ServerFiles files, TimeProvider clock)
    {
        (_store, _metrics, Name, Root, _files, _clock) = (store, metrics, name, root, files, clock);
        Operator = UserName.TryParse(name.ToString(), out var user) ? user : null;
    }

    public ServerName Name { get; }

    public Certificate Root { get; }

    /// <summary>The operator's user (SPEC 3.2); null if the server's name is none a user can have.</summary>
    public UserName? Operator { get; }

    /// <summary>The same for a server with the embedded store; one that keeps its data elsewhere is refused.</summary>
    public static ServerAdministration Open(string path, TimeProvider clock) =>
        OpenAsync(path, StoreChoice.Sqlite, clock).GetAwaiter().GetResult(); // the embedded store opens without waiting

    /// <summary>A server that has no store yet gets one, as it would at its first start.</summary>
    /// <param name="path">The server's directory.</param>
    /// <param name="choice">Where its data is.</param>
    /// <param name="clock">For invitations and the like.</param>
    /// <exception cref="Authority.AuthorityException">There is no installed server in this directory.</exception>
    /// <exception cref="StoreException">The database cannot be opened.</exception>
    public static Task<ServerAdministration> OpenAsync(string path, StoreChoice choice, TimeProvider clock) =>
        OpenAsync(path, clock, (files, metrics) => ServerStores.OpenAsync(files, choice, metrics));

    /// <summary>The same for what looks at a store: a server that has none yet gets none.</summary>
    /// <inheritdoc cref="OpenAsync(string, StoreChoice, TimeProvider)"/>
    public static Task<ServerAdministration> OpenMadeAsync(string path, StoreChoice choice, TimeProvider clock) =>
        OpenAsync(path, clock, (files, metrics) => ServerStores.OpenMadeAsync(files, choice, metrics));

    /// <summary>Whether the server has a store already.</summary>
    public static bool IsMade(string path, StoreChoice choice) => ServerStores.IsMade(new ServerFiles(path), choice);

    private static async Task<ServerAdministration> OpenAsync(string path, TimeProvider clock, Func<ServerFiles, ServerMetrics, Task<IServerStore>> open)
    {
        var files = new ServerFiles(path);
        var (name, root) = (files.ReadName(), files.ReadRoot());
        var metrics = new ServerMetrics();
        try
        {
            return new ServerAdministration(await open(files, metrics).ConfigureAwait(false), metrics, name, root, files, clock);
        }
        catch
        {
            metrics.Dispose();
            throw;
        }
    }

    /// <summary>Makes an invitation; the caller owns it and its token, which is stored nowhere.</summary>
    /// <param name="user">Whom the certificate will name: an existing user gets one more device.</param>
    /// <param name="address">host:port where the newcomer reaches the server.</param>
    /// <param name="lifetime">At most 30 days.</param>
    public async Task<Invitation> InviteAsync(UserName user, string address, TimeSpan lifetime)
    {
        var by = Operator ?? user;
        var (record, token) = InvitationRecord.Create(user, by, _clock.GetUtcNow(), lifetime);
        await _store.CreateInvitationAsync(record).ConfigureAwait(false);
        return new Invitation(address, Name, user, Root.Fingerprint, token, record.Expires);
    }

    /// <summary>The newest invitations, those that are used or expired included.</summary>
    public Task<IReadOnlyList<InvitationRecord>> InvitationsAsync() => _store.InvitationsAsync(ListLimit);

    /// <inheritdoc cref="IEnrolmentStore.RevokeInvitationAsync"/>
    public Task<InvitationRecord?> RevokeInvitationAsync(InvitationId id) => _store.RevokeInvitationAsync(id, _clock.GetUtcNow());

    /// <inheritdoc cref="IAccountStore.ResetAccountAsync"/>
    public Task<Account?> ResetAccountAsync(UserName user) => _store.ResetAccountAsync(user, _clock.GetUtcNow());

    public Task<IReadOnlyList<Account>> AccountsAsync() => _store.AccountsAsync();

    public Task<IReadOnlyList<DeviceRecord>> DevicesAsync(UserName user) => _store.DevicesOfAsync(user, ListLimit);

    /// <summary>Everybody with an account, by name, or one user alone.</summary>
    /// <exception cref="Authority.AuthorityException">Damaged: a revocation list cannot be read.</exception>
    public async IAsyncEnumerable<ListedUser> UsersAsync(UserName? only)
    {
        var lists = _files.ReadOwnLists();
        var open = (await _store.OpenRevocationsAsync(0, ListLimit).ConfigureAwait(false)).Select(static asked => asked.Device).ToHashSet();
        var stored = (await _store.StorageAsync().ConfigureAwait(false)).ToDictionary(static one => one.User, static one => one.Bytes);
        var accounts = (await _store.AccountsAsync().ConfigureAwait(false)).OrderBy(static account => account.User).ToList();
        if (only is { } one)
            yield return await ListedAsync(one, accounts.Find(account => account.User == one)).ConfigureAwait(false);
        else
            foreach (var account in accounts)
                yield return await ListedAsync(account.User, account).ConfigureAwait(false);

        async Task<ListedUser> ListedAsync(UserName user, Account? account)
        {
            try
            {
                return new ListedUser(user, account, stored.GetValueOrDefault(user), [.. (await DevicesAsync(user).ConfigureAwait(false)).Select(Listed)]);
            }
            catch (StoreException e) when (e.Fault == StoreFault.Damaged)
            {
                return new ListedUser(user, account, stored.GetValueOrDefault(user), null);
            }
        }

        ListedDevice Listed(DeviceRecord device)
        {
            var issuer = _files.FindIssuer(device.Chain.Leaf);
            var entry = issuer is null ? null : lists.FirstOrDefault(list => list.IsNamedFor(issuer))?.Find(device.Chain.Leaf.Serial);
            return new ListedDevice(
                device, entry is null ? null : new RevocationGrounds(entry.Reason ?? RevocationReason.Unspecified, entry.SuspectSince), open.Contains(device.Device));
        }
    }

    /// <summary>Asks for a device's certificate to be revoked: the server does it within seconds, or when it starts. Asked again, it says what
    /// all of it says against the key.</summary>
    /// <param name="device">A device certified by this server.</param>
    /// <param name="grounds">What stands against its key.</param>
    /// <returns>What is asked for now.</returns>
    /// <exception cref="Authority.AuthorityException">NotFound: another CA has certified the device, and has to revoke it.</exception>
    public async Task<RevocationRequest> RequestRevocationAsync(DeviceId device, RevocationGrounds grounds)
    {
        if (await IsFromElsewhereAsync(device).ConfigureAwait(false))
            throw new Authority.AuthorityException(Authority.AuthorityFault.NotFound);
        return await _store.RequestRevocationAsync(new RevocationRequest(device, grounds, _clock.GetUtcNow())).ConfigureAwait(false);
    }

    // One that cannot be read may be restored from a backup before the request is carried out.
    private async Task<bool> IsFromElsewhereAsync(DeviceId device)
    {
        try
        {
            return await _store.FindDevicesAsync([device]).ConfigureAwait(false) is [var record] && _files.FindIssuer(record.Chain.Leaf) is null;
        }
        catch (StoreException e) when (e.Fault == StoreFault.Damaged)
        {
            return false;
        }
    }

    /// <summary>Conversations of a restored backup that take no new entries yet (TR-04), at most 10,000.</summary>
    public Task<IReadOnlyList<ConversationSize>> HeldAsync() => _store.HeldAsync(ListLimit);

    /// <inheritdoc cref="ITranscriptStore.ReleaseAsync"/>
    public Task<int> ReleaseAsync(ConversationId? conversation) => _store.ReleaseAsync(conversation);

    /// <summary>What an operator must look at, newest first.</summary>
    public Task<IReadOnlyList<SecurityEvent>> SecurityEventsAsync() => _store.SecurityEventsAsync(ListLimit);

    /// <summary>Reads the whole store and names the conversations that were changed.</summary>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public IAsyncEnumerable<DamagedConversation> InspectAsync(CancellationToken cancellation) => new StoreInspection(_store, Root).RunAsync(cancellation);

    /// <summary>The proofs of misconduct that the server keeps.</summary>
    public IReadOnlyList<KeptMisconduct> Misconduct() => KeptMisconduct.In(_files.Misconduct, Root);

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync().ConfigureAwait(false);
        _metrics.Dispose();
    }
}
