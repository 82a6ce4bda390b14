using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary><c>server_hello = [2, version, nonce, point, ct]</c>: the last message in the clear.</summary>
public sealed record ServerHello(Nonce32 Nonce, EcPoint Point, KemCiphertext Ciphertext) : IHandshakeMessage<ServerHello>
{
    public static ServerHello Parse(ReadOnlyMemory<byte> bytes) => ProtocolVersion.Parse(bytes, MessageType.ServerHello, 4, Read);

    public byte[] Encode() => MessageShape.Encode(MessageType.ServerHello, 4, output => output
        .UInt(ProtocolVersion.One).Bytes(Nonce.Span).Bytes(Point.Span).Bytes(Ciphertext.Span));

    private static ServerHello Read(CborInput input) => new(
        new Nonce32(input.Bytes(Nonce32.Size).Span),
        EcPoint.Parse(input.Bytes(EcPoint.Size).Span), // HS-01
        KemCiphertext.Parse(input.Bytes(KemCiphertext.Size).Span));
}
