using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>An entry that breaks no rule at one place of one conversation: only <see cref="Conversation.Check(SignedEntry, IDeviceDirectory, DateTimeOffset)"/> makes it,
/// and only the state it was checked against takes it.</summary>
public sealed class VerifiedEntry
{
    internal VerifiedEntry(Conversation checkedBy, SignedEntry entry, ulong position) =>
        (CheckedBy, Entry, Author, Position) = (checkedBy, entry.Entry, entry.Author, position);

    internal Conversation CheckedBy { get; }

    public Entry Entry { get; }
    public VerifiedDevice Author { get; }

    /// <summary>The position it will have: the conversation's size when it was checked (TR-01).</summary>
    public ulong Position { get; }
}
