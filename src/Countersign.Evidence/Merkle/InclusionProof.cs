using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>RFC 9162 section 2.1.3: the leaf at an index is in the tree of a size with a root.</summary>
/// <param name="Index">Position of the leaf, from 0.</param>
/// <param name="Size">Number of leaves of the tree.</param>
/// <param name="Path">Siblings from the leaf upwards; at most 64.</param>
public sealed record InclusionProof(ulong Index, ulong Size, IReadOnlyList<Hash32> Path)
{
    /// <summary>PATH(index, D[0:size]) of RFC 9162 section 2.1.3.1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The tree has not that many leaves, or no such leaf.</exception>
    public static InclusionProof Prove(IMerkleNodes nodes, ulong index, ulong size)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, nodes.Size);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        var path = new List<Hash32>();
        for (ulong start = 0, end = size; end - start > 1;)
        {
            var middle = start + MerkleRanges.Split(end - start);
            if (index < middle)
            {
                path.Add(nodes.RootOf(middle, end));
                end = middle;
            }
            else
            {
                path.Add(nodes.RootOf(start, middle));
                start = middle;
            }
        }
        path.Reverse();
        return new InclusionProof(index, size, path);
    }

    /// <summary>Verification of RFC 9162 section 2.1.3.2.</summary>
    /// <exception cref="ProofRefusedException">The path does not lead from the leaf to the root.</exception>
    public void Check(Hash32 leafHash, Hash32 root)
    {
        if (Index >= Size)
            throw new ProofRefusedException("index outside the tree");
        var (fn, sn) = (Index, Size - 1);
        var node = leafHash;
        foreach (var sibling in Path)
        {
            if (sn == 0)
                throw new ProofRefusedException("path too long");
            if ((fn & 1) == 1 || fn == sn)
            {
                node = MerkleHash.Node(sibling, node);
                for (; (fn & 1) == 0 && fn != 0; fn >>= 1)
                    sn >>= 1;
            }
            else
            {
                node = MerkleHash.Node(node, sibling);
            }
            fn >>= 1;
            sn >>= 1;
        }
        if (sn != 0)
            throw new ProofRefusedException("path too short");
        if (node != root)
            throw new ProofRefusedException("path leads to another root");
    }
}
