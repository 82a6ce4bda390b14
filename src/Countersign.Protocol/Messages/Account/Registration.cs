using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary><c>register = [10, salt, cost, stored_key, server_key]</c>: keys made from a password, never the password (AC-02).</summary>
/// <param name="Record">The receiver owns it.</param>
public sealed record Register(AccountRecord Record) : IHandshakeMessage<Register>
{
    public static Register Parse(ReadOnlyMemory<byte> bytes) =>
        new(MessageShape.Parse(bytes, MessageType.Register, 4, static input => input.AccountRecord()).ToRecord());

    public byte[] Encode() => MessageShape.Encode(MessageType.Register, 4, output => output.AccountRecord(Record));
}

/// <summary><c>registered = [11]</c>.</summary>
public sealed record Registered : IHandshakeMessage<Registered>
{
    public static Registered Parse(ReadOnlyMemory<byte> bytes) =>
        MessageShape.Parse(bytes, MessageType.Registered, 0, static _ => new Registered());

    public byte[] Encode() => MessageShape.Encode(MessageType.Registered, 0, static _ => { });
}
