using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Testing;
using MySqlConnector;

namespace Countersign.Server.Tests;

/// <summary>A database of the first version, with data, becomes one of the newest.</summary>
public sealed class MigrationTests
{
    [Fact]
    public async Task A_SQLite_database_of_version_1_is_migrated_with_its_data()
    {
        using var directory = new TemporaryDirectory();
        using var metrics = new ServerMetrics();
        using (var session = new SqliteSession(directory["old.db"], Microsoft.Data.Sqlite.SqliteOpenMode.ReadWriteCreate))
        {
            SqliteSchema.Migrate(session, to: 1);
            Assert.Equal(1, session.Number("PRAGMA user_version"));
            session.Execute("INSERT INTO login_failures (user, address, at) VALUES ('alice', '192.0.2.1', $1)", Times.Start.ToUnixTimeMilliseconds());
            foreach (var sql in Stored)
                session.Execute(sql);
        }
        await using var store = SqliteStore.Open(directory["old.db"], metrics);
        await RequireMigratedAsync(store);
    }

    [Fact]
    public async Task A_MySQL_database_of_version_1_is_migrated_with_its_data()
    {
        Assert.SkipUnless(TestDatabase.IsAvailable, PrivateMariaDb.SkipReason);
        var connection = await TestDatabase.NewAsync();
        using var metrics = new ServerMetrics();
        var connections = MySqlConnections.Parse(connection);
        await using (var session = new MySqlSession(await connections.OwnAsync()))
        {
            await MySqlSchema.MigrateAsync(session, "test", to: 1);
            Assert.Equal(1, await session.NumberAsync("SELECT version FROM schema_version"));
            await session.ExecuteAsync("INSERT INTO login_failures (user, address, at) VALUES ('alice', '192.0.2.1', @1)", Times.Start.ToUnixTimeMilliseconds());
            foreach (var sql in Stored)
                await session.RunAsync(sql);
        }
        await using var store = await MySqlStore.OpenAsync(connection, metrics);
        await RequireMigratedAsync(store);
    }

    [Fact]
    public async Task The_last_MySQL_migrations_can_be_done_again_after_each_of_their_steps()
    {
        var before = MySqlSchema.Newest - 2;
        Assert.SkipUnless(TestDatabase.IsAvailable, PrivateMariaDb.SkipReason);
        var connection = await TestDatabase.NewAsync();
        using var metrics = new ServerMetrics();
        await using var session = new MySqlSession(await MySqlConnections.Parse(connection).OwnAsync());
        await MySqlSchema.MigrateAsync(session, "test", to: before);
        foreach (var sql in Stored.Select(static sql => sql.Replace("hash, root, bytes", "hash, subtree, bytes", StringComparison.Ordinal)))
            await session.RunAsync(sql);
        for (var time = 0; time < 2; time++)
        {
            await session.RunAsync($"UPDATE schema_version SET version = {before}, step = 0"); // the record was lost
            await using var store = await MySqlStore.OpenAsync(connection, metrics, TestContext.Current.CancellationToken);
            await RequireRevocationsAsync(store);
        }
    }

    [Fact]
    public async Task A_step_of_a_MySQL_migration_takes_as_long_as_it_takes()
    {
        Assert.SkipUnless(TestDatabase.IsAvailable, PrivateMariaDb.SkipReason);
        var connection = new MySqlConnectionStringBuilder(await TestDatabase.NewAsync()) { DefaultCommandTimeout = 2 };
        using var metrics = new ServerMetrics();
        await using (var session = new MySqlSession(await MySqlConnections.Parse(connection.ToString()).PatientAsync()))
            await MySqlSchema.MigrateAsync(session, "test", to: 4);
        await using var reader = new MySqlConnection(connection.ToString());
        await reader.OpenAsync(TestContext.Current.CancellationToken);
        await NumberAsync(reader, "START TRANSACTION");
        await NumberAsync(reader, "SELECT count(*) FROM entries"); // while this transaction is open, nobody alters the table

        var opening = MySqlStore.OpenAsync(connection.ToString(), metrics, TestContext.Current.CancellationToken);

        await Eventually.True(async () => opening.IsCompleted || await NumberAsync(
            reader, "SELECT count(*) FROM information_schema.processlist WHERE db = DATABASE() AND info LIKE 'ALTER TABLE%' AND time >= 3") > 0, "an ALTER TABLE beyond the limit");
        await NumberAsync(reader, "COMMIT");
        await using var store = await opening;
        await store.AppendAsync([StoreData.Genesis("c", "alice's")]);
    }

