using System.IO.Pipelines;
using System.Threading.Channels;
using Countersign.Protocol;

namespace Countersign.Server;

/// <summary>What is queued to one link. Anybody may add, one task seals and sends: as many messages in a record, and as many
/// records in a write, as are there.</summary>
/// <remarks>The queue is bounded in bytes. A reader that is too slow for it loses its link and fetches later; it never holds
/// anybody else up (SPEC section 11).</remarks>
internal sealed class Outbound(int limit, ServerMetrics metrics)
{
    private const int LargestWrite = 256 * 1024;

    private readonly Channel<Outgoing> _queue = Channel.CreateUnbounded<Outgoing>(new UnboundedChannelOptions { SingleReader = true });
    private long _bytes;
    private volatile bool _ended;

    /// <summary>Queues a message. After the end, or beyond the limit, it is dropped.</summary>
    /// <returns>What became of it: on <see cref="QueueOutcome.Full"/> the caller ends the link.</returns>
    public QueueOutcome Add(Outgoing message)
    {
        if (_ended)
            return QueueOutcome.Ended;
        if (Interlocked.Add(ref _bytes, message.Length) > limit)
        {
            Interlocked.Add(ref _bytes, -message.Length);
            return QueueOutcome.Full;
        }
        metrics.BytesQueued(message.Length);
        if (_queue.Writer.TryWrite(message))
            return QueueOutcome.Queued;
        Taken(message.Length);
        return QueueOutcome.Ended;
    }

    /// <summary>Nothing is added any more; <see cref="SendAsync"/> ends when the queue is empty.</summary>
    public void Complete()
    {
        _ended = true;
        _queue.Writer.TryComplete();
    }

    /// <summary>Sends until the queue is completed and empty, or the connection or <paramref name="cancellation"/> ends it.</summary>
    public async Task SendAsync(LinkSender sender, PipeWriter output, CancellationToken cancellation)
    {
        var batch = new List<Outgoing>();
        try
        {
            while (await _queue.Reader.WaitToReadAsync(cancellation).ConfigureAwait(false))
            {
                var bytes = TakeBatch(batch);
                sender.Write(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(batch), output);
                batch.Clear();
                var flushed = await output.FlushAsync(cancellation).ConfigureAwait(false);
                Taken(bytes);
                if (flushed.IsCompleted)
                    return;
            }
        }
        finally
        {
            Complete();
            while (_queue.Reader.TryRead(out var dropped))
                Taken(dropped.Length);
        }
    }

    private long TakeBatch(List<Outgoing> batch)
    {
        long bytes = 0;
        while (bytes < LargestWrite && _queue.Reader.TryRead(out var message))
        {
            batch.Add(message);
            bytes += message.Length;
        }
        return bytes;
    }

    private void Taken(long bytes)
    {
        Interlocked.Add(ref _bytes, -bytes);
        metrics.BytesQueued(-bytes);
    }
}

/// <summary>What became of a message for a link.</summary>
internal enum QueueOutcome
{
    Queued,
    /// <summary>The link has ended.</summary>
    Ended,
    /// <summary>The limit would be exceeded.</summary>
    Full,
}
