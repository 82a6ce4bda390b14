using System.Globalization;
using Countersign.Cryptography;
using MySqlConnector;

namespace Countersign.Server;

/// <summary>The store on MySQL 8 or MariaDB 10.11 and later: InnoDB, one writer with group commit, reads on pooled connections. The
/// contract is on <see cref="IServerStore"/>.</summary>
/// <remarks>The connection string is never logged, and no exception repeats any of it. A database that may lose what it has
/// acknowledged (innodb_flush_log_at_trx_commit, sync_binlog) is refused: nothing here could make up for it.</remarks>
public sealed partial class MySqlStore : IServerStore
{
    private const int LeastPacket = 16 * 1024 * 1024;

    private readonly MySqlConnections _connections;
    private readonly MySqlWriter _writer;
    private int _disposed;

    private MySqlStore(MySqlConnections connections, ServerMetrics metrics)
    {
        _connections = connections;
        _writer = new MySqlWriter(new MySqlWriterLine(connections), metrics);
    }

    /// <summary>Opens the database that the connection string names, and brings its schema up to date.</summary>
    /// <param name="connectionString">As MySqlConnector understands it.</param>
    /// <param name="metrics">Is told of commits.</param>
    /// <param name="cancellation">Ends a migration; the next opening goes on with it.</param>
    /// <exception cref="OptionsException">The connection string cannot be used.</exception>
    /// <exception cref="StoreException">NewerSchema, Unsuitable, or Unavailable.</exception>
    public static async Task<MySqlStore> OpenAsync(string connectionString, ServerMetrics metrics, CancellationToken cancellation = default)
    {
        var connections = MySqlConnections.Parse(connectionString);
        try
        {
            var connection = await connections.OwnAsync().ConfigureAwait(false);
            await using var session = new MySqlSession(connection);
            RequireVersion(connection.ServerVersion);
            await RequireDurabilityAsync(session).ConfigureAwait(false);
            await RequireRoomAsync(session).ConfigureAwait(false);
            if (!await MySqlSchema.IsNewestAsync(session).ConfigureAwait(false))
                await MigrateAsync(connections, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (MySqlFaults.Is(e))
        {
            throw MySqlFaults.Of("The opening of the database", e);
        }
        return new MySqlStore(connections, metrics);
    }

    private static async Task MigrateAsync(MySqlConnections connections, CancellationToken cancellation)
    {
        var connection = await connections.PatientAsync().ConfigureAwait(false);
        await using var session = new MySqlSession(connection, cancellation);
        await MySqlSchema.MigrateAsync(session, connection.Database).ConfigureAwait(false);
    }

    // MariaDB says "10.11.6-MariaDB-…", before version 11 sometimes with a leading "5.5.5-".
    internal static void RequireVersion(string version)
    {
        var isMariaDb = version.Contains("MariaDB", StringComparison.OrdinalIgnoreCase);
        var text = version.StartsWith("5.5.5-", StringComparison.Ordinal) ? version[6..] : version;
        var numbers = text.Split('.', '-').Take(2).Select(static part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0).ToArray();
        var (major, minor) = (numbers.ElementAtOrDefault(0), numbers.ElementAtOrDefault(1));
        if (isMariaDb ? (major, minor).CompareTo((10, 11)) < 0 : major < 8)
            throw new StoreException(StoreFault.Unsuitable, "The database server is too old: MySQL 8.0, or MariaDB 10.11, is the least.");
    }

    private static async Task RequireDurabilityAsync(MySqlSession session)
    {
        if (await session.NumberAsync("SELECT @@GLOBAL.innodb_flush_log_at_trx_commit").ConfigureAwait(false) != 1)
            throw new StoreException(StoreFault.Unsuitable, "The database server may lose acknowledged commits: innodb_flush_log_at_trx_commit must be 1.");
        if (await session.NumberAsync("SELECT @@GLOBAL.log_bin AND @@GLOBAL.sync_binlog <> 1").ConfigureAwait(false) != 0)
            throw new StoreException(StoreFault.Unsuitable, "The database server may lose acknowledged commits: sync_binlog must be 1 while the binary log is on.");
    }

    // The largest write is the state of a conversation with as many changes as any operator allows; 64 of the largest entries are half of the least.
    private static async Task RequireRoomAsync(MySqlSession session)
    {
        if (await session.NumberAsync("SELECT @@GLOBAL.max_allowed_packet").ConfigureAwait(false) < LeastPacket)
            throw new StoreException(StoreFault.Unsuitable, "The database server would refuse the largest writes: max_allowed_packet must be at least 16777216.");
    }

    public async Task<Secret> ServerSecretAsync()
    {
        var bytes = await _writer.WriteAsync("server secret", static async session =>
        {
            using var fresh = Secret.Random(Hash32.Size);
            await session.ExecuteAsync("INSERT INTO server (name, value) VALUES ('secret', @1) ON DUPLICATE KEY UPDATE name = 'secret'", fresh.Span.ToArray()).ConfigureAwait(false);
            return await session.FirstAsync("SELECT value FROM server WHERE name = 'secret'", static row => row.Bytes(0)).ConfigureAwait(false)
                ?? throw new StoreException(StoreFault.Damaged, "The server's secret is missing.");
        }).ConfigureAwait(false);
        var secret = Secret.CopyOf(bytes);
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(bytes);
        return secret;
    }

    public Task RecordSecurityEventAsync(SecurityEvent happened) => _writer.WriteAsync("security event", session => session.ExecuteAsync(
        "INSERT INTO security_events (at, kind, user, subject) VALUES (@1, @2, @3, @4)",
        happened.At.Column(), (int)happened.Kind, happened.User.ToString(), happened.Subject?.Column()));

    public Task<IReadOnlyList<SecurityEvent>> SecurityEventsAsync(int limit) => Read("security events", session => session.AllAsync(
        "SELECT at, kind, user, subject FROM security_events ORDER BY number DESC LIMIT @1", Rows.SecurityEvent, limit));

    public Task KeepOwnChainAsync(CertificateChain own) => _writer.WriteAsync("own certificate", session => session.ExecuteAsync(
        "INSERT INTO server (name, value) VALUES (@1, @2) ON DUPLICATE KEY UPDATE name = server.name", Rows.Name(own), CborOutput.Encode(own.Write)));

    public Task<IReadOnlyList<CertificateChain?>> OwnChainsAsync() => Read("own certificates", static session => session.AllAsync(
        $"SELECT value FROM server WHERE name LIKE '{Rows.OwnChains}%'", Rows.OwnChain));

    public Task CheckAsync() => Read("check", static session => session.NumberAsync("SELECT count(*) FROM server"));

    // A pooled connection may have died unnoticed: then the read, which changes nothing, is done once more on a fresh one.
    private async Task<T> Read<T>(string operation, Func<MySqlSession, Task<T>> work)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        for (var mayRepeat = true; ; mayRepeat = false)
        {
            MySqlSession? session = null;
            try
            {
                session = new MySqlSession(await _connections.PooledAsync().ConfigureAwait(false));
                return await work(session).ConfigureAwait(false);
            }
            catch (Exception e) when (MySqlFaults.Is(e))
            {
                if (session is not { IsLost: true } || !mayRepeat)
                    throw MySqlFaults.Of("The reading of " + operation, e);
            }
            catch (StoreException e) when (e.Fault == StoreFault.Damaged)
            {
                throw Rows.Damaged(operation, e);
            }
            finally
            {
                if (session is not null)
                    await session.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>Finishes the writes that wait and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _writer.DisposeAsync().ConfigureAwait(false);
        await _connections.CloseAsync().ConfigureAwait(false);
    }
}
