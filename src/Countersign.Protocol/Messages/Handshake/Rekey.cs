using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary><c>rekey_start = [20, point, ek]</c>, client to server, alone in its record (SPEC 4.4).</summary>
public sealed record RekeyStart(EcPoint Point, EncapsulationKey Key) : IHandshakeMessage<RekeyStart>
{
    public static RekeyStart Parse(ReadOnlyMemory<byte> bytes) => MessageShape.Parse(bytes, MessageType.RekeyStart, 2, input => new RekeyStart(
        EcPoint.Parse(input.Bytes(EcPoint.Size).Span), // HS-01
        EncapsulationKey.Parse(input.Bytes(EncapsulationKey.Size).Span)));

    public byte[] Encode() => MessageShape.Encode(MessageType.RekeyStart, 2, output => output.Bytes(Point.Span).Bytes(Key.Span));
}

/// <summary><c>rekey_reply = [21, point, ct]</c>, server to client, the last record under the server's old key.</summary>
public sealed record RekeyReply(EcPoint Point, KemCiphertext Ciphertext) : IHandshakeMessage<RekeyReply>
{
    public static RekeyReply Parse(ReadOnlyMemory<byte> bytes) => MessageShape.Parse(bytes, MessageType.RekeyReply, 2, input => new RekeyReply(
        EcPoint.Parse(input.Bytes(EcPoint.Size).Span), // HS-01
        KemCiphertext.Parse(input.Bytes(KemCiphertext.Size).Span)));

    public byte[] Encode() => MessageShape.Encode(MessageType.RekeyReply, 2, output => output.Bytes(Point.Span).Bytes(Ciphertext.Span));
}

/// <summary><c>rekey_done = [22]</c>, client to server, the last record under the client's old key.</summary>
public sealed record RekeyDone : IHandshakeMessage<RekeyDone>
{
    public static RekeyDone Parse(ReadOnlyMemory<byte> bytes) =>
        MessageShape.Parse(bytes, MessageType.RekeyDone, 0, _ => new RekeyDone());

    public byte[] Encode() => MessageShape.Encode(MessageType.RekeyDone, 0, _ => { });
}
