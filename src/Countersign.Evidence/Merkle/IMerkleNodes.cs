using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>The complete subtrees of a tree, which is all that a proof is made of.</summary>
public interface IMerkleNodes
{
    /// <summary>Number of leaves.</summary>
    ulong Size { get; }

    /// <summary>Root of the complete subtree over the leaves [index·2^level, (index+1)·2^level), all below <see cref="Size"/>.
    /// Level 0 are the leaf hashes.</summary>
    Hash32 Node(int level, ulong index);
}
