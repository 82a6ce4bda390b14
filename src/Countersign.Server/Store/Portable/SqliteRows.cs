namespace Countersign.Server;

/// <summary>A SQLite store as bare rows.</summary>
internal sealed class SqliteRows : StoreRows
{
    private readonly SqliteSession _session;

    private SqliteRows(SqliteSession session) => _session = session;

    /// <summary>The database at <paramref name="path"/>, made and migrated if need be.</summary>
    public static SqliteRows Open(string path, CancellationToken cancellation)
    {
        using (var metrics = new ServerMetrics())
            SqliteStore.Open(path, metrics, cancellation).DisposeAsync().AsTask().GetAwaiter().GetResult(); // completes at once
        return new SqliteRows(new SqliteSession(path, Microsoft.Data.Sqlite.SqliteOpenMode.ReadWrite));
    }

    public override Task BeginSnapshotAsync()
    {
        _session.Execute("BEGIN");
        _session.Number("SELECT count(*) FROM server"); // the snapshot is taken at the first read
        return Task.CompletedTask;
    }

    public override Task BeginExclusiveAsync() => RunAsync("BEGIN IMMEDIATE");

    public override Task BeginAsync() => RunAsync("BEGIN IMMEDIATE");

    public override Task CommitAsync() => RunAsync("COMMIT");

    public override Task<long> CountAsync(StoreTable table) => Task.FromResult(_session.Number($"SELECT count(*) FROM `{table.Name}`") ?? 0);

    public override async IAsyncEnumerable<object?[]> ReadAsync(StoreTable table)
    {
        await Task.CompletedTask.ConfigureAwait(false); // reads of this database do not wait
        foreach (var row in _session.Stream(table.Select, Values))
            yield return row;
    }

    public override Task InsertAsync(StoreTable table, IReadOnlyList<object?[]> rows)
    {
        var sql = table.Insert(1, _ => Statements.List(table.Columns.Length).Replace('@', '$'));
        foreach (var row in rows)
            _session.Execute(sql, row);
        return Task.CompletedTask;
    }

    public override Task ExecuteAsync(string sql) => RunAsync(sql);

    private Task RunAsync(string sql)
    {
        _session.Execute(sql);
        return Task.CompletedTask;
    }

    /// <summary>Brings everything from the log into the one file.</summary>
    public void Settle()
    {
        _session.Execute("PRAGMA synchronous = FULL");
        _session.Number("PRAGMA wal_checkpoint(TRUNCATE)");
        _session.First("PRAGMA journal_mode = DELETE", static row => row.GetString(0));
    }

    public override ValueTask DisposeAsync()
    {
        _session.Dispose();
        return ValueTask.CompletedTask;
    }
}
