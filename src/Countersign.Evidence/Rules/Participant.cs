using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>A device that is, or was, a member, as the transcript leaves it. Immutable.</summary>
/// <param name="User">Whom the member list names for the device.</param>
/// <param name="AddedAt">Position of the genesis or members entry that made it a member (last).</param>
/// <param name="RemovedAt">Position of the members entry that removed it; null while it is a member.</param>
/// <param name="HasJoined">It founded the conversation or accepted its membership (EN-11); stays true after removal.</param>
/// <param name="LastSeq">Of its last entry; 0 before the first (EN-07).</param>
/// <param name="LastSeen">`seen` size of its last entry (EN-09).</param>
public sealed record Participant(
    UserName User, ulong AddedAt, ulong? RemovedAt, bool HasJoined, ulong LastSeq, ulong LastSeen)
{
    public bool IsMember => RemovedAt is null;

    internal static Participant Added(UserName user, ulong position) => new(user, position, null, false, 0, 0);
}
