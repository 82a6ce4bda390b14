using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary><c>finished = [5, mac]</c>: binds the identity just proved to the key exchange.</summary>
public sealed record Finished(Hash32 Mac) : IHandshakeMessage<Finished>
{
    public static Finished Parse(ReadOnlyMemory<byte> bytes) =>
        MessageShape.Parse(bytes, MessageType.Finished, 1, input => new Finished(input.Hash()));

    public byte[] Encode() => MessageShape.Encode(MessageType.Finished, 1, output => output.Hash(Mac));
}
