using System.Diagnostics;
using System.Threading.Channels;

namespace Countersign.Server;

/// <summary>The one writer of this process: writes that wait together become durable together, in one transaction (group commit).</summary>
/// <remarks>
/// <para>A group runs without savepoints. If one of its writes is refused, all of it is rolled back and each write runs alone, so that
/// one that fails leaves the others alone; nothing was durable before, and so nothing can double.</para>
/// <para>Any other failure before COMMIT fails the whole group: its transaction is gone. There is no retry: callers decide.</para>
/// <para>A COMMIT without an answer is resolved before anything else is written: see <see cref="MySqlWriterLine"/>.</para>
/// </remarks>
internal sealed class MySqlWriter : IAsyncDisposable
{
    private const int LargestGroup = 512;

    /// <summary>How long the callers of an unresolved commit are kept waiting; then they hear that the outcome is unknown.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly MySqlWriterLine _line;
    private readonly ServerMetrics _metrics;
    private readonly Channel<Write> _queue = Channel.CreateBounded<Write>(new BoundedChannelOptions(4096) { SingleReader = true });
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _running;

    public MySqlWriter(MySqlWriterLine line, ServerMetrics metrics)
    {
        (_line, _metrics) = (line, metrics);
        _running = Task.Run(RunAsync);
    }

    /// <summary>Runs <paramref name="work"/> inside a transaction; the task completes when its effect is durable.</summary>
    /// <exception cref="StoreException"/>
    public async Task<T> WriteAsync<T>(string operation, Func<MySqlSession, Task<T>> work)
    {
        var write = new Write<T>(operation, work);
        try
        {
            await _queue.Writer.WriteAsync(write).ConfigureAwait(false);
        }
        catch (ChannelClosedException e)
        {
            throw new StoreException(StoreFault.Unavailable, "The store is closed.", e);
        }
        return await write.Task.ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        var group = new List<Write>(LargestGroup);
        try
        {
            while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
            {
                group.Clear();
                while (group.Count < LargestGroup && _queue.Reader.TryRead(out var write))
                    group.Add(write);
                await CommitAsync(group).ConfigureAwait(false);
            }
        }
        finally
        {
            _queue.Writer.TryComplete();
            Fail(group, static write => new StoreException(StoreFault.Unavailable, write.Operation + " was not committed."));
            FailWaiting();
        }
    }

    private async Task CommitAsync(IReadOnlyList<Write> group)
    {
        var started = Stopwatch.GetTimestamp();
        Write? current = null;
        try
        {
            var session = await _line.BeginAsync().ConfigureAwait(false);
            foreach (var write in group)
                await (current = write).RunAsync(session).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            await AbandonAsync(group, current, e).ConfigureAwait(false);
            return;
        }
        try
        {
            await _line.CommitAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (MySqlFaults.Is(e))
        {
            await ResolveAsync(group).ConfigureAwait(false);
            return;
        }
        _metrics.StoreCommitted(group.Count, Stopwatch.GetElapsedTime(started));
        foreach (var write in group)
            write.Complete();
    }

    // Nothing of the group is durable. What one write alone did wrong is its own caller's to hear, and the others go on without it.
    private async Task AbandonAsync(IReadOnlyList<Write> group, Write? current, Exception e)
    {
        var isOwn = current is not null && (!MySqlFaults.Is(e) || MySqlFaults.Of("", e).Fault == StoreFault.Conflict);
        if (!isOwn)
        {
            await _line.DropAsync().ConfigureAwait(false);
            Fail(group, write => MySqlFaults.Is(e) ? MySqlFaults.Of(write.Operation, e) : e);
            return;
        }
        await _line.RollBackAsync().ConfigureAwait(false);
        if (group.Count == 1)
            current!.Fail(MySqlFaults.Is(e) ? MySqlFaults.Of(current.Operation, e) : e);
        else
            foreach (var write in group)
                await CommitAsync([write]).ConfigureAwait(false);
    }

    // Until the database itself has said what became of the commit, nothing is written, and so nothing acknowledged.
    private async Task ResolveAsync(IReadOnlyList<Write> group)
    {
        var lost = Stopwatch.GetTimestamp();
        while (true)
        {
            switch (await _line.TryReadOutcomeAsync().ConfigureAwait(false))
            {
                case CommitOutcome.Committed:
                    foreach (var write in group)
                        write.Complete();
                    return;
                case CommitOutcome.RolledBack:
                    Fail(group, static write => new StoreException(StoreFault.Unavailable, write.Operation + " was not committed."));
                    return;
            }
            if (_closing.IsCancellationRequested || Stopwatch.GetElapsedTime(lost) > Patience)
            {
                Fail(group, static write => new StoreException(StoreFault.Unavailable, write.Operation + ": whether it was committed is unknown."));
                FailWaiting();
            }
            if (_closing.IsCancellationRequested)
                return;
            await Task.Delay(Pause, TimeProvider.System, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private void FailWaiting()
    {
        while (_queue.Reader.TryRead(out var write))
            write.Fail(new StoreException(StoreFault.Unavailable, write.Operation + " was not tried: the database does not answer."));
    }

    private static void Fail(IReadOnlyList<Write> group, Func<Write, Exception> fault)
    {
        foreach (var write in group)
            write.Fail(fault(write)); // those that have their answer keep it
    }

    /// <summary>Finishes what is queued and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _closing.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        await _line.DisposeAsync().ConfigureAwait(false);
        _closing.Dispose();
    }

    private abstract class Write(string operation)
    {
        public string Operation { get; } = operation;

        public abstract Task RunAsync(MySqlSession session);

        public abstract void Complete();

        public abstract void Fail(Exception exception);
    }

    private sealed class Write<T>(string operation, Func<MySqlSession, Task<T>> work) : Write(operation)
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _result;

        public Task<T> Task => _done.Task;

        public override async Task RunAsync(MySqlSession session) => _result = await work(session).ConfigureAwait(false);

        public override void Complete() => _done.TrySetResult(_result!);

        public override void Fail(Exception exception) => _done.TrySetException(exception);
    }
}
