using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Countersign.Server;

/// <summary>One SQLite connection with its prepared statements: each SQL text is compiled once. Used by one thread at a time.</summary>
internal sealed class SqliteSession : IDisposable
{
    // Of its virtual machine, some hundred nanoseconds each at most.
    private const int StepsBetweenLooks = 10_000;

    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _commands = new(StringComparer.Ordinal);
    private EntryInsert? _entries;

    public SqliteSession(string path, SqliteOpenMode mode)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = mode,
            Pooling = false, // the store pools sessions itself, with their statements
            DefaultTimeout = 10, // seconds to wait for another process's write
        }.ToString());
        _connection.Open();
        Execute("PRAGMA busy_timeout = 10000");
        Execute("PRAGMA trusted_schema = OFF");
        Execute("PRAGMA temp_store = MEMORY"); // what a savepoint may have to undo is no file of its own in a directory of everybody's
        Execute("PRAGMA foreign_keys = ON");
    }

    /// <summary>Runs a statement that returns no rows; parameters are $1, $2 …</summary>
    /// <returns>The number of rows changed.</returns>
    public int Execute(string sql, params ReadOnlySpan<object?> parameters) => Bind(sql, parameters).ExecuteNonQuery();

    /// <summary>The first row mapped by <paramref name="map"/>, or null when there is none.</summary>
    public T? First<T>(string sql, Func<DbDataReader, T> map, params ReadOnlySpan<object?> parameters) where T : class
    {
        using var reader = Bind(sql, parameters).ExecuteReader();
        return reader.Read() ? Rows.Of(reader, map) : null;
    }

    /// <summary>The first row mapped by <paramref name="map"/>, or null when there is none.</summary>
    public T? FirstValue<T>(string sql, Func<DbDataReader, T> map, params ReadOnlySpan<object?> parameters) where T : struct
    {
        using var reader = Bind(sql, parameters).ExecuteReader();
        return reader.Read() ? Rows.Of(reader, map) : null;
    }

    /// <summary>The single integer that the statement returns; null for SQL's null or no row.</summary>
    public long? Number(string sql, params ReadOnlySpan<object?> parameters) =>
        Bind(sql, parameters).ExecuteScalar() is { } value and not DBNull ? Convert.ToInt64(value, CultureInfo.InvariantCulture) : null;

    /// <summary>All rows; statements that call this carry a LIMIT or are bounded by a limit of SPEC section 11.</summary>
    public List<T> All<T>(string sql, Func<DbDataReader, T> map, params ReadOnlySpan<object?> parameters)
    {
        var rows = new List<T>();
        using var reader = Bind(sql, parameters).ExecuteReader();
        while (reader.Read())
            rows.Add(Rows.Of(reader, map));
        return rows;
    }

    /// <summary>All rows, one after the other: nothing else may use this statement meanwhile.</summary>
    public IEnumerable<T> Stream<T>(string sql, Func<DbDataReader, T> map)
    {
        using var reader = Bind(sql, []).ExecuteReader();
        while (reader.Read())
            yield return map(reader);
    }

    /// <summary>Rows until <paramref name="take"/> says false.</summary>
    public void While(string sql, Func<DbDataReader, bool> take, params ReadOnlySpan<object?> parameters)
    {
        using var reader = Bind(sql, parameters).ExecuteReader();
        while (reader.Read() && Rows.Of(reader, take)) { }
    }

    /// <summary>Does <paramref name="work"/>, which ends in the middle of a statement when the token says so. A transaction is left to the caller.</summary>
    /// <exception cref="OperationCanceledException"/>
    public void UntilCancelled(Action<SqliteSession> work, CancellationToken cancellation)
    {
        var database = _connection.Handle!;
        raw.sqlite3_progress_handler(database, StepsBetweenLooks, _ => cancellation.IsCancellationRequested ? 1 : 0, null);
        try
        {
            work(this);
        }
        catch (SqliteException e) when (e.SqliteErrorCode == raw.SQLITE_INTERRUPT && cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException("The work on the database was given up.", e, cancellation);
        }
        finally
        {
            raw.sqlite3_progress_handler(database, 0, null, null);
        }
    }

    /// <summary>The statement that stores entries.</summary>
    public EntryInsert Entries => _entries ??= new EntryInsert(_connection);

    private SqliteCommand Bind(string sql, ReadOnlySpan<object?> parameters)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            command = _connection.CreateCommand();
            command.CommandText = sql;
            for (var i = 0; i < parameters.Length; i++)
                command.Parameters.Add(new SqliteParameter { ParameterName = "$" + (i + 1).ToString(CultureInfo.InvariantCulture) });
            _commands.Add(sql, command);
        }
        for (var i = 0; i < parameters.Length; i++)
            command.Parameters[i].Value = parameters[i] ?? DBNull.Value;
        return command;
    }

    public void Dispose()
    {
        _entries?.Dispose();
        foreach (var command in _commands.Values)
            command.Dispose();
        _connection.Dispose();
    }
}
