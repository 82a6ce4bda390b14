using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Client;

/// <summary>One entry of a transcript as a person reads it: a closed set. Text is what its author wrote: sanitise before showing.</summary>
/// <param name="Position">Its place, from 0; null for an own message the server has not accepted.</param>
/// <param name="Author">The user that the author's certificate names.</param>
/// <param name="Device">The author's device.</param>
/// <param name="Written">The author's own clock.</param>
/// <param name="Accepted">True if a head signed by the server covers it (RC-03).</param>
public abstract record TranscriptLine(ulong? Position, UserName Author, DeviceId Device, DateTimeOffset Written, bool Accepted)
{
    /// <summary>A message. Text is null if this device cannot read it, and Unreadable says why; Local and Delivery are there for
    /// messages of this device.</summary>
    public sealed record Message(
        ulong? Position, UserName Author, DeviceId Device, DateTimeOffset Written, bool Accepted,
        string? Text, UnreadableReason? Unreadable, LocalMessageId? Local, Delivery? Delivery)
        : TranscriptLine(Position, Author, Device, Written, Accepted)
    {
        /// <summary>When the author says they erased it (EN-19); null if they did not. The eraser is always the author.</summary>
        public DateTimeOffset? ErasedTime { get; init; }
    }

    public sealed record Founded(
        ulong? Position, UserName Author, DeviceId Device, DateTimeOffset Written, bool Accepted, string Name)
        : TranscriptLine(Position, Author, Device, Written, Accepted);

    public sealed record Joined(ulong? Position, UserName Author, DeviceId Device, DateTimeOffset Written, bool Accepted)
        : TranscriptLine(Position, Author, Device, Written, Accepted);

    public sealed record MembersChanged(
        ulong? Position, UserName Author, DeviceId Device, DateTimeOffset Written, bool Accepted,
        IReadOnlyList<Member> Added, IReadOnlyList<Member> Removed)
        : TranscriptLine(Position, Author, Device, Written, Accepted);

    public sealed record EpochBegan(ulong? Position, UserName Author, DeviceId Device, DateTimeOffset Written, bool Accepted)
        : TranscriptLine(Position, Author, Device, Written, Accepted);

    /// <summary>The author erased messages of its own at these positions: their keys are destroyed here, too (EN-19).</summary>
    public sealed record Erased(
        ulong? Position, UserName Author, DeviceId Device, DateTimeOffset Written, bool Accepted, IReadOnlyList<ulong> Positions)
        : TranscriptLine(Position, Author, Device, Written, Accepted);

    public sealed record Closed(ulong? Position, UserName Author, DeviceId Device, DateTimeOffset Written, bool Accepted)
        : TranscriptLine(Position, Author, Device, Written, Accepted);
}

/// <summary>Why a message has no text here.</summary>
public enum UnreadableReason
{
    /// <summary>Written in an epoch that this device was not part of: before it was added, or after it was removed.</summary>
    NotForThisDevice,

    /// <summary>Its author erased it (EN-19): the entry stays and verifies, its key is gone.</summary>
    Erased,

    /// <summary>Its epoch was sealed to a key of which this device has no private half (CK-04): its files are older than that key, as after a restore
    /// from a backup, or the epoch's author named one that was never this device's.</summary>
    KeyMissing,

    /// <summary>It should open and does not (CK-02, CK-06): its author or the epoch's author did not follow the protocol.</summary>
    DoesNotOpen,
}
