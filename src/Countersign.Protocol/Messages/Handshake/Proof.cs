using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary><c>proof = [4, signature]</c>: the sender holds the key of the certificate it showed, here and now.</summary>
public sealed record Proof(Signature Signature) : IHandshakeMessage<Proof>
{
    public static Proof Parse(ReadOnlyMemory<byte> bytes) => MessageShape.Parse(bytes, MessageType.Proof, 1,
        input => new Proof(Signature.Parse(input.Bytes(Signature.MinSize, Signature.MaxSize).Span)));

    public byte[] Encode() => MessageShape.Encode(MessageType.Proof, 1, output => output.Bytes(Signature.Span));
}
