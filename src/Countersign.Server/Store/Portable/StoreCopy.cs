namespace Countersign.Server;

/// <summary>How far a long task has come.</summary>
/// <param name="What">What is being done now.</param>
/// <param name="Done">Of <paramref name="All"/>, in the same unit.</param>
/// <param name="All">0 if unknown.</param>
public readonly record struct StoreProgress(string What, long Done, long All);

/// <summary>Copies everything from one store to another, whatever kinds they are. This one way serves backup, restore and move.</summary>
internal static class StoreCopy
{
    private const int RowsAtOnce = 64;
    private const int RowsPerCommit = 4096;

    /// <summary>Rows of more bytes than this are not put in one statement: escaped they are up to twice as long, and 16 MiB is the least packet that
    /// a server is started with. States of conversations have up to some MiB each.</summary>
    private const int BytesAtOnce = 4 * 1024 * 1024;

    /// <summary>Copies all rows into an empty store, which carries the mark Unfinished until <see cref="StoreRows.UnmarkAsync"/>.</summary>
    /// <param name="from">Inside a transaction, so that it is of one moment.</param>
    /// <param name="to">Outside of one.</param>
    /// <param name="now">For the mark.</param>
    /// <param name="progress">Is told of rows.</param>
    /// <param name="cancellation">Ends it; the mark stays.</param>
    /// <exception cref="StoreException">The target is not empty.</exception>
    public static async Task RunAsync(StoreRows from, StoreRows to, DateTimeOffset now, IProgress<StoreProgress>? progress, CancellationToken cancellation)
    {
        await RequireEmptyAsync(to).ConfigureAwait(false);
        await to.BeginAsync().ConfigureAwait(false);
        await to.ExecuteAsync("DELETE FROM server").ConfigureAwait(false);
        await to.MarkAsync(StoreMark.Unfinished, now).ConfigureAwait(false);
        await to.CommitAsync().ConfigureAwait(false);
        foreach (var table in StoreTable.All)
            await CopyAsync(table, from, to, progress, cancellation).ConfigureAwait(false);
    }

    /// <exception cref="StoreException">Unsuitable.</exception>
    public static async Task RequireEmptyAsync(StoreRows store)
    {
        foreach (var table in StoreTable.All.Skip(1)) // a server that was started once has made its secret, which nothing depends on yet
            if (await store.CountAsync(table).ConfigureAwait(false) > 0)
                throw new StoreException(StoreFault.Unsuitable, "The database to write to is not empty: nothing is overwritten.");
    }

    private static async Task CopyAsync(StoreTable table, StoreRows from, StoreRows to, IProgress<StoreProgress>? progress, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var all = await from.CountAsync(table).ConfigureAwait(false);
        var rows = new List<object?[]>(RowsAtOnce);
        long bytes = 0, done = 0, committed = 0;
        await to.BeginAsync().ConfigureAwait(false);
        await foreach (var row in from.ReadAsync(table).ConfigureAwait(false))
        {
            if (row[0] is string name && name == Rows.Name(StoreMark.Unfinished))
                continue;
            var length = row.Sum(static value => value is byte[] blob ? blob.Length : 0);
            if (rows.Count == RowsAtOnce || bytes + length > BytesAtOnce)
                await FlushAsync().ConfigureAwait(false);
            rows.Add(row);
            bytes += length;
        }
        await to.InsertAsync(table, rows).ConfigureAwait(false);
        await to.CommitAsync().ConfigureAwait(false);
        progress?.Report(new StoreProgress(table.Name, done + rows.Count, all));

        async Task FlushAsync()
        {
            cancellation.ThrowIfCancellationRequested();
            await to.InsertAsync(table, rows).ConfigureAwait(false);
            done += rows.Count;
            rows.Clear();
            bytes = 0;
            if (done - committed < RowsPerCommit)
                return;
            committed = done;
            await to.CommitAsync().ConfigureAwait(false);
            await to.BeginAsync().ConfigureAwait(false);
            progress?.Report(new StoreProgress(table.Name, done, all));
        }
    }
}
