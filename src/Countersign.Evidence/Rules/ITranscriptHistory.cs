using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>What a conversation's store remembers of entries already applied, those not yet durable included.
/// The rule engine itself keeps only the newest state.</summary>
public interface ITranscriptHistory
{
    /// <summary>The transcript's root when it had <paramref name="size"/> entries.</summary>
    /// <param name="size">From 1 to the conversation's size less one.</param>
    Hash32 RootAt(ulong size);

    /// <summary>The entry with which <paramref name="author"/> used <paramref name="seq"/>, or null if there is none.</summary>
    PlacedEntry? Find(DeviceId author, ulong seq);
}

/// <summary>An applied entry's position and hash.</summary>
public readonly record struct PlacedEntry(ulong Position, EntryHash Hash);
