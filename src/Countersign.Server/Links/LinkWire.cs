using System.Buffers;
using System.IO.Pipelines;
using Countersign.Protocol;

namespace Countersign.Server;

/// <summary>The frames of one connection, with the link's time limit on every wait. One reader.</summary>
internal sealed class LinkWire(IDuplexPipe transport, LinkEnd end)
{
    /// <summary>How often, and for how long a silence, what a peer still sends is thrown away after the last frames.</summary>
    private const int LastReads = 32;
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(100);

    private SequencePosition? _consumed;

    public PipeWriter Output => transport.Output;

    /// <summary>What has arrived after the last frame: at once if there is something that has not been looked at, otherwise when more comes.</summary>
    /// <remarks>No method of its own that waits: an idle link's waiting is most of its memory.</remarks>
    public ValueTask<ReadResult> ReadAsync()
    {
        if (_consumed is { } consumed)
            transport.Input.AdvanceTo(consumed);
        _consumed = null;
        return end.ReadAsync();
    }

    /// <summary>Takes the next frame from what has arrived.</summary>
    /// <param name="read">What <see cref="ReadAsync"/> gave.</param>
    /// <param name="limit">The largest body allowed now.</param>
    /// <param name="body">The frame's body, valid until the next read; at the end of the stream what had arrived of a frame.</param>
    /// <exception cref="PeerFaultException">TOO_LARGE, BAD_MESSAGE.</exception>
    /// <exception cref="OperationCanceledException">The link was ended, by time or from elsewhere.</exception>
    public FrameRead Take(ReadResult read, int limit, out ReadOnlySequence<byte> body)
    {
        var buffer = read.Buffer;
        _consumed = buffer.Start; // should the frame be refused
        if (read.IsCanceled)
            throw new OperationCanceledException();
        if (Frame.TryRead(ref buffer, limit, out body))
        {
            _consumed = buffer.Start;
            return FrameRead.Whole;
        }
        if (read.IsCompleted)
        {
            body = read.Buffer;
            return FrameRead.StreamEnded;
        }
        transport.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        _consumed = null;
        return FrameRead.Partial;
    }

    /// <summary>Sends whole frames.</summary>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> frames)
    {
        if (!frames.IsEmpty)
            await transport.Output.WriteAsync(frames, end.Token).ConfigureAwait(false);
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

/// <summary>What there is of the next frame.</summary>
internal enum FrameRead
{
    /// <summary>All of it.</summary>
    Whole,
    /// <summary>Not all of it yet: read again.</summary>
    Partial,
    /// <summary>No more will come.</summary>
    StreamEnded,
}
