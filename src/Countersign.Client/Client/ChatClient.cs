using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>The client: keeps a link to the server while it lives, keeps every conversation of the device up to date and
/// verified, and sends what was written. All methods are thread-safe; reading ones answer from the device's own store.</summary>
public sealed class ChatClient : IAsyncDisposable
{
    private readonly ClientState _state;
    private readonly Writing _writing;
    private readonly Reading _reading;
    private readonly Connection _connection;

    private ChatClient(DeviceProfile profile, ClientSettings settings)
    {
        _state = new ClientState(profile, settings);
        _writing = new Writing(_state);
        _reading = new Reading(_state, _writing);
        _connection = new Connection(_state, _writing);
    }

    /// <summary>Begins to connect, and goes on by itself until it is disposed.</summary>
    /// <param name="profile">Stays the caller's: dispose the client first.</param>
    /// <param name="settings">Clock, costs, delays.</param>
    public static ChatClient Start(DeviceProfile profile, ClientSettings settings)
    {
        var client = new ChatClient(profile, settings);
        client._connection.Begin();
        return client;
    }

    /// <summary>Works on what is stored without any connection until <see cref="Reconnect"/> is called.</summary>
    /// <inheritdoc cref="Start"/>
    public static ChatClient Offline(DeviceProfile profile, ClientSettings settings) => new(profile, settings);

    public DeviceProfile Profile => _state.Profile;

    internal ClientState Parts => _state;

    public ConnectionState State => _connection.State;

    /// <summary>Events from now on; dispose to end the stream.</summary>
    public EventSubscription Subscribe() => _state.Events.Subscribe();

    /// <summary>The warnings from now on and nothing else, so that however many messages come none is dropped for them. Most come once, many of them
    /// while the link is opened: who subscribes before has them all.</summary>
    public EventSubscription SubscribeToWarnings() => _state.Events.Subscribe(warningsAlone: true);

    /// <summary>Tries at once instead of waiting; also after <see cref="ConnectionState.Refused"/>.</summary>
    public void Reconnect() => _connection.Begin();

    /// <summary>Completes when the link is up and all conversations have been caught up with.</summary>
    /// <exception cref="NotConnectedException">The client was refused and does not try again by itself.</exception>
    public Task SynchronisedAsync(CancellationToken cancellation = default)
    {
        var synchronised = _connection.Synchronised;
        return State is ConnectionState.Refused refused ? throw new NotConnectedException(refused.Cause) : synchronised.WaitAsync(cancellation);
    }

    /// <summary>All conversations this device holds, those with the newest entries first.</summary>
    public IReadOnlyList<ConversationSummary> Conversations() => _reading.Summaries();

    /// <exception cref="UnknownConversationException">Not on this device.</exception>
    public ConversationSummary Conversation(ConversationId conversation) => _reading.Summary(conversation);

    /// <summary>The lines before a position, oldest first; own messages not yet accepted follow at the end of the newest.</summary>
    /// <param name="conversation">On this device.</param>
    /// <param name="before">Null for the newest.</param>
    /// <param name="count">At most this many.</param>
    public IReadOnlyList<TranscriptLine> History(ConversationId conversation, ulong? before = null, int count = 50) =>
        _reading.History(conversation, before, count);

    /// <summary>Everything up to this position has been seen.</summary>
    public void MarkRead(ConversationId conversation, ulong position) => _reading.MarkRead(conversation, position);

    public IReadOnlyList<MemberView> Members(ConversationId conversation) => _reading.Members(conversation);

    /// <summary>The others' last signatures over this conversation: what this device holds whatever becomes of the link.</summary>
    public EvidenceView Evidence(ConversationId conversation) => _reading.Evidence(conversation);

    /// <summary>What this profile knows about a user's devices.</summary>
    public SafetyView Safety(UserName user) => _reading.Safety(user);

    /// <summary>The person has compared fingerprints: all devices of the user known now are accepted.</summary>
    public void ConfirmDevices(UserName user) => _reading.Confirm(user);

    /// <summary>The conversation with this user alone: the one that exists, or a new one of all devices of both.</summary>
    /// <exception cref="UserNotReachableException">No such user, or none of its devices has been online.</exception>
    public Task<ConversationId> StartDirectAsync(UserName user, CancellationToken cancellation = default) =>
        user == Profile.User ? throw new UserNotReachableException(user)
        : _reading.Direct(user) is { } known ? Task.FromResult(known)
        : OnLinkAsync(linked => linked.Operations.FoundAsync("", [user], cancellation), cancellation);

