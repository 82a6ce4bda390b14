using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>What is to be exported: the parts a client or server holds, in any order.</summary>
public sealed class BundleContents
{
    /// <summary>Whose transcript.</summary>
    public required ConversationId Conversation { get; init; }

    /// <summary>The transcript's exact entry bytes from the genesis on, in order. Enumerated several times, the same each
    /// time; nothing of it is held.</summary>
    public required IEnumerable<ReadOnlyMemory<byte>> Entries { get; init; }

    /// <summary>The server's heads that are held; the newest, over all entries, is the one that counts most.</summary>
    public required IReadOnlyCollection<SignedHead> Heads { get; init; }

    /// <summary>The members' receipts, one of each device and kind.</summary>
    public IReadOnlyCollection<Receipt> Receipts { get; init; } = [];

    /// <summary>The heads with trusted time that are held.</summary>
    public IReadOnlyCollection<StampedHead> Stamps { get; init; } = [];

    /// <summary>Every device that was ever a member, the servers that signed heads, the CAs above them, and the root, and no other (BU-06):
    /// tokens bring the certificates of their authorities.</summary>
    public required IReadOnlyCollection<Certificate> Certificates { get; init; }

    /// <summary>The newest list of each CA.</summary>
    public IReadOnlyCollection<CertificateRevocationList> RevocationLists { get; init; } = [];

    /// <summary>The keys of the messages to disclose, by position. The keys stay the caller's.</summary>
    public IReadOnlyDictionary<ulong, MessageKey> Keys { get; init; } = new Dictionary<ulong, MessageKey>();

    /// <summary>Runs of messages that are not disclosed stand as subtree hashes instead of their bytes: a small file, which
    /// proves less (BU-22).</summary>
    public bool Compact { get; init; }

    /// <summary>Contradictions that were found in this conversation, at most 16. Each makes the bundle FAIL.</summary>
    public IReadOnlyCollection<MisconductFile> Misconduct { get; init; } = [];
}