    [Fact]
    public async Task A_migration_of_SQLite_at_the_start_of_a_server_ends_when_the_start_is_given_up_and_the_next_one_does_it()
    {
        using var world = new OldServer(StoreChoice.Sqlite);
        using (var session = new SqliteSession(world.Database, Microsoft.Data.Sqlite.SqliteOpenMode.ReadWriteCreate))
        {
            SqliteSchema.Migrate(session, to: 3);
            foreach (var sql in Stored)
                session.Execute(sql);
            // The fourth migration updates entries: this keeps the first of its statements busy for years.
            session.Execute($"CREATE TRIGGER slow AFTER UPDATE ON entries BEGIN SELECT count(*) FROM {string.Join(", ", Enumerable.Range(0, 50).Select(static n => $"entries e{n}"))}; END");
        }
        using var giveUp = new CancellationTokenSource();

        var starting = Task.Run(() => world.StartAsync(giveUp.Token), TestContext.Current.CancellationToken);
        await Eventually.True(() => starting.IsCompleted || IsLocked(world.Database), "the migration is under way");
        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starting.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
        using (var session = new SqliteSession(world.Database, Microsoft.Data.Sqlite.SqliteOpenMode.ReadWrite))
        {
            Assert.Equal(3, session.Number("PRAGMA user_version"));
            session.Execute("DROP TRIGGER slow");
        }
        await (await world.StartAsync(TestContext.Current.CancellationToken)).DisposeAsync();
        using var metrics = new ServerMetrics();
        await using var store = SqliteStore.Open(world.Database, metrics);
        await RequireSubtreesAsync(store);
    }

    [Fact]
    public async Task What_gives_a_start_up_ends_no_work_on_the_database_once_it_is_open()
    {
        const string Long = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT count(*) FROM n"; // millions of steps
        using var directory = new TemporaryDirectory();
        using var session = new SqliteSession(directory["server.db"], Microsoft.Data.Sqlite.SqliteOpenMode.ReadWriteCreate);
        using var giveUp = new CancellationTokenSource();
        session.UntilCancelled(static session => SqliteSchema.Migrate(session), giveUp.Token);
        await giveUp.CancelAsync(); // a server that is told to stop writes down what it has taken
        Assert.Equal(100_000, session.Number(Long));
        Assert.ThrowsAny<OperationCanceledException>(() => session.UntilCancelled(static session => session.Number(Long), giveUp.Token));
        Assert.Equal(100_000, session.Number(Long));
    }

    [Fact]
    public async Task A_migration_of_MySQL_at_the_start_of_a_server_ends_when_the_start_is_given_up_and_the_next_one_goes_on()
    {
        Assert.SkipUnless(TestDatabase.IsAvailable, PrivateMariaDb.SkipReason);
        var connection = await TestDatabase.NewAsync();
        using var world = new OldServer(StoreChoice.MySql(connection));
        await using (var session = new MySqlSession(await MySqlConnections.Parse(connection).PatientAsync()))
        {
            await MySqlSchema.MigrateAsync(session, "test", to: 3);
            foreach (var sql in Stored)
                await session.RunAsync(sql);
        }
        await using var reader = new MySqlConnection(connection);
        await reader.OpenAsync(TestContext.Current.CancellationToken);
        await NumberAsync(reader, "START TRANSACTION");
        await NumberAsync(reader, "SELECT count(*) FROM entries"); // while this transaction is open, nobody alters the table
        using var giveUp = new CancellationTokenSource();

        var starting = world.StartAsync(giveUp.Token);
        await Eventually.True(async () => starting.IsCompleted || await NumberAsync(
            reader, "SELECT count(*) FROM information_schema.processlist WHERE db = DATABASE() AND info LIKE 'ALTER TABLE%'") > 0, "the migration is under way");
        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starting.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
        Assert.Equal(3, await NumberAsync(reader, "SELECT version FROM schema_version"));
        await NumberAsync(reader, "COMMIT");
        await (await world.StartAsync(TestContext.Current.CancellationToken)).DisposeAsync();
        using var metrics = new ServerMetrics();
        await using var store = await MySqlStore.OpenAsync(connection, metrics, TestContext.Current.CancellationToken);
        await RequireSubtreesAsync(store);
    }

