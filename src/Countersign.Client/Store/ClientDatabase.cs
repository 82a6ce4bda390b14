using Countersign.Cryptography;
using Microsoft.Data.Sqlite;

namespace Countersign.Client;

/// <summary>The profile's SQLite database: one connection, one writer, write-ahead log, full synchronisation, so that what a
/// transaction has stored survives the end of the process and of the power.</summary>
/// <remarks>Thread-safe: every statement and every transaction runs alone. Statements are prepared once and kept.</remarks>
internal sealed class ClientDatabase : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _prepared = new(StringComparer.Ordinal);
    private bool _inTransaction;

    private ClientDatabase(SqliteConnection connection) => _connection = connection;

    /// <summary>Opens the database and brings its schema up to date; the file exists already, with the owner's mode.</summary>
    /// <exception cref="ProfileDamagedException">The file is no database of this program.</exception>
    public static ClientDatabase Open(string path)
    {
        var settings = new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = false };
        var connection = new SqliteConnection(settings.ConnectionString);
        try
        {
            connection.Open();
            Schema.Apply(connection);
            return new ClientDatabase(connection);
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw new ProfileDamagedException("its database does not open", e);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>All of <paramref name="work"/> or nothing is stored; a call inside another joins it.</summary>
    public void InTransaction(Action work)
    {
        lock (_gate)
        {
            if (_inTransaction)
            {
                work();
                return;
            }
            Execute("BEGIN IMMEDIATE");
            _inTransaction = true;
            try
            {
                work();
                Execute("COMMIT");
            }
            catch
            {
                RollBack();
                throw;
            }
            finally
            {
                _inTransaction = false;
            }
        }
    }

    /// <summary>Moves everything from the log to the database and cuts the log to nothing: what was overwritten is in neither.</summary>
    public void Settle() => Query("PRAGMA wal_checkpoint(TRUNCATE)", static _ => true);

    /// <summary>Runs a statement with parameters $1, $2 … and returns how many rows it changed.</summary>
    public int Execute(string sql, params ReadOnlySpan<object?> parameters)
    {
        lock (_gate)
        {
            try
            {
                return Bind(sql, parameters).ExecuteNonQuery();
            }
            catch (SqliteException e) when (IsStorage(e))
            {
                throw new StorageException(e);
            }
        }
    }

    /// <summary>The rows of a query, all read before the call returns.</summary>
    public List<T> Query<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<object?> parameters)
    {
        lock (_gate)
        {
            try
            {
                using var reader = Bind(sql, parameters).ExecuteReader();
                var rows = new List<T>();
                while (reader.Read())
                    rows.Add(read(reader));
                return rows;
            }
            catch (SqliteException e) when (IsStorage(e))
            {
                throw new StorageException(e);
            }
        }
    }

    /// <summary>The first column of the first row, or null.</summary>
    public byte[]? Blob(string sql, params ReadOnlySpan<object?> parameters) => Scalar(sql, parameters) as byte[];

    /// <summary>The first column of the first row, or null.</summary>
    public long? Number(string sql, params ReadOnlySpan<object?> parameters) => Scalar(sql, parameters) as long?;

    /// <summary>The row number that the last insertion got.</summary>
    public long LastRow() => Number("SELECT last_insert_rowid()") ?? 0;

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var command in _prepared.Values)
                command.Dispose();
            _prepared.Clear();
            _connection.Dispose();
        }
    }

    private object? Scalar(string sql, ReadOnlySpan<object?> parameters)
    {
        lock (_gate)
        {
            try
            {
                return Bind(sql, parameters).ExecuteScalar();
            }
            catch (SqliteException e) when (IsStorage(e))
            {
                throw new StorageException(e);
            }
        }
    }

    // After some errors (a full disk) SQLite has rolled back by itself, and says so by refusing this.
    private void RollBack()
    {
        try
        {
            Bind("ROLLBACK", []).ExecuteNonQuery();
        }
        catch (SqliteException e) when (e.SqliteErrorCode == SQLitePCL.raw.SQLITE_ERROR)
        {
            return;
        }
    }

    private static bool IsStorage(SqliteException e) =>
        e.SqliteErrorCode is SQLitePCL.raw.SQLITE_FULL or SQLitePCL.raw.SQLITE_IOERR or SQLitePCL.raw.SQLITE_CANTOPEN or SQLitePCL.raw.SQLITE_READONLY;

    private SqliteCommand Bind(string sql, ReadOnlySpan<object?> parameters)
    {
        if (!_prepared.TryGetValue(sql, out var command))
        {
            command = _connection.CreateCommand();
            command.CommandText = sql;
            for (var i = 1; i <= parameters.Length; i++)
                command.Parameters.Add(new SqliteParameter { ParameterName = "$" + i });
            _prepared.Add(sql, command);
        }
        for (var i = 0; i < parameters.Length; i++)
            command.Parameters[i].Value = Stored(parameters[i]);
        return command;
    }

    private static object Stored(object? value) => value switch
    {
        null => DBNull.Value,
        Hash32 hash => hash.ToArray(),
        ulong number => checked((long)number),
        DateTimeOffset time => time.ToUnixTimeMilliseconds(),
        _ => value,
    };
}
