using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>The transcript's tree from what a bundle shows: leaves, and in the compact form roots of withheld subtrees.</summary>
internal sealed class SparseNodes : IMerkleNodes
{
    private readonly Dictionary<(int Level, ulong Index), Hash32> _nodes = [];

    public ulong Size { get; private set; }

    public void Add(int level, Hash32 root)
    {
        _nodes.Add((level, Size >> level), root);
        Size += 1UL << level;
    }

    /// <exception cref="MalformedException">The node lies inside a withheld subtree.</exception>
    public Hash32 Node(int level, ulong index)
    {
        if (_nodes.TryGetValue((level, index), out var known))
            return known;
        if (level == 0)
            throw new MalformedException("BU-22: inside a withheld subtree");
        var node = MerkleHash.Node(Node(level - 1, 2 * index), Node(level - 1, 2 * index + 1));
        _nodes.Add((level, index), node);
        return node;
    }
}
