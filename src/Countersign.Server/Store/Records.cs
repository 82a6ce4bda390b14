using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Server;

/// <summary>A user who has registered.</summary>
/// <param name="User">Its user.</param>
/// <param name="IsAdministrator">May invite.</param>
/// <param name="RegisteredAt">When its password was set first, or first after it was reset.</param>
/// <param name="ResetAt">Since when it has no record, until a device that was enrolled later sets one (AC-08); null if it has one.</param>
public sealed record Account(UserName User, bool IsAdministrator, DateTimeOffset RegisteredAt, DateTimeOffset? ResetAt);

/// <summary>What became of a change of an account's record.</summary>
public enum ReplaceOutcome
{
    Replaced,
    /// <summary>The record is no longer the expected one, or there is no account: nothing was changed.</summary>
    Changed,
}

/// <summary>Whether there was room for a user's entries.</summary>
public enum StorageOutcome
{
    Taken,
    /// <summary>Over the limit: nothing was changed.</summary>
    Full,
}

/// <summary>Wrong logins within the window, of the account and of the address.</summary>
public readonly record struct LoginFailures(int OfAccount, int OfAddress);

/// <summary>A device's certificate chain as the device sends it: leaf first, no root (HS-08). Invitation is the one it was enrolled
/// by; null for a device certified elsewhere under the same root (AC-02).</summary>
public sealed record DeviceRecord(DeviceId Device, UserName User, CertificateChain Chain, DateTimeOffset EnrolledAt, InvitationId? Invitation);

/// <summary>An invitation without its token: the server keeps id and key only (SPEC section 10).</summary>
/// <remarks>Key: 32 bytes that check the enrolment's MAC; a stolen one admits its thief until the invitation is used, revoked or
/// expired. KeyHash, the SHA-256 of the subject public key info, and Device are null until it is redeemed.</remarks>
public sealed record InvitationRecord(
    InvitationId Id,
    ReadOnlyMemory<byte> Key,
    UserName User,
    DateTimeOffset Expires,
    DateTimeOffset CreatedAt,
    UserName CreatedBy,
    DateTimeOffset? RevokedAt = null,
    Hash32? KeyHash = null,
    DeviceId? Device = null)
{
    /// <summary>A new invitation and its token, which the caller owns and nobody stores.</summary>
    /// <param name="user">Whom the certificate will name.</param>
    /// <param name="by">Who invites.</param>
    /// <param name="now">The server's clock.</param>
    /// <param name="lifetime">At most <see cref="MaxLifetime"/>.</param>
    public static (InvitationRecord Record, InvitationToken Token) Create(UserName user, UserName by, DateTimeOffset now, TimeSpan lifetime)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lifetime, MaxLifetime);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lifetime, TimeSpan.Zero);
        var token = InvitationToken.Generate();
        using var key = token.Key();
        now = DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds());
        return (new InvitationRecord(token.Id, key.Span.ToArray(), user, now + lifetime, now, by), token);
    }

    /// <summary>The longest time an invitation may be open (SPEC section 11).</summary>
    public static TimeSpan MaxLifetime { get; } = TimeSpan.FromDays(30);

    /// <summary>Names the id only.</summary>
    public override string ToString() => $"invitation {Id}";
}

/// <summary>An operator's wish that a device be revoked, on its way to the issuing CA in the running server.</summary>
public sealed record RevocationRequest(DeviceId Device, RevocationGrounds Grounds, DateTimeOffset RequestedAt)
{
    /// <summary>This wish, with what an earlier one says against the key, too.</summary>
    public RevocationRequest After(RevocationRequest? earlier) => earlier is null ? this : this with { Grounds = earlier.Grounds.And(Grounds) };
}

/// <summary>A wish to revoke, as it is stored.</summary>
/// <param name="Device">Null where what stands there is no device.</param>
/// <param name="Request">Null where the row is none that was written here.</param>
/// <param name="RevokedAt">As of when the device was revoked first, which no later wish changes (CE-15); null if it never was.</param>
public sealed record AskedRevocation(DeviceId? Device, RevocationRequest? Request, DateTimeOffset? RevokedAt = null)
{
    /// <summary>For an operator.</summary>
    public string Place => Device is { } device ? $"request to revoke device {device}" : "a request to revoke a device";
}

/// <summary>A prekey that its device has signed, checked by the caller.</summary>
public sealed record PrekeyRecord(Hash32 Id, bool IsLastResort, ReadOnlyMemory<byte> Bytes);

