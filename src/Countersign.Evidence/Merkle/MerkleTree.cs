using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>An RFC 9162 tree with all complete subtrees in memory (64 bytes a leaf): for proofs over a tree at hand,
/// such as a batch of heads. A transcript that only needs its root keeps a <see cref="MerkleFrontier"/>.</summary>
public sealed class MerkleTree : IMerkleNodes
{
    private readonly List<List<Hash32>> _levels = [[]];

    public MerkleTree() { }

    public MerkleTree(IEnumerable<Hash32> leafHashes)
    {
        foreach (var leaf in leafHashes)
            Append(leaf);
    }

    public ulong Size => (ulong)_levels[0].Count;

    public Hash32 Root => this.RootOf(0, Size);

    /// <summary>The root over the first <paramref name="size"/> leaves, at most all.</summary>
    public Hash32 RootAt(ulong size) => this.RootOf(0, size);

    public Hash32 Node(int level, ulong index) => _levels[level][checked((int)index)];

    public void Append(Hash32 leafHash)
    {
        _levels[0].Add(leafHash);
        for (var level = 0; _levels[level].Count % 2 == 0; level++)
        {
            if (level + 1 == _levels.Count)
                _levels.Add([]);
            _levels[level + 1].Add(MerkleHash.Node(_levels[level][^2], _levels[level][^1]));
        }
    }
}
