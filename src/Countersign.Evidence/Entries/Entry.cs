using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>An entry, parsed completely (EN-01 to EN-04) and believed in nothing: neither author nor place are proved.</summary>
/// <remarks>Immutable. It keeps slices of the bytes it was parsed from, which must not change afterwards.</remarks>
public sealed class Entry
{
    private readonly CoseSign1 _cose;

    private Entry(ReadOnlyMemory<byte> bytes, CoseSign1 cose, in EntryHeader header, EntryBody body)
    {
        (Bytes, _cose, Body) = (bytes, cose, body);
        (Type, Author, Seq, Time, Seen) = (header.Type, header.Author, header.Seq, header.Time, header.Seen);
        Conversation = header.Conversation ?? ConversationId.OfGenesis(bytes.Span);
        Hash = EntryHash.Of(bytes.Span);
        LeafHash = MerkleHash.Leaf(bytes.Span);
    }

    /// <summary>The exact bytes: what is stored, hashed and shown to an auditor.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    public EntryHash Hash { get; }

    /// <summary>Leaf of the transcript's tree.</summary>
    public Hash32 LeafHash { get; }

    public EntryType Type { get; }
    public DeviceId Author { get; }

    /// <summary>The conversation the entry names, or that it founds.</summary>
    public ConversationId Conversation { get; }

    /// <summary>1, 2, 3 … per author device and conversation.</summary>
    public ulong Seq { get; }

    /// <summary>The author's own clock, in whole milliseconds: a claim.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>The head the author had on screen.</summary>
    public TreeHead Seen { get; }

    public EntryBody Body { get; }

    /// <summary>The protected header's bytes: associated data of a message's ciphertext.</summary>
    public ReadOnlyMemory<byte> ProtectedHeader => _cose.ProtectedHeader;

    /// <param name="bytes">One entry and nothing else; kept by slices.</param>
    /// <exception cref="EntryRefusedException">Malformed or TooLarge.</exception>
    public static Entry Parse(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > ConversationLimits.MaxEntryBytes) // EN-04, before anything is read
            throw new EntryRefusedException(EntryFault.TooLarge, "EN-04");
        try
        {
            var cose = CoseSign1.Parse(bytes, ConversationLimits.MaxEntryBytes);
            var header = EntryHeader.Parse(cose.ProtectedHeader);
            if (header.Type == EntryType.Message && bytes.Length > ConversationLimits.MaxMessageEntryBytes)
                throw new EntryRefusedException(EntryFault.TooLarge, "EN-04");
            return new Entry(bytes, cose, header, EntryPayload.Parse(header, cose.Payload));
        }
        catch (MalformedException e)
        {
            throw new EntryRefusedException(EntryFault.Malformed, "EN-04", e);
        }
    }

    internal void VerifySignature(VerificationKey key) => _cose.Verify(key, Label.Entry); // EN-03, EN-06

    /// <summary>Type and hash; nothing of its text.</summary>
    public override string ToString() => $"{Type} {Hash}";
}
