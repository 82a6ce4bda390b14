using Countersign.Testing;

namespace Countersign.Server.Tests;

/// <summary>From the embedded store to MySQL and back, with a server that runs on each.</summary>
public sealed class MoveTests
{
    [Fact]
    public async Task A_moved_server_goes_on_in_the_new_store_alone_and_back()
    {
        Assert.SkipUnless(TestDatabase.IsAvailable, PrivateMariaDb.SkipReason);
        using var world = await TransferWorld.CreateAsync();
        var mysql = StoreChoice.MySql(await TestDatabase.NewAsync());
        var moved = await world.Transfers.MoveAsync(world.Store, mysql, null);
        Assert.Equal((1, 4), (moved.Conversations, moved.Entries));
        await Assert.ThrowsAsync<OptionsException>(() => world.RunAsync(static (ServerHost _) => Task.CompletedTask)); // still told to use the old one
        using (var metrics = new ServerMetrics())
        await using (var old = SqliteStore.Open(world.Database, metrics))
            Assert.NotNull(await old.FindMarkAsync(StoreMark.Moved));

        world.Store = mysql;
        await world.RunAsync(async client =>
        {
            await world.SubmitAsync(client, world.Talk.Message());
            await world.Transfers.BackupAsync(world.Store, world.Backup, null);
        });
        Assert.Empty((await world.Transfers.CheckAsync(mysql, null)).Flaws);
        await Assert.ThrowsAsync<StoreException>(() => world.Transfers.MoveAsync(mysql, StoreChoice.Sqlite, null)); // the old file is not overwritten
        world.LoseDatabase();
        Assert.Equal(5, (await world.Transfers.MoveAsync(mysql, StoreChoice.Sqlite, null)).Entries);
        world.Store = StoreChoice.Sqlite;
        await world.RunAsync(async client => await world.SubmitAsync(client, world.Talk.Message()));
        Assert.Equal(6, (await world.Transfers.CheckAsync(world.Store, null)).Entries);
    }

