using Countersign.Cryptography;

namespace Countersign.Evidence.Tests;

public sealed class MerkleTreeTests
{
    private const int Largest = 65;

    private static readonly Hash32[] Leaves = [.. Enumerable.Range(0, Largest).Select(i => MerkleHash.Leaf([(byte)i]))];

    private static readonly MerkleTree Whole = new(Leaves);

    /// <summary>MTH as RFC 9162 section 2.1.1 defines it, by recursion.</summary>
    private static Hash32 Defined(ReadOnlySpan<Hash32> leaves)
    {
        if (leaves.Length == 0)
            return Hash32.Sha256([]);
        if (leaves.Length == 1)
            return leaves[0];
        var k = 1;
        while (2 * k < leaves.Length)
            k *= 2;
        return Hash32.Sha256([1, .. Defined(leaves[..k]).Span, .. Defined(leaves[k..]).Span]);
    }

    [Fact]
    public void TR_02_frontier_and_tree_have_the_root_of_the_definition_at_every_size()
    {
        var frontier = new MerkleFrontier();
        Assert.Equal(Defined([]), frontier.Root);
        for (var size = 1; size <= Largest; size++)
        {
            var announced = frontier.RootWith(Leaves[size - 1]);
            frontier.Append(Leaves[size - 1]);
            Assert.Equal(Defined(Leaves.AsSpan(0, size)), frontier.Root);
            Assert.Equal(frontier.Root, announced);
            Assert.Equal(frontier.Root, new MerkleTree(Leaves[..size]).Root);
            Assert.Equal((ulong)size, frontier.Size);
            Assert.Equal(System.Numerics.BitOperations.PopCount((uint)size), frontier.Peaks.Count);
        }
    }

    [Fact]
    public void A_leaf_is_no_node()
    {
        var node = MerkleHash.Node(Leaves[0], Leaves[1]);
        Assert.NotEqual(node, MerkleHash.Leaf([.. Leaves[0].Span, .. Leaves[1].Span]));
    }

    [Fact]
    public void A_frontier_restored_from_its_bytes_goes_on_the_same()
    {
        var frontier = new MerkleFrontier();
        for (var size = 0; size < Largest; size++)
        {
            var bytes = CborOutput.Encode(frontier.Write);
            var restored = CborInput.Parse(bytes, MerkleFrontier.Read);
            frontier.Append(Leaves[size]);
            restored.Append(Leaves[size]);
            Assert.Equal(frontier.Root, restored.Root);
        }
    }

    [Fact]
    public void A_frontier_with_another_number_of_peaks_than_its_size_has_is_refused()
    {
        var bytes = new CborOutput().StartArray(2).UInt(3).StartArray(1).Hash(Leaves[0]).EndArray().EndArray().ToArray();
        Assert.Throws<MalformedException>(() => CborInput.Parse(bytes, MerkleFrontier.Read));
    }

    [Fact]
    public void Every_inclusion_proof_holds_and_none_with_a_corrupted_hash()
    {
        for (ulong size = 1; size <= Largest; size++)
        {
            var root = Defined(Leaves.AsSpan(0, (int)size));
            for (ulong index = 0; index < size; index++)
            {
                var proof = InclusionProof.Prove(Whole, index, size);
                proof.Check(Leaves[index], root);
                Refused(() => proof.Check(Corrupt(Leaves[index]), root));
                Refused(() => proof.Check(Leaves[index], Corrupt(root)));
                Refused(() => (proof with { Index = index + 1 }).Check(Leaves[index], root));
                foreach (var path in Damaged(proof.Path))
                    Refused(() => (proof with { Path = path }).Check(Leaves[index], root));
            }
        }
    }

    [Fact]
    public void TR_02_every_consistency_proof_holds_and_none_with_a_corrupted_hash()
    {
        for (ulong newSize = 1; newSize <= Largest; newSize++)
        {
            var newRoot = Defined(Leaves.AsSpan(0, (int)newSize));
            for (ulong oldSize = 1; oldSize <= newSize; oldSize++)
            {
                var oldRoot = Defined(Leaves.AsSpan(0, (int)oldSize));
                var proof = ConsistencyProof.Prove(Whole, oldSize, newSize);
                proof.Check(oldRoot, newRoot);
                Refused(() => proof.Check(Corrupt(oldRoot), newRoot));
                Refused(() => proof.Check(oldRoot, Corrupt(newRoot)));
                foreach (var path in Damaged(proof.Path))
                    Refused(() => (proof with { Path = path }).Check(oldRoot, newRoot));
            }
        }
    }

    [Fact]
    public void Nothing_is_proved_about_the_empty_tree_or_beyond_the_tree()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => InclusionProof.Prove(Whole, Largest, Largest));
        Assert.Throws<ArgumentOutOfRangeException>(() => InclusionProof.Prove(Whole, 0, Largest + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => ConsistencyProof.Prove(Whole, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => ConsistencyProof.Prove(Whole, 2, 1));
        Refused(() => new ConsistencyProof(0, 1, []).Check(MerkleHash.Empty, Leaves[0]));
    }

    [Fact]
    public void A_proof_is_as_long_as_its_sizes_ask_for()
    {
        var inclusion = InclusionProof.Prove(Whole, 0, 2);
        var root = Defined(Leaves.AsSpan(0, 2));
        inclusion.Check(Leaves[0], root);
        Refused(() => (inclusion with { Size = 8 }).Check(Leaves[0], root)); // hashes to the same root, too early
        var consistency = ConsistencyProof.Prove(Whole, 1, 2);
        consistency.Check(Leaves[0], root);
        Refused(() => (consistency with { NewSize = 8 }).Check(Leaves[0], root));
        Refused(() => new ConsistencyProof(3, 5, []).Check(root, root));
        Refused(() => new ConsistencyProof(2, 1, []).Check(root, root));
    }

    [Fact]
    public void Sizes_up_to_the_largest_do_not_overflow()
    {
        var path = Enumerable.Repeat(Leaves[0], 64).ToArray();
        Refused(() => new InclusionProof(ulong.MaxValue - 1, ulong.MaxValue, path).Check(Leaves[0], Leaves[1]));
        Refused(() => new ConsistencyProof(ulong.MaxValue - 1, ulong.MaxValue, path).Check(Leaves[0], Leaves[1]));
    }

    private static IEnumerable<IReadOnlyList<Hash32>> Damaged(IReadOnlyList<Hash32> path)
    {
        for (var i = 0; i < path.Count; i++)
        {
            Hash32[] changed = [.. path];
            changed[i] = Corrupt(changed[i]);
            yield return changed;
            yield return [.. path.Where((_, at) => at != i)];
        }
        yield return [.. path, Leaves[0]];
        yield return [Leaves[0], .. path];
    }

    private static Hash32 Corrupt(Hash32 hash)
    {
        var bytes = hash.ToArray();
        bytes[7] ^= 0x10;
        return new Hash32(bytes);
    }

    private static void Refused(Action check) => Assert.Throws<ProofRefusedException>(check);
}
