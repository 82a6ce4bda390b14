using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary><c>[0, code]</c>: the sender ends the link (ER-01).</summary>
public sealed record Alert(WireCode Code) : IHandshakeMessage<Alert>
{
    private const byte FirstByte = 0x82; // an array of two
    private const byte SecondByte = 0x00; // whose first element is 0

    /// <summary>Whether a message can be nothing but an alert: no other begins like this.</summary>
    internal static bool IsAlert(ReadOnlySpan<byte> message) => message is [FirstByte, SecondByte, ..];

    public static Alert Parse(ReadOnlyMemory<byte> bytes) =>
        MessageShape.Parse(bytes, MessageType.Alert, 1, input => new Alert(WireCodes.Read(input)));

    public byte[] Encode() => MessageShape.Encode(MessageType.Alert, 1, output => output.UInt((ulong)Code));
}
