using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>What the client comes for.</summary>
public enum Intent
{
    /// <summary>A device with a certificate logs in or registers.</summary>
    Session = 0,
    /// <summary>A device without one turns in an invitation (section 10).</summary>
    Enrol = 1,
}

/// <summary><c>hello = [1, version, intent, nonce, point, ek]</c>: the first message of a link, in the clear.</summary>
public sealed record Hello(Intent Intent, Nonce32 Nonce, EcPoint Point, EncapsulationKey Key) : IHandshakeMessage<Hello>
{
    public static Hello Parse(ReadOnlyMemory<byte> bytes) => ProtocolVersion.Parse(bytes, MessageType.Hello, 5, Read);

    public byte[] Encode() => MessageShape.Encode(MessageType.Hello, 5, output => output
        .UInt(ProtocolVersion.One).UInt((ulong)Intent).Bytes(Nonce.Span).Bytes(Point.Span).Bytes(Key.Span));

    private static Hello Read(CborInput input) => new(
        (Intent)input.UInt((ulong)Intent.Enrol),
        new Nonce32(input.Bytes(Nonce32.Size).Span),
        EcPoint.Parse(input.Bytes(EcPoint.Size).Span), // HS-01
        EncapsulationKey.Parse(input.Bytes(EncapsulationKey.Size).Span));
}
