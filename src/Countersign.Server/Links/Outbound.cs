using System.IO.Pipelines;
using System.Runtime.InteropServices;
using Countersign.Protocol;

namespace Countersign.Server;

/// <summary>What is queued to one link. Anybody may add; while there is something, one task seals and sends: as many messages in a record,
/// and as many records in a write, as are there. A link that is silent has neither such a task nor a queue: most links are, most of the time.</summary>
/// <remarks>The queue is bounded in bytes. A reader that is too slow for it loses its link and fetches later; it never holds
/// anybody else up (SPEC section 11).</remarks>
internal sealed class Outbound(LinkSender sender, PipeWriter output, int limit, ServerMetrics metrics)
{
    private const int LargestWrite = 256 * 1024;

    private readonly Lock _lock = new();
    private OutboundQueue? _queue; // while there is a task
    private long _bytes; // not yet sent
    private bool _ended;
    private Task? _sending;

    /// <summary>Queues a message. After the end, or beyond the limit, it is dropped.</summary>
    /// <returns>What became of it: on <see cref="QueueOutcome.Full"/> the caller ends the link.</returns>
    public QueueOutcome Add(Outgoing message)
    {
        lock (_lock)
        {
            if (_ended)
                return QueueOutcome.Ended;
            if (_bytes + message.Length > limit)
                return QueueOutcome.Full;
            Count(message.Length);
            (_queue ??= OutboundQueue.Take()).Waiting.Enqueue(message);
            _sending ??= Task.Run(SendAsync, CancellationToken.None);
            return QueueOutcome.Queued;
        }
    }

    /// <summary>The task ends when what is queued now is sent, or with what has stopped the sending.</summary>
    public Task SentAsync()
    {
        lock (_lock)
            return _sending ?? Task.CompletedTask;
    }

    /// <summary>Nothing is added any more. The task ends when everything is sent, or with what has stopped the sending.</summary>
    public Task CompleteAsync()
    {
        lock (_lock)
        {
            _ended = true;
            return _sending ?? Task.CompletedTask;
        }
    }

    /// <summary>Nothing is added any more, and nothing that still waits is sent.</summary>
    /// <remarks>What waits for the flush, or for the task's end, goes on elsewhere: the caller may be the ledger.</remarks>
    public void Abandon()
    {
        lock (_lock)
        {
            _ended = true;
            if (_sending is null)
                return;
        }
        ThreadPool.UnsafeQueueUserWorkItem(static output => output.CancelPendingFlush(), output, preferLocal: false); // or the task's next one
    }

    private async Task SendAsync()
    {
        try
        {
            while (Take(out var batch) is > 0 and var bytes)
            {
                sender.Write(CollectionsMarshal.AsSpan(batch), output);
                batch.Clear();
                var flushed = await output.FlushAsync(CancellationToken.None).ConfigureAwait(false); // Abandon cancels it
                Sent(bytes);
                if (flushed.IsCompleted || flushed.IsCanceled)
                {
                    Drop();
                    return;
                }
            }
        }
        catch
        {
            Drop();
            throw;
        }
    }

    // The length of what is taken. When there is nothing, this task is over, and the next message starts another.
    private long Take(out List<Outgoing> batch)
    {
        lock (_lock)
        {
            var queue = _queue!; // there since this task was started
            batch = queue.Batch;
            long bytes = 0;
            while (bytes < LargestWrite && queue.Waiting.TryDequeue(out var message))
            {
                batch.Add(message);
                bytes += message.Length;
            }
            if (bytes > 0)
                return bytes;
            _sending = null;
            sender.Rest(); // in the lock: the next task seals with it
            GiveBack();
            return 0;
        }
    }

    private void Sent(long bytes)
    {
        lock (_lock)
            Count(-bytes);
    }

    // Nobody reads any more: the queue ends with this task, which stays as the one that has failed.
    private void Drop()
    {
        lock (_lock)
        {
            _ended = true;
            GiveBack();
            Count(-_bytes);
        }
    }

    private void GiveBack()
    {
        _queue?.GiveBack();
        _queue = null;
    }

    private void Count(long bytes)
    {
        _bytes += bytes;
        metrics.BytesQueued(bytes);
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
