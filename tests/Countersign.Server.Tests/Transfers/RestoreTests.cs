using Countersign.Authority;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Server.Tests;

/// <summary>Backup and restore of the embedded store, and what a restored server may do (TR-04).</summary>
public sealed class RestoreTests
{
    [Fact]
    public async Task TR_04_a_restored_conversation_takes_nothing_new_until_it_is_released_and_then_goes_on_without_a_gap()
    {
        using var world = await TransferWorld.CreateAsync(static world => world.Transfers.BackupAsync(world.Store, world.Backup, null));
        world.LoseDatabase();
        await Assert.ThrowsAsync<StoreException>(() => world.RunAsync(static (ServerHost _) => Task.CompletedTask)); // no fresh start by mistake
        var findings = await world.Transfers.RestoreAsync(world.Store, world.Backup, null);
        Assert.Equal((1, 3), (findings.Conversations, findings.Entries));
        await world.RunAsync(async client =>
        {
            // What is there is there, under a head that contradicts nothing.
            var page = await client.AskAsync<Fetched>(id => new Fetch(id, world.Talk.Id, 0));
            Assert.Equal(world.Entries.Take(3).Select(static e => e.Bytes.ToArray()), page.Entries.Select(static e => e.Bytes.ToArray()));
            Assert.Equal(3ul, page.Head!.Head.Size);
            // The last entry was acknowledged, and is not there: another one in its place would be a contradiction.
            var another = world.Talk.Message(seq: 4, seen: new TreeHead(3, page.Head.Head.Root));
            Assert.Equal(WireCode.Busy, (await TestTalk.RefusedAsync(client, another)).Code);
            Assert.Equal(WireCode.Busy, (await TestTalk.RefusedAsync(client, world.Entries[3])).Code);
            var known = await client.AskAsync<Accepted>(id => new Submit(id, new Encoded<Entry>(world.Entries[2].Bytes)));
            Assert.Equal((2ul, 3ul), (known.Position, known.Head.Head.Size));

            await using var administration = await ServerAdministration.OpenAsync(world.Server, world.Store, TimeProvider.System);
            Assert.Equal(world.Talk.Id, Assert.Single(await administration.HeldAsync()).Conversation);
            Assert.Equal(1, await administration.ReleaseAsync(null));
            Assert.Empty(await administration.HeldAsync());
            var again = await client.AskAsync<Accepted>(id => new Submit(id, new Encoded<Entry>(world.Entries[3].Bytes)));
            Assert.Equal((3ul, world.Talk.Seen), (again.Position, again.Head.Head.Tree)); // the very head that was signed before
        });
    }

    [Fact]
    public async Task What_looks_at_a_store_makes_none_and_the_restore_finds_its_place_empty()
    {
        using var world = await TransferWorld.CreateAsync(static world => world.Transfers.BackupAsync(world.Store, world.Backup, null));
        world.LoseDatabase();
        File.Delete(Path.Combine(world.Server, "server.store")); // a directory that was put together from too few files
        await Assert.ThrowsAsync<StoreException>(() => world.Transfers.CheckAsync(world.Store, null));
        await Assert.ThrowsAsync<StoreException>(() => world.Transfers.BackupAsync(world.Store, world.Backup + ".2", null));
        await Assert.ThrowsAsync<StoreException>(() => ServerAdministration.OpenMadeAsync(world.Server, world.Store, TimeProvider.System));
        Assert.False(ServerAdministration.IsMade(world.Server, world.Store));

        await world.Transfers.RestoreAsync(world.Store, world.Backup, null);

        Assert.True(ServerAdministration.IsMade(world.Server, world.Store));
        Assert.Empty((await world.Transfers.CheckAsync(world.Store, null)).Flaws);
        File.Delete(Path.Combine(world.Server, "server.store")); // the database beside it is still its own
        Assert.Empty((await world.Transfers.CheckAsync(world.Store, null)).Flaws);
    }