    /// <summary>A new conversation with a name.</summary>
    /// <param name="name">1 to 128 bytes of UTF-8.</param>
    /// <param name="users">Besides this one; may be empty.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public Task<ConversationId> StartGroupAsync(string name, IReadOnlyCollection<UserName> users, CancellationToken cancellation = default)
    {
        if (System.Text.Encoding.UTF8.GetByteCount(name) is 0 or > ConversationLimits.MaxNameBytes)
            throw new ArgumentException("A conversation's name has 1 to 128 bytes.", nameof(name));
        return OnLinkAsync(linked => linked.Operations.FoundAsync(name, users, cancellation), cancellation);
    }

    /// <summary>Queues a message durably, and sends it as soon as possible.</summary>
    /// <param name="conversation">On this device.</param>
    /// <param name="text">1 to 16384 bytes of UTF-8.</param>
    /// <exception cref="ConversationRefusedException">Closed, left, not trusted, or used by a copy of this profile.</exception>
    /// <exception cref="TextLengthException">Empty or too long.</exception>
    public LocalMessageId Send(ConversationId conversation, string text) =>
        Queue(conversation, text, null, linked => linked is null ? Signing.Now : Signing.IfFresh);

    /// <summary>The same, signed when everything at the server has been received, for the members of then: for who has nothing of the
    /// conversation before his eyes, and may have been away while somebody was removed.</summary>
    /// <param name="conversation">On this device.</param>
    /// <param name="text">1 to 16384 bytes of UTF-8.</param>
    /// <param name="alone">For this person alone: once others are members it fails with STALE, and nobody reads it. Null: for the members; those of
    /// a conversation of two, as it is now, are alone all the same.</param>
    /// <inheritdoc cref="Send"/>
    public LocalMessageId Queue(ConversationId conversation, string text, UserName? alone = null) => Queue(conversation, text, alone, static _ => Signing.Later);

    private LocalMessageId Queue(ConversationId conversation, string text, UserName? alone, Func<Connection.Linked?, Signing> signing)
    {
        var linked = _connection.Current;
        LocalMessageId local;
        lock (_state.Gate)
        {
            var held = _state.Require(conversation);
            local = _writing.Queue(held, text, isAlone: (alone ?? held.PeerOf(Profile.User)) is not null, signing(linked));
            _state.Events.Publish(new ClientEvent.DeliveryChanged(conversation, local, new Delivery(DeliveryWord.Queued)));
        }
        linked?.Upkeep.Touch(conversation);
        return local;
    }

    /// <summary>Completes when an own message has come at least as far as <paramref name="word"/>, was refused for now, or failed.</summary>
    public async Task<Delivery> WaitForAsync(
        ConversationId conversation, LocalMessageId message, DeliveryWord word, CancellationToken cancellation = default)
    {
        using var events = Subscribe();
        await using var next = events.GetAsyncEnumerator(cancellation);
        while (true)
        {
            var delivery = _reading.Delivery(conversation, message);
            if (delivery.Word >= word) // Waiting and Failed are the last words
                return delivery;
            if (!await next.MoveNextAsync())
                throw new NotConnectedException(null);
        }
    }

    /// <summary>Adds all devices of a user, and gives the conversation a new key (CK-07).</summary>
    public Task AddMemberAsync(ConversationId conversation, UserName user, CancellationToken cancellation = default) =>
        OnLinkAsync(linked => linked.Operations.AddAsync(conversation, user, cancellation), cancellation);

    /// <summary>Removes all devices of a user, and gives the conversation a new key (CK-07).</summary>
    public Task RemoveMemberAsync(ConversationId conversation, UserName user, CancellationToken cancellation = default) =>
        OnLinkAsync(linked => linked.Operations.RemoveAsync(conversation, user, cancellation), cancellation);

    /// <summary>Removes this user's devices and gives the final receipt (RC-06). The last user closes instead.</summary>
    public Task LeaveAsync(ConversationId conversation, CancellationToken cancellation = default) =>
        OnLinkAsync(linked => linked.Operations.LeaveAsync(conversation, cancellation), cancellation);

    /// <summary>Ends the conversation for all and gives the final receipt (RC-06).</summary>
    public Task CloseAsync(ConversationId conversation, CancellationToken cancellation = default) =>
        OnLinkAsync(linked => linked.Operations.CloseAsync(conversation, cancellation), cancellation);

    /// <summary>Erases messages that this device wrote: their keys are destroyed here at once, and on every other device when the
    /// signed entry arrives there. The entries stay, so that everything still verifies. What was exported before stays readable.</summary>
    /// <param name="conversation">On this device, and not closed.</param>
    /// <param name="positions">1 to 256 positions of own messages.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="ConversationRefusedException">NotOwnMessage, or nothing can be written.</exception>
    public Task EraseAsync(ConversationId conversation, IReadOnlyCollection<ulong> positions, CancellationToken cancellation = default)
    {
        if (positions.Count is 0 or > EraseBody.MaxEntries)
            throw new ArgumentException("An erase entry names 1 to 256 messages.", nameof(positions));
        return OnLinkAsync(linked => linked.Operations.EraseAsync(conversation, positions, cancellation), cancellation);
    }

