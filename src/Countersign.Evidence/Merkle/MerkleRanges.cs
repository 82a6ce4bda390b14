using System.Numerics;
using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>Roots of ranges of leaves from complete subtrees (RFC 9162 section 2.1.1).</summary>
internal static class MerkleRanges
{
    /// <summary>MTH(D[start:end]); start is a multiple of the largest power of two that the range can be split by, which
    /// every range that RFC 9162's recursions name satisfies.</summary>
    public static Hash32 RootOf(this IMerkleNodes nodes, ulong start, ulong end)
    {
        var length = end - start;
        if (length == 0)
            return MerkleHash.Empty;
        if (BitOperations.IsPow2(length))
        {
            var level = BitOperations.Log2(length);
            return nodes.Node(level, start >> level);
        }
        var middle = start + Split(length);
        return MerkleHash.Node(nodes.RootOf(start, middle), nodes.RootOf(middle, end));
    }

    /// <summary>The largest power of two smaller than <paramref name="length"/>, which is at least 2.</summary>
    public static ulong Split(ulong length) => 1UL << BitOperations.Log2(length - 1);
}