    [Fact]
    public async Task TR_04_a_conversation_that_began_before_a_restore_begins_only_after_the_release()
    {
        using var world = await TransferWorld.CreateAsync(static world => world.Transfers.BackupAsync(world.Store, world.Backup, null));
        var (_, earlier) = TestTalk.Found(world.Alice);
        world.LoseDatabase();
        await Task.Delay(2, TestContext.Current.CancellationToken); // times are whole milliseconds
        await world.Transfers.RestoreAsync(world.Store, world.Backup, null);
        await Task.Delay(2, TestContext.Current.CancellationToken);
        await world.RunAsync(async client =>
        {
            Assert.Equal(WireCode.Busy, (await TestTalk.RefusedAsync(client, earlier)).Code);
            await TestTalk.FoundAsync(client);
            await using var administration = await ServerAdministration.OpenAsync(world.Server, world.Store, TimeProvider.System);
            Assert.Equal(1, await administration.ReleaseAsync(world.Talk.Id));
            Assert.Equal(WireCode.Busy, (await TestTalk.RefusedAsync(client, earlier)).Code); // one conversation says nothing about others
            await administration.ReleaseAsync(null);
            await client.AskAsync<Accepted>(id => new Submit(id, new Encoded<Entry>(earlier.Bytes)));
        });
    }

    [Fact]
    public async Task IN_03_SE_08_invitations_and_one_time_prekeys_do_not_come_back()
    {
        using var world = await TransferWorld.CreateAsync();
        using var metrics = new ServerMetrics();
        await using (var store = SqliteStore.Open(world.Database, metrics))
            await store.PutPrekeysAsync(world.Alice.Device, [new(Cryptography.Hash32.Sha256([1]), false, new byte[] { 1 }), new(Cryptography.Hash32.Sha256([2]), true, new byte[] { 2 })], 10);
        await world.Transfers.BackupAsync(world.Store, world.Backup, null);
        world.LoseDatabase();
        await world.Transfers.RestoreAsync(world.Store, world.Backup, null);
        await using var restored = SqliteStore.Open(world.Database, metrics);
        Assert.Equal(0, await restored.OneTimePrekeysAsync(world.Alice.Device));
        Assert.Equal(new byte[] { 2 }, (await restored.TakePrekeysAsync([world.Alice.Device]))[0]!.Value.ToArray());
        Assert.All(await restored.InvitationsAsync(10), static invitation => Assert.True(invitation.RevokedAt is not null || invitation.Device is not null));
    }