    [Fact]
    public async Task Many_large_states_fit_the_packet_that_a_database_has_by_default()
    {
        Assert.SkipUnless(TestDatabase.IsAvailable, PrivateMariaDb.SkipReason);
        using var world = await TransferWorld.CreateAsync();
        world.Tamper("""
            INSERT INTO conversations (conversation, size, root)
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 64) SELECT randomblob(32), 0, zeroblob(32) FROM n
            """);
        world.Tamper("INSERT INTO snapshots (conversation, size, bytes) SELECT number, 0, randomblob(400000) FROM conversations WHERE size = 0");
        await using var to = await MySqlRows.OpenAsync(MySqlConnections.Parse(await TestDatabase.NewAsync()), TestContext.Current.CancellationToken);
        await using var from = SqliteRows.Open(world.Database, TestContext.Current.CancellationToken);
        await from.BeginSnapshotAsync();

        await StoreCopy.RunAsync(from, to, DateTimeOffset.UtcNow, null, TestContext.Current.CancellationToken);

        foreach (var table in StoreTable.All.Skip(1))
            Assert.Equal(await from.CountAsync(table), await to.CountAsync(table));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // and the directory names the new store already
    public async Task A_move_that_was_interrupted_when_the_old_store_was_closed_is_finished_by_the_same_move_and_by_no_other(bool isAdopted)
    {
        Assert.SkipUnless(TestDatabase.IsAvailable, PrivateMariaDb.SkipReason);
        using var world = await TransferWorld.CreateAsync();
        var before = await File.ReadAllTextAsync(Path.Combine(world.Server, "server.store"), TestContext.Current.CancellationToken);
        var mysql = StoreChoice.MySql(await TestDatabase.NewAsync());
        await world.Transfers.MoveAsync(world.Store, mysql, null);
        // What is there when the machine stops between the two marks.
        await using (var rows = await MySqlRows.OpenAsync(MySqlConnections.Parse(mysql.Connection), TestContext.Current.CancellationToken))
            await rows.MarkAsync(StoreMark.Unfinished, await MovedAsync(world));
        if (!isAdopted)
            await File.WriteAllTextAsync(Path.Combine(world.Server, "server.store"), before, TestContext.Current.CancellationToken);

        await CannotRunAsync(world, StoreChoice.Sqlite);
        await CannotRunAsync(world, mysql);
        // Another copy that was interrupted, earlier perhaps, is not what the old store was closed for.
        var other = StoreChoice.MySql(await TestDatabase.NewAsync());
        await using (var rows = await MySqlRows.OpenAsync(MySqlConnections.Parse(other.Connection), TestContext.Current.CancellationToken))
            await rows.MarkAsync(StoreMark.Unfinished, DateTimeOffset.UtcNow);
        await Assert.ThrowsAnyAsync<Exception>(() => world.Transfers.MoveAsync(StoreChoice.Sqlite, other, null));

        Assert.Equal(4, (await world.Transfers.MoveAsync(StoreChoice.Sqlite, mysql, null)).Entries);
        await CannotRunAsync(world, StoreChoice.Sqlite);
        world.Store = mysql;
        await world.RunAsync(async client => await world.SubmitAsync(client, world.Talk.Message()));
    }

    [Fact]
    public async Task A_move_whose_old_store_cannot_be_closed_leaves_the_new_one_unusable()
    {
        Assert.SkipUnless(TestDatabase.IsAvailable, PrivateMariaDb.SkipReason);
        using var world = await TransferWorld.CreateAsync();
        world.Tamper("CREATE TRIGGER never BEFORE INSERT ON server WHEN new.name = 'mark:moved' BEGIN SELECT RAISE(ABORT, 'never'); END");
        var mysql = StoreChoice.MySql(await TestDatabase.NewAsync());
        await Assert.ThrowsAsync<StoreException>(() => world.Transfers.MoveAsync(world.Store, mysql, null));
        await CannotRunAsync(world, mysql);
        await world.RunAsync(async client => await world.SubmitAsync(client, world.Talk.Message())); // the old one is the server's
    }

    [Fact]
    public async Task A_connection_of_a_copy_may_be_silent_for_as_long_as_the_other_store_is_read()
    {
        Assert.SkipUnless(TestDatabase.IsAvailable, PrivateMariaDb.SkipReason);
        var connection = await TestDatabase.NewAsync();
        await using var rows = await MySqlRows.OpenAsync(MySqlConnections.Parse(connection), TestContext.Current.CancellationToken);
        await rows.ExecuteAsync("INSERT INTO stored_bytes (user, bytes) VALUES ('alice', @@SESSION.wait_timeout)");
        await using var own = new MySqlSession(await MySqlConnections.Parse(connection).OwnAsync());
        Assert.InRange((await own.NumberAsync("SELECT bytes FROM stored_bytes")) ?? 0, 86_400, long.MaxValue);
    }

    private static async Task<DateTimeOffset> MovedAsync(TransferWorld world)
    {
        using var metrics = new ServerMetrics();
        await using var old = SqliteStore.Open(world.Database, metrics);
        return (await old.FindMarkAsync(StoreMark.Moved))!.Value;
    }

    private static async Task CannotRunAsync(TransferWorld world, StoreChoice store)
    {
        var before = world.Store;
        world.Store = store;
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => world.RunAsync(static (ServerHost _) => Task.CompletedTask));
        Assert.True(refused is OptionsException or StoreException { Fault: StoreFault.Unsuitable }, refused.ToString());
        world.Store = before;
    }

    [Fact]
    public async Task A_backup_of_one_kind_is_restored_into_the_other()
    {
        Assert.SkipUnless(TestDatabase.IsAvailable, PrivateMariaDb.SkipReason);
        using var world = await TransferWorld.CreateAsync();
        await world.Transfers.BackupAsync(world.Store, world.Backup, null);
        var mysql = StoreChoice.MySql(await TestDatabase.NewAsync());
        Assert.Equal(4, (await world.Transfers.RestoreAsync(mysql, world.Backup, null)).Entries);
        world.Store = mysql;
        await world.RunAsync(async client =>
        {
            await using var administration = await ServerAdministration.OpenAsync(world.Server, mysql, TimeProvider.System);
            Assert.Single(await administration.HeldAsync());
            await administration.ReleaseAsync(null);
            await world.SubmitAsync(client, world.Talk.Message());
        });
        var empty = StoreChoice.MySql(await TestDatabase.NewAsync());
        world.Store = empty; // a connection string of another database
        Assert.Equal(StoreFault.Unsuitable, (await Assert.ThrowsAsync<StoreException>(() => world.RunAsync(static (ServerHost _) => Task.CompletedTask))).Fault);
    }
}
