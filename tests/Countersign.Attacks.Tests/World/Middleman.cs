using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Countersign.Attacks.Tests;

/// <summary>One frame on its way, with its four length bytes; numbers count from 0 in each direction of a connection.</summary>
internal sealed record Passing(bool FromClient, int Number, byte[] Frame);

/// <summary>A man in the middle on the wire: clients connect to him, he connects to the server, and every frame passes through
/// <see cref="Edit"/>, which says what is written in its place, each chunk in a write of its own.</summary>
internal sealed class Middleman : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly IPEndPoint _server;
    private readonly Lock _gate = new();
    private readonly List<Passing> _passed = [];
    private readonly List<Task> _links = [];
    private readonly Task _accepting;

    public Middleman(IPEndPoint server)
    {
        _server = server;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public IPEndPoint Endpoint => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>What is written instead of a frame: nothing, itself, several, or parts.</summary>
    public Func<Passing, IEnumerable<byte[]>> Edit { get; set; } = passing => [passing.Frame];

    /// <summary>Instead of passing anything on: talks to the client itself.</summary>
    public Func<NetworkStream, Task>? Impersonate { get; set; }

    /// <summary>All frames so far, of all connections, as they came.</summary>
    public IReadOnlyList<Passing> Passed
    {
        get
        {
            lock (_gate)
                return [.. _passed];
        }
    }

    /// <summary>All bytes so far.</summary>
    public byte[] Capture => [.. Passed.SelectMany(p => p.Frame)];

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _links.Add(HandleAsync(await _listener.AcceptSocketAsync(_stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            return; // stopped
        }
    }

    private async Task HandleAsync(Socket accepted)
    {
        accepted.NoDelay = true;
        await using var client = new NetworkStream(accepted, ownsSocket: true);
        if (Impersonate is { } impersonate)
        {
            await using var hangUp = _stop.Token.Register(client.Dispose); // an impostor reads without a token of his own
            await QuietlyAsync(() => impersonate(client));
            return;
        }
        var connected = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await connected.ConnectAsync(_server);
        await using var server = new NetworkStream(connected, ownsSocket: true);
        await Task.WhenAll(
            QuietlyAsync(() => PassAsync(client, server, connected, fromClient: true)),
            QuietlyAsync(() => PassAsync(server, client, accepted, fromClient: false)));
    }

    private async Task PassAsync(NetworkStream from, NetworkStream to, Socket toSocket, bool fromClient)
    {
        for (var number = 0; await FrameAsync(from) is { } frame; number++)
        {
            var passing = new Passing(fromClient, number, frame);
            lock (_gate)
                _passed.Add(passing);
            foreach (var chunk in Edit(passing))
                await to.WriteAsync(chunk, _stop.Token);
        }
        toSocket.Shutdown(SocketShutdown.Send);
    }

    private async Task<byte[]?> FrameAsync(NetworkStream from)
    {
        var header = new byte[4];
        if (await from.ReadAtLeastAsync(header, 4, throwOnEndOfStream: false, _stop.Token) < 4)
            return null;
        var frame = new byte[4 + BinaryPrimitives.ReadUInt32BigEndian(header)];
        header.CopyTo(frame, 0);
        await from.ReadExactlyAsync(frame.AsMemory(4), _stop.Token);
        return frame;
    }

    // What ends a connection of either side ends it here, and is no failure of the test.
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
        await Task.WhenAll(_links);
        _stop.Dispose();
    }
}