    [Fact]
    public async Task A_backup_is_one_file_for_its_owner_alone_and_never_overwrites()
    {
        using var world = await TransferWorld.CreateAsync();
        await world.Transfers.BackupAsync(world.Store, world.Backup, null);
        Assert.Equal([world.Backup], Directory.GetFiles(Path.GetDirectoryName(world.Backup)!, "backup*"));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(world.Backup));
        await Assert.ThrowsAsync<AuthorityException>(() => world.Transfers.BackupAsync(world.Store, world.Backup, null));
    }

    [Fact]
    public async Task A_backup_that_fails_leaves_no_file()
    {
        using var world = await TransferWorld.CreateAsync();
        world.Tamper("PRAGMA foreign_keys = OFF; UPDATE entries SET conversation = 77 WHERE position = 3"); // refers to nothing: the copy does not take it
        await Assert.ThrowsAsync<StoreException>(() => world.Transfers.BackupAsync(world.Store, world.Backup, null));
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(world.Backup)!, "backup*"));
    }

    [Fact]
    public async Task A_restore_takes_no_backup_that_was_never_finished()
    {
        using var world = await TransferWorld.CreateAsync();
        await world.Transfers.BackupAsync(world.Store, world.Backup, null);
        world.LoseDatabase();
        var whole = await File.ReadAllBytesAsync(world.Backup, TestContext.Current.CancellationToken);
        foreach (var sql in new[] { "INSERT INTO server (name, value) VALUES ('mark:unfinished', zeroblob(8))", "DELETE FROM server WHERE name = 'secret'" })
        {
            using (var session = new SqliteSession(world.Backup, Microsoft.Data.Sqlite.SqliteOpenMode.ReadWrite))
                session.Execute(sql);
            Assert.Equal(StoreFault.Unsuitable, (await Assert.ThrowsAsync<StoreException>(() => world.Transfers.RestoreAsync(world.Store, world.Backup, null))).Fault);
            Assert.Empty(Directory.GetFiles(world.Server, "restoring*"));
            await File.WriteAllBytesAsync(world.Backup, whole, TestContext.Current.CancellationToken);
        }
        Assert.Equal(4, (await world.Transfers.RestoreAsync(world.Store, world.Backup, null)).Entries);
    }

    [Theory]
    [InlineData("root:x:0:0:root:/root:/bin/bash\n", "is no backup")]
    [InlineData("", "is no finished backup")]
    public async Task A_file_that_is_no_backup_is_named_and_changes_nothing(string text, string said)
    {
        using var world = await TransferWorld.CreateAsync();
        world.LoseDatabase();
        await File.WriteAllTextAsync(world.Backup, text, TestContext.Current.CancellationToken);
        var refused = await Assert.ThrowsAsync<StoreException>(() => world.Transfers.RestoreAsync(world.Store, world.Backup, null));
        Assert.Equal(StoreFault.Unsuitable, refused.Fault);
        Assert.Contains($"{world.Backup} {said}", refused.Message, StringComparison.Ordinal);
        Assert.Equal(text, await File.ReadAllTextAsync(world.Backup, TestContext.Current.CancellationToken));
        Assert.False(File.Exists(world.Database));
        Assert.Empty(Directory.GetFiles(world.Server, "restoring*"));
    }

    [Fact]
    public async Task A_restore_needs_a_stopped_server_an_empty_database_and_its_own_backup()
    {
        using var world = await TransferWorld.CreateAsync();
        await world.Transfers.BackupAsync(world.Store, world.Backup, null);
        await world.RunAsync(async (ServerHost _) =>
            Assert.Equal(AuthorityFault.Locked, (await Assert.ThrowsAsync<AuthorityException>(() => world.Transfers.RestoreAsync(world.Store, world.Backup, null))).Fault));
        Assert.Equal(StoreFault.Unsuitable, (await Assert.ThrowsAsync<StoreException>(() => world.Transfers.RestoreAsync(world.Store, world.Backup, null))).Fault);

        using var other = await TransferWorld.CreateAsync();
        other.LoseDatabase();
        Assert.Equal(StoreFault.Unsuitable, (await Assert.ThrowsAsync<StoreException>(() => other.Transfers.RestoreAsync(other.Store, world.Backup, null))).Fault);
        await Assert.ThrowsAsync<StoreException>(() => other.RunAsync(static (ServerHost _) => Task.CompletedTask)); // and what it left is not served
    }

    [Fact]
    public async Task TR_04_a_store_that_was_moved_gives_no_backup_and_its_file_is_restored_like_one_and_held()
    {
        using var world = await TransferWorld.CreateAsync();
        await using (var rows = SqliteRows.Open(world.Database, TestContext.Current.CancellationToken))
            await rows.MarkAsync(StoreMark.Moved, DateTimeOffset.UtcNow);
        var refused = await Assert.ThrowsAsync<StoreException>(() => world.Transfers.BackupAsync(world.Store, world.Backup, null));
        Assert.Equal(StoreFault.Unsuitable, refused.Fault);
        Assert.Contains("moved to another", refused.Message, StringComparison.Ordinal);
        File.Move(world.Database, world.Backup);
        world.LoseDatabase();

        Assert.Equal(4, (await world.Transfers.RestoreAsync(world.Store, world.Backup, null)).Entries);

        await world.RunAsync(async client =>
        {
            var message = world.Talk.Message();
            Assert.Equal(WireCode.Busy, (await TestTalk.RefusedAsync(client, message)).Code);
            await using var administration = await ServerAdministration.OpenAsync(world.Server, world.Store, TimeProvider.System);
            Assert.Equal(1, await administration.ReleaseAsync(null));
            await world.SubmitAsync(client, message);
        });
    }

    [Fact]
    public async Task A_flawed_backup_is_not_served()
    {
        using var world = await TransferWorld.CreateAsync();
        world.Tamper("UPDATE entries SET bytes = (SELECT bytes FROM entries WHERE position = 2) WHERE position = 3");
        await world.Transfers.BackupAsync(world.Store, world.Backup, null);
        world.LoseDatabase();
        var flawed = await Assert.ThrowsAsync<StoreFlawedException>(() => world.Transfers.RestoreAsync(world.Store, world.Backup, null));
        Assert.Contains("entry 3", Assert.Single(flawed.Findings.Flaws).Place, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreException>(() => world.RunAsync(static (ServerHost _) => Task.CompletedTask));
    }
}
