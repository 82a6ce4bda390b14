using System.Numerics;
using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>An RFC 9162 tree that only grows, held as the roots of its complete subtrees: one hash for each bit set in
/// the size, so at most 64. Appending costs one hash on average, a root at most 63.</summary>
/// <remarks>Not thread-safe. Roots of earlier sizes are gone: whoever needs them stores them, or <see cref="Last"/> of each leaf, while the
/// tree grows.</remarks>
public sealed class MerkleFrontier
{
    private readonly List<Hash32> _peaks = [];
    private Hash32? _root;

    /// <summary>The empty tree.</summary>
    public MerkleFrontier() { }

    private MerkleFrontier(ulong size, IEnumerable<Hash32> peaks) => (Size, _peaks) = (size, [.. peaks]);

    /// <summary>The tree of <paramref name="size"/> leaves that has these complete subtrees.</summary>
    /// <param name="size">Number of leaves.</param>
    /// <param name="peaks">What was stored at the leaves that <see cref="Ends"/> names, in that order.</param>
    /// <exception cref="ArgumentException">Their number does not fit the size.</exception>
    public static MerkleFrontier Of(ulong size, IReadOnlyCollection<Hash32> peaks) => peaks.Count == BitOperations.PopCount(size)
        ? new MerkleFrontier(size, peaks)
        : throw new ArgumentException("The subtrees do not fit the size.", nameof(peaks));

    /// <summary>The leaves, counted from 0, with which the complete subtrees of a tree of <paramref name="size"/> leaves end, from left to
    /// right. Each is also the largest complete subtree that ends with its leaf: who stores <see cref="Last"/> with each leaf has every
    /// earlier tree.</summary>
    public static IReadOnlyList<ulong> Ends(ulong size)
    {
        var ends = new List<ulong>(BitOperations.PopCount(size));
        var leaves = 0ul;
        for (var level = 63; level >= 0; level--)
            if ((size & (1UL << level)) != 0)
                ends.Add((leaves += 1UL << level) - 1);
        return ends;
    }

    /// <summary>Number of leaves.</summary>
    public ulong Size { get; private set; }

    /// <summary>Complete subtrees from left (largest) to right (smallest).</summary>
    public IReadOnlyList<Hash32> Peaks => _peaks;

    /// <summary>The largest complete subtree that ends with the last leaf.</summary>
    /// <exception cref="InvalidOperationException">There is no leaf.</exception>
    public Hash32 Last => _peaks is [.., var last] ? last : throw new InvalidOperationException("The tree is empty.");

    public Hash32 Root => _root ??= Bag(_peaks, Size);

    /// <summary>The root this tree would have with one more leaf; the tree stays as it is.</summary>
    public Hash32 RootWith(Hash32 leafHash)
    {
        var right = leafHash;
        for (var i = _peaks.Count - 1; i >= 0; i--)
            right = MerkleHash.Node(_peaks[i], right);
        return right;
    }

    /// <param name="leafHash"><see cref="MerkleHash.Leaf"/> of the appended data.</param>
    public void Append(Hash32 leafHash) => AppendSubtree(leafHash, 0);

    /// <summary>Appends 2^level leaves at once by the root of their complete subtree.</summary>
    /// <param name="root">Root over those leaves.</param>
    /// <param name="level">At most 62; <see cref="Size"/> is a multiple of 2^level.</param>
    public void AppendSubtree(Hash32 root, int level)
    {
        if (level is < 0 or > 62 || (Size & ((1UL << level) - 1)) != 0)
            throw new ArgumentOutOfRangeException(nameof(level));
        var node = root;
        for (var merges = BitOperations.TrailingZeroCount(~(Size >> level)); merges > 0; merges--)
        {
            node = MerkleHash.Node(_peaks[^1], node);
            _peaks.RemoveAt(_peaks.Count - 1);
        }
        _peaks.Add(node);
        Size += 1UL << level;
        _root = null;
    }

    public static MerkleFrontier Read(CborInput input)
    {
        input.StartArray(2);
        var size = input.UInt();
        var peaks = new Hash32[input.StartArray(0, 64)];
        if (peaks.Length != BitOperations.PopCount(size))
            throw new MalformedException("frontier does not fit its size");
        for (var i = 0; i < peaks.Length; i++)
            peaks[i] = input.Hash();
        input.EndArray();
        input.EndArray();
        return new MerkleFrontier(size, peaks);
    }

    public void Write(CborOutput output)
    {
        output.StartArray(2).UInt(Size).StartArray(_peaks.Count);
        foreach (var peak in _peaks)
            output.Hash(peak);
        output.EndArray().EndArray();
    }

    private static Hash32 Bag(List<Hash32> peaks, ulong size)
    {
        if (size == 0)
            return MerkleHash.Empty;
        var root = peaks[^1];
        for (var i = peaks.Count - 2; i >= 0; i--)
            root = MerkleHash.Node(peaks[i], root);
        return root;
    }
}
