using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>A head with its way to a server's signature, parsed and believed in nothing (SPEC section 8, RC-01).</summary>
/// <remarks><code>signed_head = [head, index: uint, path: [*32 hash], batch: bstr]</code></remarks>
public sealed class SignedHead
{
    /// <summary>Longest path: a batch has fewer than 2^32 heads.</summary>
    public const int MaxPath = 32;

    internal SignedHead(Head head, uint index, IReadOnlyList<Hash32> path, HeadBatch batch) =>
        (Head, Index, Path, Batch) = (head, index, path, batch);

    public Head Head { get; }

    /// <summary>Position of the head in its batch.</summary>
    public uint Index { get; }

    public IReadOnlyList<Hash32> Path { get; }
    public HeadBatch Batch { get; }

    /// <exception cref="MalformedException">Not deterministic CBOR, or not this grammar.</exception>
    /// <exception cref="HeadRefusedException">The batch is malformed.</exception>
    public static SignedHead Read(CborInput input)
    {
        input.StartArray(4);
        var head = Head.Read(input);
        var index = (uint)input.UInt(uint.MaxValue);
        var path = new Hash32[input.StartArray(0, MaxPath)];
        for (var i = 0; i < path.Length; i++)
            path[i] = input.Hash();
        input.EndArray();
        var batch = HeadBatch.Parse(input.Bytes(1, HeadBatch.MaxBytes));
        input.EndArray();
        return new SignedHead(head, index, path, batch);
    }

    public void Write(CborOutput output)
    {
        output.StartArray(4);
        Head.Write(output);
        output.UInt(Index).StartArray(Path.Count);
        foreach (var hash in Path)
            output.Hash(hash);
        output.EndArray().Bytes(Batch.Bytes.Span).EndArray();
    }

    public byte[] Encode() => CborOutput.Encode(Write);

    /// <exception cref="HeadRefusedException">Malformed.</exception>
    public static SignedHead Parse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return CborInput.Parse(bytes, Read);
        }
        catch (MalformedException e)
        {
            throw new HeadRefusedException(HeadFault.Malformed, "RC-01", e);
        }
    }

    /// <summary>Proves that the server signed this head (RC-01, RC-02).</summary>
    /// <param name="server">The link's server, or one chained to the same root for the same name.</param>
    /// <exception cref="HeadRefusedException">OtherSigner, BadSignature or NotInBatch.</exception>
    public VerifiedHead Verify(VerifiedServer server) => Verify(Batch.Verify(server));

    /// <summary>The same with the batch's signature proved before.</summary>
    /// <exception cref="HeadRefusedException">NotInBatch.</exception>
    /// <exception cref="ArgumentException">Another batch: a bug of the caller.</exception>
    public VerifiedHead Verify(VerifiedBatch batch)
    {
        if (!batch.Batch.Bytes.Span.SequenceEqual(Batch.Bytes.Span))
            throw new ArgumentException("The head belongs to another batch.", nameof(batch));
        try
        {
            new InclusionProof(Index, Batch.Count, Path).Check(Leaf(Head), Batch.Root);
        }
        catch (ProofRefusedException e)
        {
            throw new HeadRefusedException(HeadFault.NotInBatch, "RC-01", e);
        }
        return new VerifiedHead(this, batch.Server);
    }

    internal static Hash32 Leaf(Head head) => MerkleHash.Leaf(head.Encode());
}
