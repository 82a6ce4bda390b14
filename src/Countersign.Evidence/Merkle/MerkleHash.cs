using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>The three hashes of RFC 9162 section 2.1.1. Leaves and nodes differ in their first byte, so that no node
/// can be presented as a leaf.</summary>
public static class MerkleHash
{
    /// <summary>Root of the empty tree: SHA-256 of nothing.</summary>
    public static Hash32 Empty { get; } = Hash32.Sha256([]);

    public static Hash32 Leaf(ReadOnlySpan<byte> data) => Hash32.Sha256([0], data);

    public static Hash32 Node(Hash32 left, Hash32 right)
    {
        Span<byte> input = stackalloc byte[1 + 2 * Hash32.Size];
        input[0] = 1;
        left.Span.CopyTo(input[1..]);
        right.Span.CopyTo(input[(1 + Hash32.Size)..]);
        return Hash32.Sha256(input);
    }
}