    private static bool IsLocked(string database)
    {
        using var session = new SqliteSession(database, Microsoft.Data.Sqlite.SqliteOpenMode.ReadWrite);
        session.Execute("PRAGMA busy_timeout = 0");
        try
        {
            session.Execute("BEGIN IMMEDIATE");
            session.Execute("ROLLBACK");
            return false;
        }
        catch (Microsoft.Data.Sqlite.SqliteException e) when (e.SqliteErrorCode == SQLitePCL.raw.SQLITE_BUSY)
        {
            return true;
        }
    }

    /// <summary>A server whose database is of an older version.</summary>
    private sealed class OldServer : IDisposable
    {
        private readonly TemporaryDirectory _directory = new();
        private readonly ServerDirectory _files;
        private readonly StoreChoice _store;

        public OldServer(StoreChoice store)
        {
            TestWorld.CopyServer(_directory["server"]);
            _files = ServerDirectory.Open(_directory["server"], TestWorld.Passphrase, TimeProvider.System);
            _store = store;
        }

        public string Database => _files.Database;

        public Task<ServerHost> StartAsync(CancellationToken cancellation) => ServerHost.StartAsync(
            _files, new ServerOptions { Listen = new(System.Net.IPAddress.Loopback, 0), Store = _store }, TimeProvider.System,
            Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance, cancellation);

        public void Dispose()
        {
            _files.Dispose();
            _directory.Dispose();
        }
    }

    [Fact]
    public async Task A_statement_of_a_copy_takes_as_long_as_it_takes_and_ends_when_the_copy_is_given_up()
    {
        Assert.SkipUnless(TestDatabase.IsAvailable, PrivateMariaDb.SkipReason);
        var database = new MySqlConnectionStringBuilder(await TestDatabase.NewAsync()) { DefaultCommandTimeout = 2 }.ToString();
        var connections = MySqlConnections.Parse(database);
        using var giveUp = new CancellationTokenSource();
        await using var rows = await MySqlRows.OpenAsync(connections, giveUp.Token);
        await rows.ExecuteAsync("INSERT INTO accounts SELECT 'alice', '', 1, 1, '', '', 0, sleep(4), NULL"); // which fails if it is cut short
        Assert.Equal(1, await rows.CountAsync(StoreTable.All.Single(static table => table.Name == "accounts")));

        await using var other = new MySqlConnection(database); // has the place; MySQL takes a sleep that is cut short for a statement that was done
        await other.OpenAsync(TestContext.Current.CancellationToken);
        await using var transaction = await other.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using (var first = new MySqlCommand("INSERT INTO accounts SELECT 'bob', '', 1, 1, '', '', 0, 0, NULL", other, transaction))
            await first.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        var waiting = rows.ExecuteAsync("INSERT INTO accounts SELECT 'bob', '', 1, 1, '', '', 0, 0, NULL");
        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
    }

