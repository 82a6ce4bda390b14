using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Countersign.Server;

/// <summary>The one statement that runs for every accepted entry, without what ADO.NET makes for each: parameters as objects, copies of
/// the bytes, and a reader.</summary>
internal sealed class EntryInsert : IDisposable
{
    private const string Sql = "INSERT INTO entries (conversation, position, device, seq, hash, subtree, bytes) VALUES (?, ?, ?, ?, ?, ?, ?)";

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    public EntryInsert(SqliteConnection connection)
    {
        _database = connection.Handle!;
        Check(raw.sqlite3_prepare_v2(_database, Sql, out _statement));
    }

    /// <exception cref="SqliteException">A uniqueness rule, or any other failure: the transaction is the caller's to end.</exception>
    public void Run(long conversation, long position, in AppendedEntry entry)
    {
        Check(raw.sqlite3_bind_int64(_statement, 1, conversation));
        Check(raw.sqlite3_bind_int64(_statement, 2, position));
        Check(raw.sqlite3_bind_blob(_statement, 3, entry.Author.Value.Span));
        Check(raw.sqlite3_bind_int64(_statement, 4, (long)Math.Min(entry.Seq, long.MaxValue)));
        Check(raw.sqlite3_bind_blob(_statement, 5, entry.Hash.Value.Span));
        Check(raw.sqlite3_bind_blob(_statement, 6, entry.Subtree.Span));
        Check(raw.sqlite3_bind_blob(_statement, 7, entry.Bytes.Span));
        var stepped = raw.sqlite3_step(_statement);
        var reset = raw.sqlite3_reset(_statement); // gives the step's error again
        if (stepped != raw.SQLITE_DONE)
            Check(reset);
    }

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, _database);

    public void Dispose() => _statement.Dispose();
}
