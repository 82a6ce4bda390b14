namespace Countersign.Server;

/// <summary>A MySQL store as bare rows.</summary>
internal sealed class MySqlRows : StoreRows
{
    private readonly MySqlSession _session;

    private MySqlRows(MySqlSession session) => _session = session;

    /// <summary>The database, migrated if need be.</summary>
    public static async Task<MySqlRows> OpenAsync(MySqlConnections connections, CancellationToken cancellation)
    {
        var connection = await connections.PatientAsync().ConfigureAwait(false);
        var session = new MySqlSession(connection, cancellation);
        try
        {
            // It says nothing for as long as the other store is read, and the copy checked.
            await session.RunAsync("SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,NO_AUTO_VALUE_ON_ZERO', SESSION net_write_timeout = 600, SESSION wait_timeout = 604800").ConfigureAwait(false);
            await MySqlSchema.MigrateAsync(session, connection.Database).ConfigureAwait(false);
            return new MySqlRows(session);
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public override async Task BeginSnapshotAsync()
    {
        await _session.RunAsync("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ").ConfigureAwait(false);
        await _session.RunAsync("START TRANSACTION WITH CONSISTENT SNAPSHOT").ConfigureAwait(false);
    }

    // Every commit of the ledger changes a row of conversations, every other write waits for none: but the server is stopped.
    public override async Task BeginExclusiveAsync()
    {
        await BeginSnapshotAsync().ConfigureAwait(false);
        await _session.NumberAsync("SELECT count(*) FROM conversations FOR UPDATE").ConfigureAwait(false);
    }

    public override Task BeginAsync() => _session.RunAsync("START TRANSACTION");

    public override Task CommitAsync() => _session.RunAsync("COMMIT");

    public override async Task<long> CountAsync(StoreTable table) =>
        await _session.NumberAsync($"SELECT count(*) FROM `{table.Name}`").ConfigureAwait(false) ?? 0;

    public override IAsyncEnumerable<object?[]> ReadAsync(StoreTable table) => _session.StreamAsync(table.Select, Values);

    public override async Task InsertAsync(StoreTable table, IReadOnlyList<object?[]> rows)
    {
        foreach (var (from, count) in Statements.Runs(rows.Count))
            await _session.ExecuteAsync(
                table.Insert(count, n => Statements.Values(n, table.Columns.Length)), [.. rows.Skip(from).Take(count).SelectMany(static row => row)]).ConfigureAwait(false);
    }

    public override Task ExecuteAsync(string sql) => _session.RunAsync(sql);

    public override ValueTask DisposeAsync() => _session.DisposeAsync();
}
