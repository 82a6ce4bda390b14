using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>The client: keeps a link to the server while it lives, keeps every conversation of the device up to date and
/// verified, and sends what was written. All methods are thread-safe; reading ones answer from the device's own store.</summary>
public sealed class ChatClient : IAsyncDisposable
{
    /// <summary>Begins to connect, and goes on by itself until it is disposed.</summary>
    /// <param name="profile">Stays the caller's: dispose the client first.</param>
    /// <param name="settings">Clock, costs, delays.</param>
    public static ChatClient Start(DeviceProfile profile, ClientSettings settings) => throw new NotImplementedException();

    /// <summary>Works on what is stored without any connection until <see cref="Reconnect"/> is called.</summary>
    public static ChatClient Offline(DeviceProfile profile, ClientSettings settings) => throw new NotImplementedException();

    public DeviceProfile Profile => throw new NotImplementedException();

    public ConnectionState State => throw new NotImplementedException();

    /// <summary>Events from now on; dispose to end the stream.</summary>
    public EventSubscription Subscribe() => throw new NotImplementedException();

    /// <summary>Tries at once instead of waiting; also after <see cref="ConnectionState.Refused"/>.</summary>
    public void Reconnect() => throw new NotImplementedException();

    /// <summary>Completes when the link is up and all conversations have been caught up with.</summary>
    /// <exception cref="NotConnectedException">The client was refused and does not try again by itself.</exception>
    public Task SynchronisedAsync(CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>All conversations this device holds, those with the newest entries first.</summary>
    public IReadOnlyList<ConversationSummary> Conversations() => throw new NotImplementedException();

    /// <exception cref="UnknownConversationException">Not on this device.</exception>
    public ConversationSummary Conversation(ConversationId conversation) => throw new NotImplementedException();

    /// <summary>The lines before a position, oldest first; own messages not yet accepted follow at the end.</summary>
    /// <param name="conversation">On this device.</param>
    /// <param name="before">Null for the newest.</param>
    /// <param name="count">At most this many.</param>
    public IReadOnlyList<TranscriptLine> History(ConversationId conversation, ulong? before = null, int count = 50) => throw new NotImplementedException();

    /// <summary>Everything up to this position has been seen.</summary>
    public void MarkRead(ConversationId conversation, ulong position) => throw new NotImplementedException();

    public IReadOnlyList<MemberView> Members(ConversationId conversation) => throw new NotImplementedException();

    /// <summary>What this profile knows about a user's devices.</summary>
    public SafetyView Safety(UserName user) => throw new NotImplementedException();

    /// <summary>The person has compared fingerprints: all devices of the user known now are accepted.</summary>
    public void ConfirmDevices(UserName user) => throw new NotImplementedException();

    /// <summary>The conversation with this user alone: the one that exists, or a new one of all devices of both.</summary>
    /// <exception cref="UserNotReachableException">No such user, or none of its devices has been online.</exception>
    public Task<ConversationId> StartDirectAsync(UserName user, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>A new conversation with a name.</summary>
    /// <param name="name">1 to 128 bytes of UTF-8.</param>
    /// <param name="users">Besides this one; may be empty.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    public Task<ConversationId> StartGroupAsync(string name, IReadOnlyCollection<UserName> users, CancellationToken cancellation = default) =>
        throw new NotImplementedException();

    /// <summary>Queues a message durably, and sends it as soon as possible.</summary>
    /// <param name="conversation">On this device.</param>
    /// <param name="text">1 to 16384 bytes of UTF-8.</param>
    public LocalMessageId Send(ConversationId conversation, string text) => throw new NotImplementedException();

    /// <summary>Completes when an own message has come at least as far as <paramref name="word"/>, or failed.</summary>
    public Task<Delivery> WaitForAsync(ConversationId conversation, LocalMessageId message, DeliveryWord word, CancellationToken cancellation = default) =>
        throw new NotImplementedException();

    /// <summary>Adds all devices of a user, and gives the conversation a new key (CK-07).</summary>
    public Task AddMemberAsync(ConversationId conversation, UserName user, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Removes all devices of a user, and gives the conversation a new key (CK-07).</summary>
    public Task RemoveMemberAsync(ConversationId conversation, UserName user, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Removes this user's devices and gives the final receipt (RC-06). The last user closes instead.</summary>
    public Task LeaveAsync(ConversationId conversation, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Ends the conversation for all and gives the final receipt (RC-06).</summary>
    public Task CloseAsync(ConversationId conversation, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>A user's devices, asked of the server and checked.</summary>
    public Task<SafetyView> FindUserAsync(UserName user, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Invites a person, or a further device of one (administrators only, SE-06). The caller disposes the invitation.</summary>
    /// <exception cref="RequestRefusedException">REFUSED: not an administrator.</exception>
    public Task<Invitation> InviteAsync(UserName user, TimeSpan lifetime, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Accepts another device of this user: it is added to all conversations.</summary>
    public Task AddOwnDeviceAsync(DeviceId device, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Changes the account's password and the vault's passphrase together. If it is interrupted, both passphrases open
    /// the vault until the next login shows which one the account has.</summary>
    /// <exception cref="PassphraseRefusedException">The present passphrase is another one.</exception>
    public Task ChangePassphraseAsync(ReadOnlyMemory<char> present, ReadOnlyMemory<char> next, CancellationToken cancellation = default) =>
        throw new NotImplementedException();

    /// <summary>After <see cref="LinkEnd.PassphraseChangedElsewhere"/>: logs in with the account's new passphrase, which then
    /// becomes the vault's, too.</summary>
    public Task AdoptPassphraseAsync(ReadOnlyMemory<char> passphrase, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Says `bye`, ends the link and all event streams.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
