using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Countersign.Protocol;
using Countersign.Testing;
using static Countersign.Specification.Tests.Second.Derivation;

namespace Countersign.Attacks.Tests;

/// <summary>Readers of a socket as they were written elsewhere: the attacks A21 and A22 work on them.</summary>
public sealed class SocketControlTests
{
    [Fact]
    public void A21_control_a_parser_that_allocates_what_is_announced_takes_64_MiB_for_4_bytes()
    {
        byte[] announced = [4, 0, 0, 0];
        var before = GC.GetAllocatedBytesForCurrentThread();
        _ = new byte[BinaryPrimitives.ReadUInt32BigEndian(announced)];
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 64 << 20, long.MaxValue);

        before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<PeerFaultException>(() =>
        {
            var buffer = new ReadOnlySequence<byte>(announced);
            Frame.TryRead(ref buffer, Frame.ChatLimit, out _);
        });
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public async Task A21_control_a_server_that_takes_one_after_the_other_is_stopped_by_one_that_is_silent()
    {
        var happened = new List<string>();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = Task.Run(async () =>
        {
            for (var n = 1; n <= 2; n++)
            {
                using var client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
                lock (happened)
                    happened.Add($"{n} begins");
                var body = new byte[1];
                while (await client.GetStream().ReadAsync(body, TestContext.Current.CancellationToken) > 0)
                    await client.GetStream().WriteAsync(body, TestContext.Current.CancellationToken);
                lock (happened)
                    happened.Add($"{n} ends");
            }
        });
        using var silent = new TcpClient();
        await silent.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using var honest = new TcpClient();
        await honest.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        await honest.GetStream().WriteAsync(new byte[] { 1 });
        await Eventually.True(() => happened.Count > 0, "the silent one has his turn");
        Assert.Equal(["1 begins"], happened); // and the honest one will not have it before
        silent.Dispose();
        Assert.Equal(1, await honest.GetStream().ReadAsync(new byte[1]));
        honest.Dispose();
        await serving;
        Assert.Equal(["1 begins", "1 ends", "2 begins", "2 ends"], happened);
    }

    [Fact]
    public async Task A22_control_a_reader_that_takes_one_read_for_one_frame_loses_the_second_and_half_of_a_split_one()
    {
        byte[] one = Framed([1, 1, 1]), two = Framed([2, 2, 2]);
        Assert.Equal([one[4..]], await ReadAsync(wait: 14, [.. one, .. two])); // the second is gone
        Assert.Equal([[1]], await ReadAsync(wait: 5, one[..5])); // and this is taken for a whole one
    }

    // One read, one frame: what it says of its length is not asked.
    private static async Task<List<byte[]>> ReadAsync(int wait, byte[] segment)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var sender = new TcpClient { NoDelay = true };
        await sender.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using var accepted = await listener.AcceptSocketAsync(TestContext.Current.CancellationToken);
        await sender.GetStream().WriteAsync(segment);
        await Eventually.True(() => accepted.Available == wait, "the segment is there");
        var buffer = new byte[65536];
        var read = await accepted.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
        var length = Math.Min(read - 4, (int)BinaryPrimitives.ReadUInt32BigEndian(buffer));
        return [buffer[4..(4 + length)]];
    }
}
