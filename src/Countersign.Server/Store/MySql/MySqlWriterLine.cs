using System.Diagnostics;
using System.Security.Cryptography;
using MySqlConnector;

namespace Countersign.Server;

/// <summary>What became of a commit whose answer was lost.</summary>
internal enum CommitOutcome
{
    Committed,
    RolledBack,

    /// <summary>The database cannot say yet.</summary>
    Unknown,
}

/// <summary>The writer's connection: one transaction after the other, each with a number that is written with it.</summary>
/// <remarks>The connection holds a lock of the database's (GET_LOCK) under this writer's name. A later connection takes the same lock
/// before it does anything: then the earlier one is over at the database, too, its last COMMIT carried out or gone, and the number that
/// stands in the table of writers says which.</remarks>
internal sealed class MySqlWriterLine : IAsyncDisposable
{
    /// <summary>The database ends a connection that says nothing for this long, and with it transaction and lock: one that the
    /// network has swallowed must not keep its successor out for hours.</summary>
    private const int SilenceSeconds = 30;

    private const string Settings =
        "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO', SESSION innodb_lock_wait_timeout = 5; "
        + "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; ";

    private static readonly TimeSpan MayBeGone = TimeSpan.FromSeconds(SilenceSeconds / 2);

    private readonly MySqlConnections _connections;
    private readonly byte[] _writer = RandomNumberGenerator.GetBytes(16);
    private readonly string _lock;
    private MySqlSession? _session;
    private long _number;
    private long _lastUse;

    public MySqlWriterLine(MySqlConnections connections)
    {
        _connections = connections;
        _lock = "countersign.writer." + Convert.ToHexStringLower(_writer);
    }

    /// <summary>Begins a transaction.</summary>
    /// <exception cref="StoreException">Unavailable: an earlier connection of this writer is not over yet.</exception>
    public async Task<MySqlSession> BeginAsync()
    {
        if (_session is not null && Stopwatch.GetElapsedTime(_lastUse) > MayBeGone)
            await DropAsync().ConfigureAwait(false);
        _session ??= await ConnectAsync().ConfigureAwait(false)
            ?? throw new StoreException(StoreFault.Unavailable, "The database still holds an earlier connection.");
        await _session.RunAsync("START TRANSACTION").ConfigureAwait(false);
        _lastUse = Stopwatch.GetTimestamp();
        return _session;
    }

    /// <summary>Commits under the next number. After any exception the outcome is unknown.</summary>
    public async Task CommitAsync()
    {
        _number++;
        await _session!.ExecuteAsync("UPDATE writers SET number = @2 WHERE writer = @1", _writer, _number).ConfigureAwait(false);
        await _session.RunAsync("COMMIT").ConfigureAwait(false);
        _lastUse = Stopwatch.GetTimestamp();
    }

    /// <summary>Undoes the transaction, if need be with its connection.</summary>
    public async Task RollBackAsync()
    {
        try
        {
            if (_session is not null)
                await _session.RunAsync("ROLLBACK").ConfigureAwait(false);
        }
        catch (Exception e) when (MySqlFaults.Is(e))
        {
            await DropAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Asks a new connection what became of the last commit.</summary>
    public async Task<CommitOutcome> TryReadOutcomeAsync()
    {
        await DropAsync().ConfigureAwait(false);
        try
        {
            _session = await ConnectAsync().ConfigureAwait(false);
            if (_session is null)
                return CommitOutcome.Unknown;
            var number = await _session.NumberAsync("SELECT number FROM writers WHERE writer = @1", _writer).ConfigureAwait(false);
            return number == _number ? CommitOutcome.Committed : CommitOutcome.RolledBack;
        }
        catch (Exception e) when (MySqlFaults.Is(e))
        {
            return CommitOutcome.Unknown;
        }
    }

    public async Task DropAsync()
    {
        if (_session is null)
            return;
        var session = _session;
        _session = null;
        try
        {
            await session.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (MySqlFaults.Is(e))
        {
            return; // a connection that is broken already
        }
    }

    // Null: the lock is held, by an earlier connection that the database has not ended.
    private async Task<MySqlSession?> ConnectAsync()
    {
        var session = new MySqlSession(await _connections.OwnAsync().ConfigureAwait(false));
        try
        {
            await session.RunAsync(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Settings}SET SESSION wait_timeout = {SilenceSeconds}")).ConfigureAwait(false);
            if (await session.NumberAsync("SELECT GET_LOCK(@1, 2)", _lock).ConfigureAwait(false) == 1)
            {
                await session.ExecuteAsync("INSERT INTO writers (writer, number) VALUES (@1, 0) ON DUPLICATE KEY UPDATE number = number", _writer).ConfigureAwait(false);
                _lastUse = Stopwatch.GetTimestamp();
                return session;
            }
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
        await session.DisposeAsync().ConfigureAwait(false);
        return null;
    }

    /// <summary>Ends the connection, and this writer's row.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_session is not null)
                await _session.ExecuteAsync("DELETE FROM writers WHERE writer = @1", _writer).ConfigureAwait(false);
        }
        catch (Exception e) when (MySqlFaults.Is(e))
        {
            await DropAsync().ConfigureAwait(false); // a row too many does no harm
        }
        await DropAsync().ConfigureAwait(false);
    }
}
