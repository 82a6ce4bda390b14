namespace Countersign.Server;

/// <summary>Computes for peers that have not logged in: signatures and key exchanges, the costliest things a stranger can ask for.
/// Addresses take turns, and the work has threads of its own: it shares the processor with logged-in users as one more thread
/// among others, and never stands before them in a queue (LI-03).</summary>
internal sealed class HandshakeWorkers : IDisposable
{
    private readonly object _gate = new(); // a monitor: threads wait on it
    private readonly FairQueue<PeerAddress, Job> _waiting = new();
    private readonly Thread[] _threads;
    private bool _ended;

    /// <param name="threads">How many handshakes compute at once.</param>
    public HandshakeWorkers(int threads)
    {
        _threads = [.. Enumerable.Range(0, threads).Select(_ => new Thread(Work) { IsBackground = true, Name = "handshakes" })];
        foreach (var thread in _threads)
            thread.Start();
    }

    /// <summary>Runs <paramref name="work"/> when this address has its turn.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before it began; once begun it is waited for, as it holds the
    /// link's buffers.</exception>
    public async Task<T> RunAsync<T>(PeerAddress address, Func<T> work, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var job = new Job<T>(work);
        LinkedListNode<Job> place;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_ended, this);
            place = _waiting.Add(address, job);
            Monitor.Pulse(_gate);
        }
        using (cancellation.UnsafeRegister(_ => Leave(place), null))
            return await job.Done.ConfigureAwait(false);
    }

    private void Leave(LinkedListNode<Job> place)
    {
        lock (_gate)
        {
            if (place.List is null)
                return; // it has begun
            FairQueue<PeerAddress, Job>.Remove(place);
        }
        place.Value.Cancel();
    }

    private void Work()
    {
        while (Next() is { } job)
            job.Run();
    }

    private Job? Next()
    {
        lock (_gate)
        {
            while (!_ended)
            {
                if (_waiting.TryTake(out var job))
                    return job;
                Monitor.Wait(_gate);
            }
            return null;
        }
    }

    /// <summary>Ends the threads; what has not begun is cancelled.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _ended = true;
            while (_waiting.TryTake(out var left))
                left.Cancel();
            Monitor.PulseAll(_gate);
        }
        foreach (var thread in _threads)
            thread.Join();
    }

    private abstract class Job
    {
        public abstract void Run();

        public abstract void Cancel();
    }

    private sealed class Job<T>(Func<T> work) : Job
    {
        // Continuations run elsewhere: the thread goes on to the next address.
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T> Done => _done.Task;

        public override void Run()
        {
            try
            {
                _done.SetResult(work());
            }
            catch (Exception e)
            {
                _done.SetException(e); // the link's, which decides what it means
            }
        }

        public override void Cancel() => _done.TrySetCanceled();
    }
}
