using System.Buffers;
using System.Buffers.Binary;
using CsCheck;

namespace Countersign.Protocol.Tests;

/// <summary>RL-01 to RL-03.</summary>
public sealed class FrameTests
{
    [Theory]
    [InlineData(0u, 16384, WireCode.BadMessage)]
    [InlineData(16385u, 16384, WireCode.TooLarge)]
    [InlineData(262161u, 262160, WireCode.TooLarge)]
    [InlineData(0x80000000u, 262160, WireCode.TooLarge)]
    [InlineData(0xffffffffu, 16384, WireCode.TooLarge)]
    public void RL_01_A21_a_wrong_length_is_refused_as_soon_as_it_is_there(uint length, int limit, WireCode code)
    {
        var header = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(header, length);
        for (var arrived = 0; arrived < 4; arrived++)
        {
            var some = new ReadOnlySequence<byte>(header, 0, arrived);
            Assert.False(Frame.TryRead(ref some, limit, out _));
        }
        var buffer = new ReadOnlySequence<byte>(header);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var fault = Assert.Throws<PeerFaultException>(() => Frame.TryRead(ref buffer, limit, out _));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 65536);
        Assert.Equal(code, fault.Code);
    }

    [Theory]
    [InlineData(1, 16384)]
    [InlineData(16384, 16384)]
    [InlineData(262160, 262160)]
    public void RL_01_the_limits_themselves_are_allowed(int length, int limit)
    {
        var frame = new byte[4 + length];
        BinaryPrimitives.WriteInt32BigEndian(frame, length);
        var buffer = new ReadOnlySequence<byte>(frame);
        Assert.True(Frame.TryRead(ref buffer, limit, out var body));
        Assert.Equal(length, body.Length);
        Assert.True(buffer.IsEmpty);
    }

    [Fact]
    public void RL_01_a_server_reads_large_frames_only_from_k_chat_on()
    {
        Assert.Equal(16384, Frame.HandshakeLimit);
        Assert.Equal(262160, Frame.ChatLimit);
        using var handshake = World.NewServer();
        Assert.Equal(Frame.HandshakeLimit, handshake.Start.FrameLimit);
        using var client = World.NewClient();
        Assert.Equal(Frame.ChatLimit, client.Start.Next.FrameLimit);
        using var ends = new Linked();
        Assert.Equal(Frame.ChatLimit, ends.Server.Receiver.FrameLimit);
    }

    [Fact]
    public void RL_01_the_limit_of_a_server_changes_with_rekey_done()
    {
        using var server = new ServerWalker();
        var limits = new List<int>();
        using var client = new ScriptedClient(server)
        {
            Says = (_, honest) => { limits.Add(server.Context.FrameLimit); return honest; },
        };
        client.Run();
        Assert.Equal([.. Enumerable.Repeat(Frame.HandshakeLimit, 8), Frame.ChatLimit], limits);
    }

    [Fact]
    public void RL_03_A22_any_split_and_merge_of_segments_gives_the_same_frames() =>
        Gen.Select(Gen.Byte.Array[1, 300].Array[1, 8], Gen.Int[1, 40]).Sample((bodies, step) =>
        {
            var stream = bodies.SelectMany(body => (byte[])[0, 0, (byte)(body.Length >> 8), (byte)body.Length, .. body]).ToArray();
            var read = new List<byte[]>();
            var buffer = new ReadOnlySequence<byte>();
            var segments = new List<byte[]>();
            for (var at = 0; at < stream.Length; at += step)
            {
                segments.Add(stream[at..Math.Min(stream.Length, at + step)]);
                buffer = Segment.Of(segments);
                while (Frame.TryRead(ref buffer, Frame.ChatLimit, out var body))
                    read.Add(body.ToArray());
                segments = [buffer.ToArray()];
            }
            return buffer.IsEmpty && read.Count == bodies.Length && read.Zip(bodies).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second));
        }, iter: 200);

    [Fact]
    public void RL_03_A22_records_in_pieces_of_any_size_are_opened()
    {
        using var ends = new Linked();
        for (var size = 1; size < 30; size++)
        {
            var body = RecordTests.Ping(ends.Client.Sender, (ulong)size);
            var received = ends.Server.Receiver.Receive(Segment.Of([.. body.Chunk(size)]), World.Now);
            Assert.Single(received.Replies);
        }
    }

    [Fact]
    public void RL_02_a_half_frame_is_no_frame()
    {
        var buffer = new ReadOnlySequence<byte>([0, 0, 0, 5, 1, 2, 3, 4]);
        Assert.False(Frame.TryRead(ref buffer, Frame.HandshakeLimit, out _));
        Assert.Equal(8, buffer.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public static ReadOnlySequence<byte> Of(IReadOnlyList<byte[]> pieces)
        {
            Segment? first = null, last = null;
            foreach (var piece in pieces)
            {
                var next = new Segment { Memory = piece, RunningIndex = last is null ? 0 : last.RunningIndex + last.Memory.Length };
                first ??= next;
                if (last is not null)
                    last.Next = next;
                last = next;
            }
            return first is null ? default : new ReadOnlySequence<byte>(first, 0, last!, last!.Memory.Length);
        }
    }
}