    private static async Task<long> NumberAsync(MySqlConnection connection, string sql)
    {
        await using var command = new MySqlCommand(sql, connection);
        return Convert.ToInt64(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken), System.Globalization.CultureInfo.InvariantCulture);
    }

    // Two entries of one device of alice's, 5 and 7 bytes long.
    private static string[] Stored { get; } =
    [
        $"INSERT INTO devices (device, user, chain, enrolled_at) VALUES (x'{new string('1', 64)}', 'alice', x'00', 0)",
        $"INSERT INTO conversations (number, conversation, size, root) VALUES (1, x'{new string('2', 64)}', 2, x'{new string('3', 64)}')",
        $"INSERT INTO revocations (device, reason, requested_at, done_at) VALUES (x'{new string('6', 64)}', 1, 1000, 2000), (x'{new string('7', 64)}', 4, 3000, NULL)",
        .. new[] { (0, 5), (1, 7) }.Select(static entry =>
            $"INSERT INTO entries (conversation, position, device, seq, hash, root, bytes) VALUES (1, {entry.Item1}, x'{new string('1', 64)}', {entry.Item1 + 1}, x'{new string('4', 64)}', x'{new string('5', 64)}', x'{new string('0', 2 * entry.Item2)}')"),
    ];

    private static async Task RequireMigratedAsync(IServerStore store)
    {
        Assert.Equal(new LoginFailures(1, 1), await store.LoginFailuresAsync(StoreData.Alice, new PeerAddress(System.Net.IPAddress.Parse("192.0.2.1")), Times.Start));
        await store.AppendAsync([StoreData.Genesis("c", "alice's")]);
        Assert.False((await store.FindConversationAsync(StoreData.Conversation("c")))!.IsHeld);
        Assert.Empty(await store.HeldAsync(10));
        Assert.Equal([2ul, 1ul], (await store.ConversationsAsync(1, 10)).Select(static c => c.Head?.Size));
        var (old, root) = await RequireSubtreesAsync(store);
        await RequireUniqueAsync(store, old, root);
        await RequireRevocationsAsync(store);
        Assert.Equal(StorageOutcome.Full, await store.TakeStorageAsync(StoreData.Alice, 1, 12));
        Assert.Equal(StorageOutcome.Taken, await store.TakeStorageAsync(StoreData.Alice, 1, 13));
    }

    private static async Task RequireRevocationsAsync(IServerStore store)
    {
        Assert.Equal(DateTimeOffset.UnixEpoch.AddSeconds(2), Assert.Single(await store.DoneRevocationsAsync(0, 10)).RevokedAt);
        Assert.Equal((RevocationReason.Superseded, (DateTimeOffset?)null), Assert.Single(await store.OpenRevocationsAsync(0, 10)) is { Request: { } asked } open ? (asked.Grounds.Reason, open.RevokedAt) : default);
        Assert.Empty(await store.SetAsideRevocationsAsync(0, 10));
        Assert.Empty(await store.OwnChainsAsync());
    }

    private static async Task<(ConversationId Old, Hash32 Root)> RequireSubtreesAsync(IServerStore store)
    {
        var tree = new MerkleTree([MerkleHash.Leaf(new byte[5]), MerkleHash.Leaf(new byte[7])]);
        var old = new ConversationId(new Hash32(Convert.FromHexString(new string('2', 64))));
        Assert.Equal((tree.RootAt(1), tree.Root), (await store.RootAtAsync(old, 1), await store.RootAtAsync(old, 2)));
        return (old, tree.Root);
    }

    private static async Task RequireUniqueAsync(IServerStore store, ConversationId old, Hash32 root)
    {
        var author = new DeviceId(new Hash32(Convert.FromHexString(new string('1', 64))));
        AppendedEntry Entry(ulong seq) => StoreData.Entry("", seq, "another") with { Author = author };
        Assert.NotNull(await store.FindEntryAsync(old, author, 2));
        var refused = await Assert.ThrowsAsync<StoreException>(() => store.AppendAsync([new(old, 2, [Entry(2)], root, [], null)]));
        Assert.Equal(StoreFault.Conflict, refused.Fault);
        await store.AppendAsync([new(old, 2, [Entry(3)], root, [], null)]);
        Assert.NotNull(await store.FindEntryAsync(old, author, 3));
    }
}
