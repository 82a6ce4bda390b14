using System.Collections.Concurrent;
using Countersign.Cryptography;
using Countersign.Evidence;
using Microsoft.Data.Sqlite;

namespace Countersign.Server;

/// <summary>The embedded store: one SQLite file in WAL mode with synchronous=FULL, one writer with group commit, as many readers as
/// are needed at once. The contract is on <see cref="IServerStore"/>.</summary>
/// <remarks>WAL with FULL syncs the log at each commit: what is committed survives a power cut, and readers never wait for the
/// writer. Reads run on the caller's thread: they take microseconds from the page cache.</remarks>
public sealed partial class SqliteStore : IServerStore
{
    private readonly string _path;
    private readonly SqliteWriter _writer;
    private readonly ConcurrentBag<SqliteSession> _readers = [];
    private int _disposed;

    private SqliteStore(string path, SqliteWriter writer) => (_path, _writer) = (path, writer);

    /// <summary>Opens the database at <paramref name="path"/>, making it (mode 0600) and bringing its schema up to date.</summary>
    /// <param name="path">Of the file.</param>
    /// <param name="metrics">Is told of commits.</param>
    /// <param name="cancellation">Ends a migration; the next opening does it again from its beginning.</param>
    /// <exception cref="StoreException">The schema is newer, or the file is no database.</exception>
    public static SqliteStore Open(string path, ServerMetrics metrics, CancellationToken cancellation = default)
    {
        path = Path.GetFullPath(path);
        MakeOwnerOnly(path);
        SqliteSession? session = null;
        try
        {
            session = new SqliteSession(path, SqliteOpenMode.ReadWrite);
            session.Execute("PRAGMA page_size = 8192"); // of a new database: half as many writes, and some nine entries in a page
            session.Execute("PRAGMA journal_mode = WAL");
            session.Execute("PRAGMA wal_autocheckpoint = 2000"); // pages: 16 MiB; the pages of an index change in every commit, and are copied once
            session.Execute("PRAGMA synchronous = FULL");
            session.Execute("PRAGMA cache_size = -32768"); // KiB: a commit changes some pages of each conversation that it has entries of
            session.UntilCancelled(static session => SqliteSchema.Migrate(session), cancellation);
            return new SqliteStore(path, new SqliteWriter(session, metrics));
        }
        catch (SqliteException e)
        {
            session?.Dispose();
            throw new StoreException(StoreFault.Unavailable, "The database cannot be opened.", e);
        }
        catch (Exception e) when (e is StoreException or OperationCanceledException)
        {
            session?.Dispose();
            throw;
        }
    }

    // SQLite gives its -wal and -shm files the mode of the database.
    private static void MakeOwnerOnly(string path)
    {
        if (File.Exists(path))
            return;
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(path, options);
    }

    public async Task<Secret> ServerSecretAsync()
    {
        var bytes = await _writer.WriteAsync("server secret", static session =>
        {
            using var fresh = Secret.Random(Hash32.Size);
            session.Execute("INSERT OR IGNORE INTO server (name, value) VALUES ('secret', $1)", fresh.Span.ToArray());
            return session.First("SELECT value FROM server WHERE name = 'secret'", static row => row.Bytes(0))!;
        }).ConfigureAwait(false);
        var secret = Secret.CopyOf(bytes);
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(bytes);
        return secret;
    }

    public Task RecordSecurityEventAsync(SecurityEvent happened) => _writer.WriteAsync("security event", session => session.Execute(
        "INSERT INTO security_events (at, kind, user, subject) VALUES ($1, $2, $3, $4)",
        happened.At.Column(), (int)happened.Kind, happened.User.ToString(), happened.Subject?.Column()));

    public Task<IReadOnlyList<SecurityEvent>> SecurityEventsAsync(int limit) => Read<IReadOnlyList<SecurityEvent>>("security events", session => session.All(
        "SELECT at, kind, user, subject FROM security_events ORDER BY number DESC LIMIT $1",
        Rows.SecurityEvent,
        limit));

    public Task KeepOwnChainAsync(CertificateChain own) => _writer.WriteAsync("own certificate", session => session.Execute(
        "INSERT OR IGNORE INTO server (name, value) VALUES ($1, $2)", Rows.Name(own), CborOutput.Encode(own.Write)));

    public Task<IReadOnlyList<CertificateChain?>> OwnChainsAsync() => Read<IReadOnlyList<CertificateChain?>>("own certificates", static session => session.All(
        $"SELECT value FROM server WHERE name LIKE '{Rows.OwnChains}%'", Rows.OwnChain));

    public Task CheckAsync() => Read("check", static session => session.Number("SELECT count(*) FROM server"));

    private Task<T> Read<T>(string operation, Func<SqliteSession, T> work)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        SqliteSession? session = null;
        try
        {
            if (!_readers.TryTake(out session))
                session = new SqliteSession(_path, SqliteOpenMode.ReadOnly);
            return Task.FromResult(work(session));
        }
        catch (SqliteException e)
        {
            return Task.FromException<T>(new StoreException(StoreFault.Unavailable, operation + " could not be read.", e));
        }
        catch (StoreException e) when (e.Fault == StoreFault.Damaged)
        {
            return Task.FromException<T>(Rows.Damaged(operation, e));
        }
        finally
        {
            if (session is not null)
                GiveBack(session);
        }
    }

    private void GiveBack(SqliteSession session)
    {
        _readers.Add(session);
        if (Volatile.Read(ref _disposed) != 0)
            DisposeReaders();
    }

    private void DisposeReaders()
    {
        while (_readers.TryTake(out var reader))
            reader.Dispose();
    }

    /// <summary>Finishes the writes that wait and closes the database.</summary>
    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            DisposeReaders();
            _writer.Dispose();
        }
        return ValueTask.CompletedTask;
    }
}
