using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;

namespace Countersign.Load;

/// <summary>MQTT 3.1.1, as much as a room needs: one topic, QoS 1 in both directions.</summary>
internal sealed class MqttClient(TlsLink link, int number, bool packetByPacket) : RivalClient(link, packetByPacket ? 1 : int.MaxValue)
{
    private const byte Connack = 2, Publish = 3, Puback = 4, Suback = 9, Pingresp = 13;
    private static readonly byte[] Topic = Field("room");

    private readonly ConcurrentQueue<ushort> _unanswered = [];
    private ushort _identifier;
    private int _replies;

    public override bool HearsItself => true;

    public override async Task JoinAsync()
    {
        byte[] connect = [.. Field("MQTT"), 4, 0x02, 0, 0, .. Field($"client-{number}")]; // level 4, clean session, no keep-alive
        await SendAsync(Packet(0x10, connect));
        await ReadUntilAsync(() => _replies == 1);
        byte[] subscribe = [0, 1, .. Topic, 1];
        await SendAsync(Packet(0x82, subscribe));
        await ReadUntilAsync(() => _replies == 2);
    }

    public override async Task SettleAsync()
    {
        var before = _replies;
        await SendAsync(new byte[] { 0xC0, 0 }); // PINGREQ
        await ReadUntilAsync(() => _replies > before);
    }

    protected override void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> payload, bool isLast)
    {
        var length = Topic.Length + 2 + payload.Length;
        Span<byte> head = stackalloc byte[5 + Topic.Length + 2];
        head[0] = 0x32; // PUBLISH, QoS 1
        var at = 1 + WriteLength(head[1..], length);
        Topic.CopyTo(head[at..]);
        at += Topic.Length;
        _identifier = (ushort)Math.Max(1, (_identifier + 1) & 0xFFFF);
        BinaryPrimitives.WriteUInt16BigEndian(head[at..], _identifier);
        output.Write(head[..(at + 2)]);
        output.Write(payload);
    }

    protected override bool WriteReply(IBufferWriter<byte> output)
    {
        if (!_unanswered.TryDequeue(out var identifier))
            return false;
        var reply = output.GetSpan(4);
        (reply[0], reply[1]) = (Puback << 4, 2);
        BinaryPrimitives.WriteUInt16BigEndian(reply[2..], identifier);
        output.Advance(4);
        return true;
    }

    protected override int Take(ReadOnlySpan<byte> input)
    {
        if (!TryReadLength(input, out var start, out var length) || input.Length < start + length)
            return 0;
        var body = input.Slice(start, length);
        switch (input[0] >> 4)
        {
            case Publish:
                var identifier = BinaryPrimitives.ReadUInt16BigEndian(body[(2 + BinaryPrimitives.ReadUInt16BigEndian(body))..]);
                _unanswered.Enqueue(identifier);
                Delivered();
                break;
            case Puback:
                Answered(1);
                break;
            case Connack when body[1] == 0:
            case Suback when body[2] == 1:
            case Pingresp:
                _replies++;
                break;
            default:
                throw new InvalidOperationException($"The broker answered with packet {input[0]:x2}.");
        }
        return start + length;
    }

    private static byte[] Packet(byte first, ReadOnlySpan<byte> body)
    {
        Span<byte> length = stackalloc byte[4];
        return [first, .. length[..WriteLength(length, body.Length)], .. body];
    }

    private static byte[] Field(string text) => [(byte)(text.Length >> 8), (byte)text.Length, .. Encoding.ASCII.GetBytes(text)];

    // Seven bits a byte, the least significant first.
    private static int WriteLength(Span<byte> output, int length)
    {
        var count = 0;
        for (; length >= 0x80; length >>= 7)
            output[count++] = (byte)(length | 0x80);
        output[count++] = (byte)length;
        return count;
    }

    private static bool TryReadLength(ReadOnlySpan<byte> input, out int start, out int length)
    {
        (start, length) = (1, 0);
        for (var shift = 0; start < input.Length; shift += 7)
        {
            var next = input[start++];
            length |= (next & 0x7F) << shift;
            if (next < 0x80)
                return true;
        }
        return false;
    }
}