    /// <summary>Writes what this device holds of a conversation as a bundle for an auditor (SPEC section 14). Needs no link.</summary>
    /// <param name="conversation">On this device.</param>
    /// <param name="request">What to disclose, and up to where.</param>
    /// <param name="output">Written from its present position; stays the caller's.</param>
    /// <exception cref="UnknownConversationException">Not on this device.</exception>
    /// <exception cref="ExportRefusedException">Not like this.</exception>
    public BundleManifest Export(ConversationId conversation, ExportRequest request, Stream output) =>
        new Exporter(_state).Export(conversation, request, output);

    /// <summary>A user's devices, asked of the server and checked.</summary>
    /// <exception cref="UserNotReachableException">The server knows no such user.</exception>
    public async Task<SafetyView> FindUserAsync(UserName user, CancellationToken cancellation = default)
    {
        var found = await OnLinkAsync(linked => linked.Upkeep.Downloads.FindUserAsync(user, cancellation), cancellation);
        return found.Count == 0 ? throw new UserNotReachableException(user) : Safety(user);
    }

    /// <summary>Invites a person, or a further device of one (administrators only, SE-06). The caller disposes the invitation.</summary>
    /// <param name="user">Whom the certificate will name.</param>
    /// <param name="address">host:port where the newcomer reaches the server; null: where this device does.</param>
    /// <param name="lifetime">At most 30 days.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="RequestRefusedException">REFUSED: not an administrator.</exception>
    public async Task<Invitation> InviteAsync(UserName user, string? address, TimeSpan lifetime, CancellationToken cancellation = default)
    {
        var invited = await OnLinkAsync(linked => linked.Session.AskAsync<Invited>(id => new Invite(id, user, lifetime), cancellation), cancellation);
        return new Invitation(address ?? Profile.Address.ToString(), Profile.Server, user, Profile.Root.Fingerprint, invited.Token, invited.Expires);
    }

    /// <summary>Accepts another device of this user: it is added to all conversations that have room, as soon as it has keys (CK-08).</summary>
    /// <exception cref="UserNotReachableException">This profile knows no such device of its user.</exception>
    public Task AddOwnDeviceAsync(DeviceId device, CancellationToken cancellation = default)
    {
        _reading.ConfirmOwn(device);
        return OnLinkAsync(linked => linked.Upkeep.AddOwnDevicesAsync([.. Conversations().Select(static c => c.Id)], cancellation), cancellation);
    }

    /// <summary>Changes the account's password and the vault's passphrase together. If it is interrupted, both passphrases open
    /// the vault until the next login shows which one the account has.</summary>
    /// <exception cref="PassphraseRefusedException">The present passphrase is another one.</exception>
    public Task ChangePassphraseAsync(ReadOnlyMemory<char> present, ReadOnlyMemory<char> next, CancellationToken cancellation = default) =>
        OnLinkAsync(linked => new PassphraseChange(_state.Store, _state.Settings.PassphraseCost).RunAsync(linked.Session, present, next, cancellation), cancellation);

    /// <summary>Where the account's passphrase was changed elsewhere (<see cref="LinkEnd.PassphraseChangedElsewhere"/>): logs in with it,
    /// and it becomes the vault's, too. Connects if nothing has before; without a network it waits for one.</summary>
    /// <returns>False if the account has the passphrase that this profile knows: then the one that was given was not looked at.</returns>
    /// <exception cref="NotConnectedException">Refused: AUTH_FAIL for a wrong passphrase.</exception>
    public async Task<bool> AdoptPassphraseAsync(ReadOnlyMemory<char> passphrase, CancellationToken cancellation = default)
    {
        _connection.Offer(passphrase);
        await _connection.Synchronised.WaitAsync(cancellation);
        return _connection.HasAdopted;
    }

    /// <summary>Says `bye`, ends the link and all event streams.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _connection.DisposeAsync();
        }
        finally
        {
            _state.Events.Complete();
        }
    }

    private async Task<T> OnLinkAsync<T>(Func<Connection.Linked, Task<T>> work, CancellationToken cancellation)
    {
        var linked = _connection.Require();
        try
        {
            return await work(linked).WaitAsync(cancellation);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException && !cancellation.IsCancellationRequested)
        {
            throw new NotConnectedException(linked.Session.Ended is { IsCompletedSuccessfully: true } ended ? ended.Result : null);
        }
    }

    private Task OnLinkAsync(Func<Connection.Linked, Task> work, CancellationToken cancellation) => OnLinkAsync(async linked =>
    {
        await work(linked);
        return true;
    }, cancellation);
}
