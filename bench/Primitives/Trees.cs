using BenchmarkDotNet.Attributes;
using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Bench;

/// <summary>The transcript's tree, and proofs in it, at two sizes: they may differ by the logarithm alone.</summary>
public class Trees
{
    private readonly Hash32 _leaf = MerkleHash.Leaf([1]);
    private readonly MerkleFrontier _frontier = new();
    private MerkleTree _tree = null!;
    private Hash32 _oldRoot, _root;
    private InclusionProof _inclusion = null!;
    private ConsistencyProof _consistency = null!;

    [Params(1_000, 1_000_000)]
    public int Size { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        var leaves = Enumerable.Range(0, Size).Select(static i => Hash32.Sha256(BitConverter.GetBytes(i))).ToArray();
        _tree = new MerkleTree(leaves);
        foreach (var leaf in leaves)
            _frontier.Append(leaf);
        _oldRoot = new MerkleTree(leaves.Take(Size / 3)).Root;
        _root = _tree.Root;
        _inclusion = ProveInclusion();
        _consistency = ProveConsistency();
    }

    /// <summary>As the server takes an entry: leaf in, root out.</summary>
    [Benchmark]
    public Hash32 AppendAndRoot()
    {
        _frontier.Append(_leaf);
        return _frontier.Root;
    }

    [Benchmark]
    public InclusionProof ProveInclusion() => InclusionProof.Prove(_tree, (ulong)Size / 3, (ulong)Size);

    [Benchmark]
    public void CheckInclusion() => _inclusion.Check(_tree.Node(0, (ulong)Size / 3), _root);

    [Benchmark]
    public ConsistencyProof ProveConsistency() => ConsistencyProof.Prove(_tree, (ulong)Size / 3, (ulong)Size);

    [Benchmark]
    public void CheckConsistency() => _consistency.Check(_oldRoot, _root);
}
