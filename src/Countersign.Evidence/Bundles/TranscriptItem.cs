using System.Numerics;
using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>One item of entries.cbor (BU-04): an entry, or in the compact form a subtree of withheld ones.</summary>
/// <remarks><code>item = entry: bstr .size (1..131072) / [count: uint, root: hash]</code></remarks>
internal readonly record struct TranscriptItem
{
    /// <summary>Longest item with its head.</summary>
    public const int MaxBytes = ConversationLimits.MaxEntryBytes + 5;

    private TranscriptItem(ReadOnlyMemory<byte> entry, int level, Hash32 root) => (Entry, Level, Root) = (entry, level, root);

    /// <summary>The entry's exact bytes; empty if this is a subtree.</summary>
    public ReadOnlyMemory<byte> Entry { get; }

    /// <summary>A subtree's height: it stands for 2^level entries.</summary>
    public int Level { get; }

    /// <summary>A subtree's root.</summary>
    public Hash32 Root { get; }

    public bool IsEntry => !Entry.IsEmpty;

    public ulong Count => 1UL << Level;

    public static TranscriptItem Shown(ReadOnlyMemory<byte> entry) => new(entry, 0, default);

    public static TranscriptItem Withheld(int level, Hash32 root) => new(default, level, root);

    /// <summary>Reads an item whose bytes are copied.</summary>
    public static TranscriptItem Read(CborInput input)
    {
        if (!input.NextIsArray)
            return Shown(input.Bytes(1, ConversationLimits.MaxEntryBytes).ToArray());
        input.StartArray(2);
        var count = input.UInt(BundleManifest.MaxSize);
        if (!BitOperations.IsPow2(count))
            throw new MalformedException("BU-04: subtree");
        var item = Withheld(BitOperations.Log2(count), input.Hash());
        input.EndArray();
        return item;
    }

    /// <summary>Reads an item as the subtree that it is to the transcript: an entry as its leaf, of which nothing else is kept.</summary>
    public static TranscriptItem ReadNode(CborInput input) =>
        input.NextIsArray ? Read(input) : Withheld(0, MerkleHash.Leaf(input.Bytes(1, ConversationLimits.MaxEntryBytes).Span));

    /// <summary>It can come when the transcript has this size (BU-04).</summary>
    public bool FitsAt(ulong size) => size % Count == 0 && size + Count <= BundleManifest.MaxSize;

    public void Write(CborOutput output)
    {
        if (IsEntry)
            output.Bytes(Entry.Span);
        else
            output.StartArray(2).UInt(Count).Hash(Root).EndArray();
    }
}
