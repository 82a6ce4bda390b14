using System.Buffers;
using System.IO.Pipelines;
using Countersign.Protocol;

namespace Countersign.Server;

/// <summary>The frames of one connection, with the link's time limit on every wait. One reader.</summary>
internal sealed class LinkWire(IDuplexPipe transport, CancellationToken ended)
{
    /// <summary>How often, and for how long a silence, what a peer still sends is thrown away after the last frames.</summary>
    private const int LastReads = 32;
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(100);

    private SequencePosition? _consumed;

    public PipeWriter Output => transport.Output;

    /// <summary>The next frame's body, valid until the next call; null at the end of the stream, with what had arrived of a frame
    /// in <paramref name="unread"/>.</summary>
    /// <exception cref="PeerFaultException">TOO_LARGE, BAD_MESSAGE.</exception>
    /// <exception cref="OperationCanceledException">The link was ended, by time or from elsewhere.</exception>
    public async ValueTask<ReadOnlySequence<byte>?> ReadFrameAsync(int limit, Action<ReadOnlySequence<byte>> unread)
    {
        if (_consumed is { } consumed)
            transport.Input.AdvanceTo(consumed);
        _consumed = null;
        while (true)
        {
            var read = await transport.Input.ReadAsync(ended).ConfigureAwait(false);
            var buffer = read.Buffer;
            _consumed = buffer.Start; // should the frame be refused
            if (Frame.TryRead(ref buffer, limit, out var body))
            {
                _consumed = buffer.Start;
                return body;
            }
            if (read.IsCompleted)
            {
                unread(read.Buffer);
                return null;
            }
            transport.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            _consumed = null;
        }
    }

    /// <summary>Sends whole frames.</summary>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> frames)
    {
        if (!frames.IsEmpty)
            await transport.Output.WriteAsync(frames, ended).ConfigureAwait(false);
    }

    /// <summary>Sends the last frames of a link, and reads until the peer closes or is silent for a moment: closing a socket with unread
    /// bytes would make the system throw away what the peer has not yet read.</summary>
    public async Task SendLastAsync(ReadOnlyMemory<byte> frames, CancellationTokenSource patience)
    {
        await transport.Output.WriteAsync(frames, patience.Token).ConfigureAwait(false); // flushes, too, what a session wrote last
        if (_consumed is { } consumed)
            transport.Input.AdvanceTo(consumed);
        _consumed = null;
        for (var reads = 0; reads < LastReads; reads++)
        {
            patience.CancelAfter(Silence);
            var read = await transport.Input.ReadAsync(patience.Token).ConfigureAwait(false);
            transport.Input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                return;
        }
    }
}
