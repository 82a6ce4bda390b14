using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>A server's one signature over many heads, parsed and believed in nothing (SPEC section 8, RC-01).</summary>
/// <remarks>
/// <code>batch = COSE_Sign1: header {1 => -37, 34 => [-16, hash], -65537 => 16}, payload [count: uint, root: hash, time]</code>
/// Purpose "head batch". Immutable; it keeps slices of the bytes it was parsed from.
/// </remarks>
public sealed class HeadBatch
{
    /// <summary>Largest batch in bytes: it does not grow with the number of heads.</summary>
    public const int MaxBytes = 1024;

    private const int Type = 16;
    private const int MaxPayload = 64;

    private readonly CoseSign1 _cose;

    private HeadBatch(ReadOnlyMemory<byte> bytes, CoseSign1 cose, Hash32 signer, uint count, Hash32 root, DateTimeOffset time) =>
        (Bytes, _cose, Signer, Count, Root, Time) = (bytes, cose, signer, count, root, time);

    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>SHA-256 of the server certificate's DER.</summary>
    public Hash32 Signer { get; }

    /// <summary>Number of heads.</summary>
    public uint Count { get; }

    /// <summary>RFC 9162 root over the leaves SHA-256(0x00 ‖ head).</summary>
    public Hash32 Root { get; }

    /// <summary>The server's clock.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>Signs all heads of one commit at once; the results stand in the same order and share one batch.</summary>
    /// <param name="key">The key of the server's certificate.</param>
    /// <param name="signer">SHA-256 of that certificate's DER.</param>
    /// <param name="heads">At least one.</param>
    /// <param name="time">The server's clock.</param>
    public static IReadOnlyList<SignedHead> Sign(SigningKey key, Hash32 signer, IReadOnlyList<Head> heads, DateTimeOffset time)
    {
        ArgumentOutOfRangeException.ThrowIfZero(heads.Count, nameof(heads));
        var tree = new MerkleTree(heads.Select(SignedHead.Leaf));
        var payload = new CborOutput().StartArray(3).UInt(tree.Size).Hash(tree.Root).Time(time).EndArray().ToArray();
        var batch = Parse(CoseSign1.Sign(key, Label.HeadBatch, SignedHeader.Encode(signer, Type), payload));
        return [.. heads.Select((head, i) => new SignedHead(head, (uint)i, InclusionProof.Prove(tree, (ulong)i, tree.Size).Path, batch))];
    }

    /// <param name="bytes">One batch and nothing else; kept by slices.</param>
    /// <exception cref="HeadRefusedException">Malformed.</exception>
    public static HeadBatch Parse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            var cose = CoseSign1.Parse(bytes, MaxPayload);
            var (signer, type) = SignedHeader.Parse(cose.ProtectedHeader);
            if (type != Type)
                throw new MalformedException("batch type");
            return CborInput.Parse(cose.Payload, input =>
            {
                input.StartArray(3);
                var batch = new HeadBatch(bytes, cose, signer, (uint)input.UInt(uint.MaxValue), input.Hash(), input.Time());
                input.EndArray();
                return batch;
            });
        }
        catch (MalformedException e)
        {
            throw new HeadRefusedException(HeadFault.Malformed, "RC-01", e);
        }
    }

    /// <summary>Proves the signature. Many heads of one batch need this once.</summary>
    /// <exception cref="HeadRefusedException">OtherSigner or BadSignature.</exception>
    public VerifiedBatch Verify(VerifiedServer server)
    {
        if (server.Leaf.Fingerprint != Signer)
            throw new HeadRefusedException(HeadFault.OtherSigner, "RC-02");
        try
        {
            _cose.Verify(server.Leaf.PublicKey, Label.HeadBatch);
        }
        catch (BadSignatureException e)
        {
            throw new HeadRefusedException(HeadFault.BadSignature, "RC-02", e);
        }
        return new VerifiedBatch(this, server);
    }
}

/// <summary>A batch whose signature is proved: only <see cref="HeadBatch.Verify"/> makes it.</summary>
public sealed class VerifiedBatch
{
    internal VerifiedBatch(HeadBatch batch, VerifiedServer server) => (Batch, Server) = (batch, server);

    public HeadBatch Batch { get; }
    public VerifiedServer Server { get; }
}
