using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace Countersign.Server;

/// <summary>The one writer of a database: a thread of its own with a connection of its own. Writes that wait together become durable
/// together, in one transaction with one sync (group commit). If one of them fails, they are run again, each in a savepoint, so that it
/// leaves the others alone.</summary>
/// <remarks>SQLite has one writer at a time whatever we do: a queue in front of it is fairer and faster than its lock. A thread, not
/// a task, because a commit blocks for as long as the disk takes.</remarks>
internal sealed class SqliteWriter : IDisposable
{
    private const int LargestGroup = 512;

    private readonly SqliteSession _session;
    private readonly ServerMetrics _metrics;

    // Continuations here are short, the thread's being woken above all: by way of the pool it would wait for whatever runs there, a signature perhaps.
    private readonly Channel<Write> _queue = Channel.CreateBounded<Write>(
        new BoundedChannelOptions(4096) { SingleReader = true, AllowSynchronousContinuations = true });

    private readonly Thread _thread;

    public SqliteWriter(SqliteSession session, ServerMetrics metrics)
    {
        _session = session;
        _metrics = metrics;
        _thread = new Thread(Run) { Name = "store writer", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Runs <paramref name="work"/> on the writer's thread; the task completes when its effect is durable.</summary>
    /// <exception cref="StoreException"/>
    public async Task<T> WriteAsync<T>(string operation, Func<SqliteSession, T> work)
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

    private void Run()
    {
        var group = new List<Write>(LargestGroup);
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            group.Clear();
            while (group.Count < LargestGroup && _queue.Reader.TryRead(out var write))
                group.Add(write);
            Commit(group);
        }
    }

    private void Commit(List<Write> group)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            _session.Execute("BEGIN IMMEDIATE");
            if (!RanTogether(group))
                RunOneByOne(group);
            _session.Execute("COMMIT");
        }
        catch (SqliteException e)
        {
            TryRollBack();
            foreach (var write in group)
                write.Fail(new StoreException(StoreFault.Unavailable, write.Operation + " was not committed.", e));
            return;
        }
        _metrics.StoreCommitted(group.Count, Stopwatch.GetElapsedTime(started));
        foreach (var write in group)
            write.Complete();
    }

    // Without savepoints: in one, SQLite keeps a copy of each page before it changes, and after each statement walks through all of them.
    private bool RanTogether(List<Write> group)
    {
        try
        {
            foreach (var write in group)
                write.Run(_session);
            return true;
        }
        catch (Exception e) when (e is not SqliteException { SqliteErrorCode: not SQLitePCL.raw.SQLITE_CONSTRAINT })
        {
            return false; // its own failure, which it will meet again
        }
    }

    private void RunOneByOne(List<Write> group)
    {
        _session.Execute("ROLLBACK");
        _session.Execute("BEGIN IMMEDIATE");
        foreach (var write in group)
            RunInSavepoint(write);
    }

    private void RunInSavepoint(Write write)
    {
        _session.Execute("SAVEPOINT one");
        try
        {
            write.Run(_session);
        }
        catch (SqliteException e) when (e.SqliteErrorCode == SQLitePCL.raw.SQLITE_CONSTRAINT)
        {
            write.Fail(new StoreException(StoreFault.Conflict, write.Operation + " would break a uniqueness rule.", e));
            _session.Execute("ROLLBACK TO one");
        }
        catch (Exception e) when (e is not SqliteException)
        {
            write.Fail(e); // a conflict the work found itself, or our bug: its caller's to hear
            _session.Execute("ROLLBACK TO one");
        }
        _session.Execute("RELEASE one");
    }

    // After some errors (a full disk) SQLite has rolled back by itself, and says so by refusing this.
    private void TryRollBack()
    {
        try
        {
            _session.Execute("ROLLBACK");
        }
        catch (SqliteException e) when (e.SqliteErrorCode == SQLitePCL.raw.SQLITE_ERROR)
        {
            return;
        }
    }

    /// <summary>Finishes what is queued and ends the thread.</summary>
    public void Dispose()
    {
        _queue.Writer.TryComplete();
        _thread.Join();
        _session.Dispose();
    }

    private abstract class Write(string operation)
    {
        public string Operation { get; } = operation;

        public abstract void Run(SqliteSession session);

        public abstract void Complete();

        public abstract void Fail(Exception exception);
    }

    private sealed class Write<T>(string operation, Func<SqliteSession, T> work) : Write(operation)
    {
        // Continuations run elsewhere: the writer's thread is for writing.
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _result;

        public Task<T> Task => _done.Task;

        public override void Run(SqliteSession session) => _result = work(session);

        public override void Complete() => _done.TrySetResult(_result!);

        public override void Fail(Exception exception) => _done.TrySetException(exception);
    }
}
