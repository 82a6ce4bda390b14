using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>How much of a conversation a server takes: what its operator has set, inside the protocol's own limits (SPEC 11). The server judges
/// by it, and says it in `welcome`, so that a device judges by the same before it signs (SE-10): an entry that is refused for want of
/// room could neither be taken back nor followed (EN-17).</summary>
public sealed record ConversationRoom
{
    /// <summary>The largest number of changes that an operator can allow.</summary>
    public const int MaxChanges = 100_000;

    /// <summary>All that the protocol allows.</summary>
    public static ConversationRoom Largest { get; } = new(ConversationLimits.MaxMembers, MaxChanges);

    /// <exception cref="ArgumentOutOfRangeException">Outside the protocol's limits.</exception>
    public ConversationRoom(int members, int changes)
    {
        if (!IsAllowed(members, changes))
            throw new ArgumentOutOfRangeException(nameof(members), "SE-10: the room is outside its limits.");
        Members = members;
        Changes = changes;
    }

    /// <summary>Devices that are members at a time: 1 to 500.</summary>
    public int Members { get; }

    /// <summary>What <see cref="Conversation.Changes"/> may become, but for what LI-10 excepts: 1 to 100000.</summary>
    public int Changes { get; }

    /// <summary>Which limit an entry would exceed as the conversation's next one; null if none.</summary>
    public RoomLimit? Exceeded(EntryBody body, Conversation present) => body switch
    {
        GenesisBody genesis => genesis.Members.Count > Members ? RoomLimit.Members : null,
        MembersBody members => ByMembers(present, members.Added.Count, members.Removed.Count),
        EpochBody => ByEpoch(present),
        _ => null,
    };

    /// <summary>The same for a members entry that adds and removes so many devices.</summary>
    public RoomLimit? ByMembers(Conversation present, int added, int removed) => ByMembers(present.Members.Count, present.Changes, added, removed);

    /// <inheritdoc cref="ByMembers(Conversation, int, int)"/>
    public RoomLimit? ByMembers(int members, int changes, int added, int removed) =>
        added > 0 && members + added - removed > Members ? RoomLimit.Members
        : IsOver(changes, Conversation.CostOfMembers(added, removed)) ? RoomLimit.Changes : null;

    /// <summary>The same for an epoch entry.</summary>
    public RoomLimit? ByEpoch(Conversation present) => IsOver(present.Changes, present.CostOfEpoch) ? RoomLimit.Changes : null;

    private bool IsOver(int changes, int cost) => cost > 0 && changes + cost > Changes;

    /// <summary>room = [members: 1..500, changes: 1..100000]</summary>
    /// <exception cref="MalformedException">Not this grammar, or outside these limits.</exception>
    public static ConversationRoom Read(CborInput input)
    {
        input.StartArray(2);
        var members = input.Int32();
        var changes = input.Int32();
        input.EndArray();
        if (!IsAllowed(members, changes))
            throw new MalformedException("SE-10: room");
        return new ConversationRoom(members, changes);
    }

    public void Write(CborOutput output) => output.StartArray(2).UInt((ulong)Members).UInt((ulong)Changes).EndArray();

    private static bool IsAllowed(int members, int changes) =>
        members is >= 1 and <= ConversationLimits.MaxMembers && changes is >= 1 and <= MaxChanges;
}

/// <summary>A limit of <see cref="ConversationRoom"/>.</summary>
public enum RoomLimit
{
    /// <summary>More members than there may be at a time.</summary>
    Members,

    /// <summary>More changes of members and keys than there may ever be (LI-10).</summary>
    Changes,
}
