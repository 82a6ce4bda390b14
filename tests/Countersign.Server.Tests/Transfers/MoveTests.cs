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
