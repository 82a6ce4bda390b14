using System.Numerics;
using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>RFC 9162 section 2.1.4: the tree of the old size is the beginning of the tree of the new size (TR-02).</summary>
/// <param name="OldSize">At least 1: nothing can be said about the empty tree.</param>
/// <param name="NewSize">At least <paramref name="OldSize"/>.</param>
/// <param name="Path">Subtrees from the bottom upwards; at most 65.</param>
public sealed record ConsistencyProof(ulong OldSize, ulong NewSize, IReadOnlyList<Hash32> Path)
{
    /// <summary>PROOF(old, D[0:new]) of RFC 9162 section 2.1.4.1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The sizes are not 1 ≤ old ≤ new ≤ the tree's size.</exception>
    public static ConsistencyProof Prove(IMerkleNodes nodes, ulong oldSize, ulong newSize)
    {
        ArgumentOutOfRangeException.ThrowIfZero(oldSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(oldSize, newSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(newSize, nodes.Size);
        var path = new List<Hash32>();
        ulong start = 0, end = newSize;
        while (oldSize != end)
        {
            var middle = start + MerkleRanges.Split(end - start);
            if (oldSize <= middle)
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
        if (start != 0)
            path.Add(nodes.RootOf(start, end));
        path.Reverse();
        return new ConsistencyProof(oldSize, newSize, path);
    }

    /// <summary>Verification of RFC 9162 section 2.1.4.2.</summary>
    /// <exception cref="ProofRefusedException">The proof does not show that the old root's tree begins the new one's.</exception>
    public void Check(Hash32 oldRoot, Hash32 newRoot)
    {
        if (OldSize == 0 || OldSize > NewSize)
            throw new ProofRefusedException("sizes");
        if (OldSize == NewSize)
        {
            if (Path.Count != 0)
                throw new ProofRefusedException("path too long");
            if (oldRoot != newRoot)
                throw new ProofRefusedException("two roots of one size");
            return;
        }
        var complete = BitOperations.IsPow2(OldSize);
        if (!complete && Path.Count == 0)
            throw new ProofRefusedException("path too short");
        var first = complete ? oldRoot : Path[0];
        Climb(complete ? 0 : 1, first, oldRoot, newRoot);
    }

    private void Climb(int from, Hash32 first, Hash32 oldRoot, Hash32 newRoot)
    {
        var levels = BitOperations.TrailingZeroCount(OldSize);
        var (fn, sn) = ((OldSize - 1) >> levels, (NewSize - 1) >> levels);
        var (old, @new) = (first, first);
        for (var i = from; i < Path.Count; i++)
        {
            if (sn == 0)
                throw new ProofRefusedException("path too long");
            if ((fn & 1) == 1 || fn == sn)
            {
                old = MerkleHash.Node(Path[i], old);
                @new = MerkleHash.Node(Path[i], @new);
                for (; (fn & 1) == 0 && fn != 0; fn >>= 1)
                    sn >>= 1;
            }
            else
            {
                @new = MerkleHash.Node(@new, Path[i]);
            }
            fn >>= 1;
            sn >>= 1;
        }
        if (sn != 0)
            throw new ProofRefusedException("path too short");
        if (old != oldRoot || @new != newRoot)
            throw new ProofRefusedException("path leads to other roots");
    }
}
