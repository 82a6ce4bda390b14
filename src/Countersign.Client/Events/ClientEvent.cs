using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Client;

/// <summary>Something happened that a person may want to see: a closed set. Everything in it can be read again from
/// <see cref="ChatClient"/>; events only say when to look.</summary>
public abstract record ClientEvent
{
    private ClientEvent() { }

    public sealed record ConnectionChanged(ConnectionState State) : ClientEvent;

    /// <summary>One phase of the link is over; what was proved, with fingerprints only.</summary>
    public sealed record LinkProgressed(LinkPhase Phase) : ClientEvent;

    /// <summary>This device became a member of a conversation, or created it.</summary>
    public sealed record ConversationAdded(ConversationId Conversation) : ClientEvent;

    /// <summary>A message of another device has been verified and stored.</summary>
    public sealed record MessageReceived(ConversationId Conversation, TranscriptLine.Message Message) : ClientEvent;

    /// <summary>A message of this device got another delivery word or count.</summary>
    public sealed record DeliveryChanged(ConversationId Conversation, LocalMessageId Message, Delivery Delivery) : ClientEvent;

    /// <summary>A member joined, members were added or removed, an epoch began, or the conversation was closed.</summary>
    public sealed record ConversationChanged(ConversationId Conversation, TranscriptLine Line) : ClientEvent;

    /// <summary>Something a person should look at before trusting further.</summary>
    public sealed record Warned(SecurityWarning Warning) : ClientEvent;

    /// <summary>The reader was too slow and events were dropped: read the state again.</summary>
    public sealed record Missed : ClientEvent;
}

/// <summary>Names an own message from the moment it is queued; unique within the profile.</summary>
public readonly record struct LocalMessageId(long Value)
{
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>What happened that should make a person look: a closed set.</summary>
public abstract record SecurityWarning
{
    private SecurityWarning() { }

    /// <summary>A user appeared with a device that this profile had not seen when it first met that user.</summary>
    public sealed record DeviceAppeared(UserName User, DeviceId Device) : SecurityWarning;

    /// <summary>Another device is certified for this device's own user, later or earlier than this one: it is added to conversations
    /// only after <see cref="ChatClient.AddOwnDeviceAsync"/>, because whoever runs the CA could have made it (CK-08).</summary>
    public sealed record OwnDeviceAppeared(DeviceId Device) : SecurityWarning;

    /// <summary>A device of this user that was accepted has left no prekey at the server, as if its enrolment had been interrupted: it is
    /// in no further conversation before it has one (CK-08).</summary>
    public sealed record OwnDeviceUnreachable(DeviceId Device) : SecurityWarning;

    /// <summary>A device of this user that was accepted is not in this conversation, which has no room for it (EN-13, SE-10).</summary>
    public sealed record OwnDeviceLeftOut(ConversationId Conversation, DeviceId Device) : SecurityWarning;

    /// <summary>What was written waits: this member's device has left no prekey at the server, and without one nobody can make the
    /// epoch to write in (CK-07).</summary>
    public sealed record EpochWaits(ConversationId Conversation, UserName User, DeviceId Device) : SecurityWarning;

    /// <summary>A new epoch is due (CK-07), and the server says that it takes no further change of this conversation's members and keys (LI-10):
    /// the one in force stays in force.</summary>
    /// <param name="Conversation">Whose keys are as old as they are.</param>
    /// <param name="HasKey">This device writes on in that epoch; otherwise it cannot, and what it wrote waits for a member to be removed,
    /// which brings a new one.</param>
    public sealed record EpochKept(ConversationId Conversation, bool HasKey) : SecurityWarning;

    /// <summary>The conversation was closed before an erasure of this device got out (EN-16): the keys are gone here, and the other members keep
    /// what they have.</summary>
    /// <param name="Conversation">Which was closed.</param>
    public sealed record ErasureLost(ConversationId Conversation) : SecurityWarning;

    /// <summary>A check failed (EN-18): the conversation is no longer trusted, nothing is sent to it or receipted.</summary>
    public sealed record ConversationDistrusted(ConversationId Conversation, string Rule) : SecurityWarning;

    /// <summary>What this device stored of the conversation is not what it stored (TR-02, RC-01, RC-05): something else wrote to its files.</summary>
    public sealed record StoreChanged(ConversationId Conversation, string Rule) : SecurityWarning;

    /// <summary>A new key was sealed to one of which this device has no private half (CK-04): what is written under it cannot be read here, and nobody is
    /// accused of it. <see cref="UnreadableReason.KeyMissing"/>.</summary>
    public sealed record KeyMissing(ConversationId Conversation, ulong Position) : SecurityWarning;

    /// <summary>An entry that should be readable is not (CK-02, CK-06).</summary>
    public sealed record EntryUnreadable(ConversationId Conversation, ulong Position, string Rule) : SecurityWarning;

    /// <summary>The server signed a head that contradicts what it signed or delivered before (RC-07); both are kept. File: a proof that
    /// convinces others (BU-21); null if only who holds the transcript can see the contradiction.</summary>
    public sealed record ServerMisconduct(ConversationId Conversation, string? File) : SecurityWarning;

    /// <summary>A member's device signed two entries for one place (RC-08); the file proves it to others (BU-21).</summary>
    public sealed record MemberMisconduct(ConversationId Conversation, UserName User, string File) : SecurityWarning;

    /// <summary>What the server handed out as a member's prekey is not signed by that member's device, or, with
    /// <see cref="PrekeyFault.BadCertificate"/>, that device's certificate is not good now (CK-05): nothing was sealed to it.</summary>
    public sealed record PrekeyRefused(ConversationId Conversation, PrekeyFault Fault) : SecurityWarning;

    /// <summary>An entry signed with this device's key arrived that this profile did not write: a copy of the profile is in use.</summary>
    public sealed record DeviceUsedElsewhere(ConversationId Conversation, ulong Position) : SecurityWarning;

    /// <summary>This device's clock and the server's differ by more than a minute: what is written bears a wrong time, by one of the
    /// two. Ahead by more than 120 s, nothing is signed until it is right (EN-08).</summary>
    /// <param name="Lead">How far this device's is ahead; negative if it is behind.</param>
    public sealed record ClockDiffers(TimeSpan Lead) : SecurityWarning;

    /// <summary>An entry was written while this device's clock was ahead. It stays as it is signed (EN-17), and is sent when the
    /// server's clock reaches this time; what was written after it waits, too.</summary>
    public sealed record WrittenAhead(ConversationId Conversation, DateTimeOffset SentFrom) : SecurityWarning;
}
