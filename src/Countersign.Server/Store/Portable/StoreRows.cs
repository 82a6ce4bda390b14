using System.Data.Common;
using System.Globalization;

namespace Countersign.Server;

/// <summary>A store as bare rows, on a connection of its own: for copies of everything.</summary>
internal abstract class StoreRows : IAsyncDisposable
{
    /// <summary>Opens a store that exists, or is made.</summary>
    public static async Task<StoreRows> OpenAsync(ServerFiles files, StoreChoice choice, CancellationToken cancellation) => choice.Kind == StoreKind.MySql
        ? await MySqlRows.OpenAsync(MySqlConnections.Parse(choice.Connection), cancellation).ConfigureAwait(false)
        : SqliteRows.Open(files.Database, cancellation);

    /// <summary>From here to the end of the transaction everything that is read is of one moment; nobody waits for it.</summary>
    public abstract Task BeginSnapshotAsync();

    /// <summary>The same, and nobody else writes meanwhile.</summary>
    public abstract Task BeginExclusiveAsync();

    public abstract Task BeginAsync();

    public abstract Task CommitAsync();

    public abstract Task<long> CountAsync(StoreTable table);

    /// <summary>Every row of a table.</summary>
    public abstract IAsyncEnumerable<object?[]> ReadAsync(StoreTable table);

    /// <summary>Inserts rows, all or none.</summary>
    public abstract Task InsertAsync(StoreTable table, IReadOnlyList<object?[]> rows);

    /// <summary>Runs a statement of SQL that both databases understand.</summary>
    public abstract Task ExecuteAsync(string sql);

    /// <summary>Sets a mark.</summary>
    public async Task MarkAsync(StoreMark mark, DateTimeOffset at)
    {
        await UnmarkAsync(mark).ConfigureAwait(false);
        await InsertAsync(StoreTable.All[0], [[Rows.Name(mark), Rows.Mark(at)]]).ConfigureAwait(false);
    }

    public Task UnmarkAsync(StoreMark mark) => ExecuteAsync($"DELETE FROM server WHERE name = '{Rows.Name(mark)}'");

    public abstract ValueTask DisposeAsync();

    protected static object?[] Values(DbDataReader row)
    {
        var values = new object?[row.FieldCount];
        for (var i = 0; i < values.Length; i++)
            values[i] = row.IsDBNull(i) ? null : row.GetValue(i);
        return values;
    }

    protected static long Number(object? scalar) => Convert.ToInt64(scalar, CultureInfo.InvariantCulture);
}
