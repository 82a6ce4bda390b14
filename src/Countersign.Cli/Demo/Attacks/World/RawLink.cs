using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Countersign.Protocol;

namespace Countersign.Cli;

/// <summary>A TCP connection in an attacker's hands: any bytes, whole frames, or the protocol's own states.</summary>
internal sealed class RawLink : IDisposable
{
    private const uint MaxBody = Frame.ChatLimit;

    private readonly NetworkStream _stream;
    private readonly CancellationToken _cancellation;

    /// <summary>Takes over a connected socket.</summary>
    public RawLink(Socket socket, CancellationToken cancellation) => (_stream, _cancellation) = (new NetworkStream(socket, ownsSocket: true), cancellation);

    public static async Task<RawLink> ConnectAsync(IPEndPoint endpoint, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(endpoint, cancellation);
        return new RawLink(socket, cancellation);
    }

    public static byte[] Framed(ReadOnlySpan<byte> body)
    {
        var frame = new byte[Frame.HeaderSize + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, body.Length);
        body.CopyTo(frame.AsSpan(Frame.HeaderSize));
        return frame;
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => _stream.WriteAsync(bytes, _cancellation);

    /// <summary>The next frame's body; null when the other side has ended the stream.</summary>
    public async Task<byte[]?> ReadAsync()
    {
        var header = new byte[Frame.HeaderSize];
        if (await _stream.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, _cancellation) < header.Length)
            return null;
        var length = BinaryPrimitives.ReadUInt32BigEndian(header);
        if (length > MaxBody)
            throw new DemoException("the other side sent a frame above every limit");
        var body = new byte[length];
        await _stream.ReadExactlyAsync(body, _cancellation);
        return body;
    }

    /// <summary>The state's next frame; its answer goes out at once.</summary>
    /// <exception cref="PeerAlertException">The other side refused.</exception>
    public async Task<TNext> NextAsync<TNext>(HandshakeState<TNext> state, DateTimeOffset now)
    {
        var body = await ReadAsync() ?? throw new DemoException("the other side hung up without a word");
        return await SendAsync(state.Receive(body, now));
    }

    public async Task<TNext> SendAsync<TNext>(Step<TNext> step)
    {
        if (!step.Output.IsEmpty)
            await WriteAsync(step.Output);
        return step.Next;
    }

    /// <summary>The alert in the clear that the other side ends the link with.</summary>
    public async Task<WireCode> AlertAsync()
    {
        var body = await ReadAsync() ?? throw new DemoException("the other side hung up without a word");
        return Alert.Parse(body).Code;
    }

    public void Dispose() => _stream.Dispose();
}
