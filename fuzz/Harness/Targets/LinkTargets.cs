using System.Buffers;
using System.Buffers.Binary;
using Countersign.Cryptography;
using Countersign.Protocol;

namespace Countersign.Fuzz;

/// <summary>Frames, records, and what is in the records of an established link.</summary>
internal static class LinkTargets
{
    public static IEnumerable<FuzzTarget> All =>
    [
        Catalogue.Wire("frames", Frames),
        Catalogue.Wire("record", Record) with { MaxLength = Frame.HandshakeLimit },
        Catalogue.Wire("from-client", static b => Encoded(SessionCodec.ParseFromClient(b))),
        Catalogue.Wire("from-server", static b => Encoded(SessionCodec.ParseFromServer(b))),
    ];

    // A stream in two segments, cut where its last byte says: where segments end must not matter (RL-03).
    private static byte[]? Frames(byte[] bytes)
    {
        var whole = new ReadOnlySequence<byte>(bytes);
        var cut = bytes.Length == 0 ? 0 : bytes[^1] % bytes.Length;
        var parted = Segment.Parted(bytes, cut);
        while (Frame.TryRead(ref whole, Frame.HandshakeLimit, out var body))
        {
            if (!Frame.TryRead(ref parted, Frame.HandshakeLimit, out var same) || !body.ToArray().AsSpan().SequenceEqual(same.ToArray()))
                throw new InvalidOperationException("RL-03");
        }
        return null;
    }

    /// <summary>The first record under a key that everybody knows.</summary>
    internal static byte[] Sealed(ReadOnlySpan<byte> content)
    {
        using var secret = Secret.CopyOf(new byte[32]);
        using var sealer = new RecordSealer(secret, Label.KChatClientToServer, Hash32.Sha256([]));
        var body = new byte[content.Length + RecordLimits.Overhead];
        Span<byte> header = stackalloc byte[Frame.HeaderSize];
        BinaryPrimitives.WriteInt32BigEndian(header, body.Length);
        sealer.Seal(header, content, body);
        return body;
    }

    // What opens is what its sender sealed, byte for byte.
    private static byte[] Record(byte[] body)
    {
        using var secret = Secret.CopyOf(new byte[32]);
        using var reader = new RecordReader();
        reader.Use(new RecordOpener(secret, Label.KChatClientToServer, Hash32.Sha256([])));
        return Sealed(reader.Read(new ReadOnlySequence<byte>(body)));
    }

    private static byte[] Encoded(IReadOnlyList<SessionMessage> messages) => [.. messages.SelectMany(static m => m.Encode())];

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public static ReadOnlySequence<byte> Parted(byte[] bytes, int cut)
        {
            var first = new Segment { Memory = bytes.AsMemory(0, cut) };
            var second = new Segment { Memory = bytes.AsMemory(cut), RunningIndex = cut };
            first.Next = second;
            return new ReadOnlySequence<byte>(first, 0, second, second.Memory.Length);
        }
    }
}
