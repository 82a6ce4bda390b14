using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>A signed head with a time-stamp token over its batch, parsed and believed in nothing (SPEC section 8.1).</summary>
/// <remarks><code>stamped_head = [signed_head, token: bstr .size (1..16384)]</code></remarks>
public sealed class StampedHead
{
    /// <param name="head">The head whose batch was stamped.</param>
    /// <param name="token">A token over the batch's bytes; whether it is one, <see cref="Verify(VerifiedHead, TrustAnchor, IRevocationKnowledge)"/> says.</param>
    public StampedHead(SignedHead head, TimeStampToken token) => (SignedHead, Token) = (head, token);

    public SignedHead SignedHead { get; }
    public TimeStampToken Token { get; }
    public Head Head => SignedHead.Head;

    /// <exception cref="MalformedException">Not deterministic CBOR, or not this grammar.</exception>
    /// <exception cref="HeadRefusedException">The batch is malformed.</exception>
    /// <exception cref="TimeStampRefusedException">The token is malformed.</exception>
    public static StampedHead Read(CborInput input)
    {
        input.StartArray(2);
        var head = SignedHead.Read(input);
        var token = TimeStampToken.Parse(input.Bytes(1, TimeStampToken.MaxSize));
        input.EndArray();
        return new StampedHead(head, token);
    }

    public void Write(CborOutput output)
    {
        output.StartArray(2);
        SignedHead.Write(output);
        output.Bytes(Token.Der.Span).EndArray();
    }

    public byte[] Encode() => CborOutput.Encode(Write);

    /// <exception cref="HeadRefusedException">The head's part, or the whole, is malformed.</exception>
    /// <exception cref="TimeStampRefusedException">The token is malformed.</exception>
    public static StampedHead Parse(ReadOnlyMemory<byte> bytes)
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

    /// <summary>Proves that the server signed the head and that an authority under the root stamped its batch.</summary>
    /// <param name="server">As for <see cref="SignedHead.Verify(VerifiedServer)"/>.</param>
    /// <param name="anchor">The root that the authority must lead to.</param>
    /// <param name="revocations">As for <see cref="TimeStampToken.Verify"/>.</param>
    /// <exception cref="HeadRefusedException">OtherSigner, BadSignature or NotInBatch.</exception>
    /// <exception cref="TimeStampRefusedException">The token (TS-02 to TS-05, TS-07).</exception>
    public VerifiedStamp Verify(VerifiedServer server, TrustAnchor anchor, IRevocationKnowledge revocations) =>
        Verify(SignedHead.Verify(server), anchor, revocations);

    /// <summary>The same with the head proved before.</summary>
    /// <exception cref="TimeStampRefusedException">The token (TS-02 to TS-05, TS-07).</exception>
    /// <exception cref="ArgumentException">Another head: a bug of the caller.</exception>
    public VerifiedStamp Verify(VerifiedHead head, TrustAnchor anchor, IRevocationKnowledge revocations)
    {
        if (!ReferenceEquals(head.SignedHead, SignedHead))
            throw new ArgumentException("It is another head that was proved.", nameof(head));
        return new VerifiedStamp(head, Token.Verify(SignedHead.Batch.Bytes.Span, anchor, revocations));
    }
}

/// <summary>A head with its proved time: only <see cref="StampedHead.Verify(VerifiedHead, TrustAnchor, IRevocationKnowledge)"/> makes it. Whether
/// the transcript held here agrees is for <see cref="Conversation.Compare"/>.</summary>
public sealed class VerifiedStamp
{
    internal VerifiedStamp(VerifiedHead head, VerifiedTimeStamp timeStamp) => (VerifiedHead, TimeStamp) = (head, timeStamp);

    public VerifiedHead VerifiedHead { get; }
    public VerifiedTimeStamp TimeStamp { get; }
    public Head Head => VerifiedHead.Head;

    /// <summary>Every entry below the head's size existed at this time at the latest (TS-07).</summary>
    public DateTimeOffset EntriesNotAfter => TimeStamp.NotAfter;
}
