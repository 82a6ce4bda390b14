using Countersign.Evidence;
using Countersign.Cryptography;
using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>What was asked for did not happen. Each cause is a type of its own.</summary>
public abstract class ClientException : Exception
{
    private protected ClientException(string message, Exception? inner = null) : base(message, inner) { }
}

/// <summary>There is no link, or it ended before the answer came. Trying again is safe.</summary>
public sealed class NotConnectedException(LinkEnd? cause)
    : ClientException("There is no connection to the server.")
{
    /// <summary>Why the link ended; null if none was there.</summary>
    public LinkEnd? Cause { get; } = cause;
}

/// <summary>This device's own files took nothing: the disk is full, or does not answer. Nothing of what was asked for was done; with
/// room on the disk the same call works.</summary>
public sealed class StorageException : ClientException
{
    internal StorageException(Exception inner) : base("This device's files cannot be written or read: " + inner.Message, inner) { }
}

/// <summary>The server refused the request and kept the link (SPEC 12).</summary>
public sealed class RequestRefusedException(WireCode code)
    : ClientException($"The server refused: {code.Name()}.")
{
    public WireCode Code { get; } = code;
}

/// <summary>An entry of this device that the server refused for now stands before what was asked for, which is neither signed nor sent
/// until that one is accepted (EN-17). Another device of this user, or another member, can do it meanwhile.</summary>
public sealed class EntryWaitsException(ConversationId conversation, WireCode code)
    : ClientException($"The server has to accept an entry first that it refused for now: {code.Name()}.")
{
    public ConversationId Conversation { get; } = conversation;

    /// <summary>With which code it refused that entry when it was offered just now.</summary>
    public WireCode Code { get; } = code;
}

/// <summary>What was asked for is signed, and the server has not taken it. It keeps its place (EN-17): it is offered again on each further link and
/// at the next request of its kind, and carried out when it is taken, unless somebody else's change makes it stale. What is written in that
/// conversation meanwhile waits for it, and is signed for the members of that time.</summary>
public sealed class ChangeWaitsException(ConversationId conversation, WireCode? code)
    : ClientException($"The change is signed and waits for the server{(code is { } said ? $": {said.Name()}" : "")}.")
{
    public ConversationId Conversation { get; } = conversation;

    /// <summary>With which code the server refused it for now; null if it gave no final answer, or asked to wait.</summary>
    public WireCode? Code { get; } = code;
}

/// <summary>The server knows no such user, or the user has no device that can be written to yet.</summary>
public sealed class UserNotReachableException(UserName user)
    : ClientException($"{user} has no device that can be written to.")
{
    public UserName User { get; } = user;
}

/// <summary>This device does not hold such a conversation.</summary>
public sealed class UnknownConversationException(ConversationId conversation)
    : ClientException("There is no such conversation on this device.")
{
    public ConversationId Conversation { get; } = conversation;
}

/// <summary>The conversation does not take this now.</summary>
public sealed class ConversationRefusedException(ConversationId conversation, ConversationRefusal reason)
    : ClientException($"The conversation does not allow this: {reason}.")
{
    public ConversationId Conversation { get; } = conversation;
    public ConversationRefusal Reason { get; } = reason;
}

/// <summary>Why a conversation does not take something.</summary>
public enum ConversationRefusal
{
    /// <summary>This device is no member.</summary>
    NotMember,

    /// <summary>It is closed.</summary>
    Closed,

    /// <summary>A check failed; see <see cref="ConversationTrust.Distrusted"/>.</summary>
    Distrusted,

    /// <summary>The user to add is a member, or the one to remove is none.</summary>
    NothingToChange,

    /// <summary>Only messages that this device wrote can be erased by it.</summary>
    NotOwnMessage,

    /// <summary>Over 500 members or 16 devices of a user, or over the server's smaller number of members (SE-10).</summary>
    TooManyMembers,

    /// <summary>There were as many changes of members and keys as the server takes: nobody is added any more (LI-10).</summary>
    TooManyChanges,

    /// <summary>A copy of this profile has written here, in places that this one had signed for: what this one wrote can never be
    /// accepted, and nothing else may stand where it would (EN-17). See <see cref="SecurityWarning.DeviceUsedElsewhere"/>.</summary>
    UsedElsewhere,
}

/// <summary>Longer than 16384 bytes of UTF-8, or empty.</summary>
public sealed class TextLengthException() : ClientException("A message has 1 to 16384 bytes of UTF-8.");

/// <summary>The old passphrase is not this profile's or account's.</summary>
public sealed class PassphraseRefusedException() : ClientException("The passphrase is not the account's.");

/// <summary>An enrolment did not come to its end.</summary>
public sealed class EnrolmentException(EnrolmentFault fault, LinkEnd? cause = null)
    : ClientException($"The enrolment failed: {fault}.")
{
    public EnrolmentFault Fault { get; } = fault;

    /// <summary>What happened on the link, if it was that.</summary>
    public LinkEnd? Cause { get; } = cause;
}

/// <summary>Why an enrolment failed. In all cases the same invitation can be tried again in the same directory.</summary>
public enum EnrolmentFault
{
    /// <summary>The link failed; see <see cref="EnrolmentException.Cause"/>.</summary>
    Link,

    /// <summary>INVITE_UNKNOWN.</summary>
    InvitationUnknown,

    /// <summary>INVITE_EXPIRED.</summary>
    InvitationExpired,

    /// <summary>INVITE_USED: another key was certified with it.</summary>
    InvitationUsed,

    /// <summary>INVITE_REVOKED.</summary>
    InvitationRevoked,

    /// <summary>The server does not lead to the root the invitation names, or is not the server it names (IN-01).</summary>
    WrongServer,

    /// <summary>The certificate that came back is not for this key and user under the pinned root.</summary>
    WrongCertificate,

    /// <summary>The account exists and has another passphrase than the one given.</summary>
    AccountPassphrase,
}
