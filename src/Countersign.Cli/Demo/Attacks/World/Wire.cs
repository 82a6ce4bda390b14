using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Countersign.Cli;

/// <summary>One frame on its way, with its four length bytes.</summary>
/// <param name="Connection">Counts from 0.</param>
/// <param name="FromClient">Its direction.</param>
/// <param name="Number">Counts from 0 in each direction of a connection.</param>
/// <param name="Frame">Its bytes.</param>
internal sealed record Passing(int Connection, bool FromClient, int Number, byte[] Frame);

/// <summary>The attacker's wire: the victim connects to it, it connects to the server, and each frame passes through the
/// attacker's hands, who has no key.</summary>
internal sealed class Wire : IAsyncDisposable
{
    // Above what either side sends, so that a broken length is not a broken attacker.
    private const uint MaxBody = 1 << 20;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly List<Passing> _passed = [];
    private readonly List<Task> _links = [];
    private readonly HashSet<Socket> _open = [];
    private readonly Task _accepting;

    public Wire(IPEndPoint server)
    {
        Target = server;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public IPEndPoint Endpoint => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>Where the next connections lead.</summary>
    public IPEndPoint Target { get; set; }

    /// <summary>What is written in a frame's place: itself, nothing, several, or parts, each by a write of its own.</summary>
    public Func<Passing, IEnumerable<byte[]>> Edit { get; set; } = Honest;

    /// <summary>Instead of passing anything on: talks to the victim itself.</summary>
    public Func<RawLink, Task>? Impersonate { get; set; }

    public static IEnumerable<byte[]> Honest(Passing passing) => [passing.Frame];

    /// <summary>Lets everything through but one frame of each connection.</summary>
    public static Func<Passing, IEnumerable<byte[]>> Only(bool fromClient, int number, Func<byte[], IEnumerable<byte[]>> edit) =>
        passing => passing.FromClient == fromClient && passing.Number == number ? edit(passing.Frame) : [passing.Frame];

    /// <summary>A frame with one bit of its last byte changed.</summary>
    public static byte[] Flipped(byte[] frame) => [.. frame[..^1], (byte)(frame[^1] ^ 1)];

    /// <summary>Everything that has passed, as it came.</summary>
    public IReadOnlyList<Passing> Passed
    {
        get
        {
            lock (_gate)
                return [.. _passed];
        }
    }

    public int Connections
    {
        get
        {
            lock (_gate)
                return _links.Count;
        }
    }

    /// <summary>Cuts every connection, as by a pair of pliers.</summary>
    public void Cut()
    {
        lock (_gate)
        {
            foreach (var socket in _open)
                socket.Dispose();
            _open.Clear();
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var accepted = await _listener.AcceptSocketAsync(_stop.Token);
                lock (_gate)
                    _links.Add(HandleAsync(accepted, _links.Count));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            return; // stopped
        }
    }

    private async Task HandleAsync(Socket client, int connection)
    {
        client.NoDelay = true;
        await Task.Yield();
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using (client)
        {
            Keep(client, server);
            if (Impersonate is { } impersonate)
            {
                await QuietlyAsync(() => impersonate(new RawLink(client, _stop.Token)));
                return;
            }
            await QuietlyAsync(async () =>
            {
                await server.ConnectAsync(Target, _stop.Token);
                await Task.WhenAll(QuietlyAsync(() => PassAsync(client, server, connection, true)), QuietlyAsync(() => PassAsync(server, client, connection, false)));
            });
        }
    }

    private void Keep(params ReadOnlySpan<Socket> sockets)
    {
        lock (_gate)
            foreach (var socket in sockets)
                _open.Add(socket);
    }

    private async Task PassAsync(Socket from, Socket to, int connection, bool fromClient)
    {
        for (var number = 0; await FrameAsync(from) is { } frame; number++)
        {
            var passing = new Passing(connection, fromClient, number, frame);
            lock (_gate)
                _passed.Add(passing);
            foreach (var chunk in Edit(passing))
                await SendAsync(to, chunk);
        }
        to.Shutdown(SocketShutdown.Send);
    }

    private async Task SendAsync(Socket to, ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[await to.SendAsync(bytes, _stop.Token)..];
    }

    private async Task<byte[]?> FrameAsync(Socket from)
    {
        await using var stream = new NetworkStream(from, ownsSocket: false);
        var header = new byte[sizeof(uint)];
        if (await stream.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, _stop.Token) < header.Length)
            return null;
        var length = BinaryPrimitives.ReadUInt32BigEndian(header);
        if (length > MaxBody)
            return null;
        var frame = new byte[header.Length + length];
        header.CopyTo(frame, 0);
        await stream.ReadExactlyAsync(frame.AsMemory(header.Length), _stop.Token);
        return frame;
    }

    // What ends a connection of either side ends it here, and is no failure of the attack.
    private static async Task QuietlyAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            return;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        Task[] links;
        lock (_gate)
            links = [.. _links];
        await Task.WhenAll(links);
        _stop.Dispose();
    }
}