/// <summary>What an operator must look at.</summary>
public enum SecurityEventKind
{
    /// <summary>A redeemed invitation was presented with another key (IN-03).</summary>
    InvitationUsedByAnotherKey = 1,
    /// <summary>A device signed two different entries under one seq (EN-17).</summary>
    SequenceReused = 2,
    /// <summary>An account or an address had too many wrong logins.</summary>
    LoginsThrottled = 3,
    /// <summary>A revoked device tried to connect, or was cut off.</summary>
    RevokedDevice = 4,
}

/// <param name="At">When it happened.</param>
/// <param name="Kind">What it was.</param>
/// <param name="User">Whose certificate or invitation took part.</param>
/// <param name="Subject">The device's id or, for an invitation, the hash of the other key; null if there is none.</param>
public sealed record SecurityEvent(DateTimeOffset At, SecurityEventKind Kind, UserName User, Hash32? Subject);

/// <summary>New entries of one conversation.</summary>
/// <param name="Conversation">The conversation.</param>
/// <param name="From">Its size before: the first new entry's position. 0 creates the conversation.</param>
/// <param name="Entries">At least one, in order.</param>
/// <param name="Root">The transcript's root with the last of them.</param>
/// <param name="Memberships">What these entries change for devices, in order.</param>
/// <param name="Snapshot">The conversation's state after the last entry, when one is due (always with the genesis).</param>
public sealed record ConversationAppend(
    ConversationId Conversation,
    ulong From,
    IReadOnlyList<AppendedEntry> Entries,
    Hash32 Root,
    IReadOnlyList<MembershipChange> Memberships,
    ReadOnlyMemory<byte>? Snapshot);

/// <param name="Author">The device that signed it.</param>
/// <param name="Seq">The author's number.</param>
/// <param name="Hash">The entry's hash.</param>
/// <param name="Subtree">The largest complete subtree of the transcript's tree that ends with it (<see cref="MerkleFrontier.Last"/>).</param>
/// <param name="Bytes">Its exact bytes.</param>
public readonly record struct AppendedEntry(DeviceId Author, ulong Seq, EntryHash Hash, Hash32 Subtree, ReadOnlyMemory<byte> Bytes);

/// <summary>A device becomes a member at position <paramref name="At"/>, or ceases to be one there.</summary>
public readonly record struct MembershipChange(DeviceId Device, bool IsMember, ulong At);

/// <param name="Size">Number of entries.</param>
/// <param name="Root">The root over them.</param>
/// <param name="SnapshotSize">The size at which the snapshot was taken: later entries are applied to it.</param>
/// <param name="Snapshot">The engine's own encoding.</param>
/// <param name="IsHeld">It came from a backup, and nobody has said yet that nothing is missing (TR-04).</param>
public sealed record ConversationRecord(ulong Size, Hash32 Root, ulong SnapshotSize, ReadOnlyMemory<byte> Snapshot, bool IsHeld = false);

/// <param name="From">Position of the entry that last made the device a member.</param>
/// <param name="Until">Position of the entry that removed it; null while it is a member.</param>
public readonly record struct MembershipSpan(ulong From, ulong? Until)
{
    /// <summary>How much of a transcript of <paramref name="size"/> entries the device sees: a removed one up to and with the entry
    /// that removed it (SE-03).</summary>
    public ulong Visible(ulong size) => Until is { } until ? Math.Min(size, until + 1) : size;
}

public readonly record struct ConversationSize(ConversationId Conversation, ulong Size);

/// <param name="Number">The store's own number of the conversation.</param>
/// <param name="Conversation">Null where what stands there is no id.</param>
/// <param name="Head">The present head; null where the row is none that was written here.</param>
public sealed record StoredConversation(long Number, ConversationId? Conversation, Head? Head);

/// <param name="Conversation">The conversation.</param>
/// <param name="Device">Who signed it.</param>
/// <param name="IsFinal">Final, or delivered.</param>
/// <param name="Size">How many entries it covers.</param>
/// <param name="Bytes">Its exact bytes, verified by the caller.</param>
public sealed record ReceiptRecord(ConversationId Conversation, DeviceId Device, bool IsFinal, ulong Size, ReadOnlyMemory<byte> Bytes);

/// <summary>What is noted about a whole store, with a time.</summary>
public enum StoreMark
{
    /// <summary>Its contents were moved to another store, which alone goes on.</summary>
    Moved = 1,
    /// <summary>Rows are being copied into it, or were when that was interrupted.</summary>
    Unfinished = 2,
    /// <summary>It was restored from a backup (TR-04).</summary>
    Restored = 3,
    /// <summary>Up to this time heads may have been signed (RC-10).</summary>
    Signed = 4,
}

/// <summary>What became of a receipt.</summary>
public enum ReceiptOutcome
{
    Kept,
    /// <summary>The one held covers as much or more.</summary>
    NotNewer,
}
