using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>Frames over one TCP connection. One reader and one writer at a time.</summary>
internal sealed class FrameStream : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly NetworkStream _stream;
    private readonly PipeReader _reader;

    private FrameStream(Socket socket)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true);
        _reader = PipeReader.Create(_stream, new StreamPipeReaderOptions(bufferSize: 16384, leaveOpen: true));
    }

    /// <exception cref="SocketException">No connection.</exception>
    public static async Task<FrameStream> ConnectAsync(ServerAddress address, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address.Host, address.Port, cancellation);
            return new FrameStream(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public ValueTask SendAsync(ReadOnlyMemory<byte> frames, CancellationToken cancellation) => _stream.WriteAsync(frames, cancellation);

    /// <summary>Waits for one frame and hands its body on; the body is gone when <paramref name="take"/> returns.</summary>
    /// <param name="limit">Largest body to accept now.</param>
    /// <param name="take">Reads the body.</param>
    /// <param name="ended">Called with what is left when the stream has ended; throws, or lets the default be returned.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    public async ValueTask<T?> ReceiveAsync<T>(
        int limit, Func<ReadOnlySequence<byte>, T> take, Action<ReadOnlySequence<byte>> ended, CancellationToken cancellation)
        where T : class
    {
        while (true)
        {
            var read = await _reader.ReadAsync(cancellation);
            var buffer = read.Buffer;
            if (Frame.TryRead(ref buffer, limit, out var body))
            {
                var taken = take(body);
                _reader.AdvanceTo(buffer.Start);
                return taken;
            }
            if (read.IsCompleted)
            {
                ended(buffer);
                return null;
            }
            _reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    /// <summary>Nothing more will be sent; the peer sees the end of the stream.</summary>
    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    public async ValueTask DisposeAsync()
    {
        await _reader.CompleteAsync();
        await _stream.DisposeAsync();
    }
}
