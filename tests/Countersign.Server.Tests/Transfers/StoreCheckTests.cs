using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Testing;

namespace Countersign.Server.Tests;

/// <summary>The check finds what was changed behind the server's back, and says where.</summary>
public sealed class StoreCheckTests
{
    [Fact]
    public async Task Each_change_is_found_at_its_place()
    {
        using var world = await TransferWorld.CreateAsync();
        await StampAsync(world, 1);
        await StampAsync(world, 3);
        var good = await world.Transfers.CheckAsync(world.Store, null);
        Assert.Empty(good.Flaws);
        Assert.Equal((1, 4), (good.Conversations, good.Entries));
        var whole = await File.ReadAllBytesAsync(world.Database, TestContext.Current.CancellationToken);
        foreach (var (sql, place) in new[]
        {
            ("UPDATE entries SET bytes = " + StoredBytes.LastChanged + " WHERE position = 2", "entry 2"), // the signature's last byte
            ("UPDATE entries SET subtree = zeroblob(32) WHERE position = 1", "entry 1"),
            ("UPDATE entries SET hash = zeroblob(32) WHERE position = 1", "entry 1"),
            ("UPDATE entries SET seq = 77 WHERE position = 3", "entry 3"),
            ("DELETE FROM entries WHERE position = 2", "entry 2"),
            ("UPDATE conversations SET root = zeroblob(32)", "conversation"),
            ("UPDATE conversations SET size = 3", "conversation"),
            ("UPDATE snapshots SET bytes = bytes || x'00'", "conversation"),
            ("UPDATE members SET until = 1", "conversation"),
            ("UPDATE receipts SET size = 2", "receipt"),
            ("UPDATE receipts SET bytes = " + StoredBytes.LastChanged, "receipt"),
            ("DELETE FROM devices", "entry 0"),
            // Rows that are none:
            ("UPDATE conversations SET root = x'00'", "its stored state"),
            ("UPDATE conversations SET conversation = x'00'", "conversation number 1"),
            ("UPDATE entries SET subtree = x'00' WHERE position = 1", "entry 1"),
            ("UPDATE entries SET hash = x'00' WHERE position = 3", "entry 3"),
            ("UPDATE devices SET chain = x'00'", "entry 0"),
            ("UPDATE devices SET user = 'No Name'", "entry 0"),
            ("UPDATE members SET device = x'00'", "members"),
            ("UPDATE receipts SET device = x'00'", "receipts"),
            ("UPDATE stamps SET head = x'00' WHERE size = 3", "the first stamp at size 2 or later"),
            ("UPDATE tokens SET bytes = x'00' WHERE number = 1", "the first stamp at size 0 or later"),
            ("INSERT INTO revocations (device, reason, requested_at) SELECT device, 99, 0 FROM devices LIMIT 1", "request to revoke device"),
            ("INSERT INTO revocations (device, reason, requested_at) VALUES (x'00', 1, 0)", "a request to revoke a device"),
            // Nobody may go round in circles between these two:
            ("UPDATE stamps SET size = 4 WHERE size = 3", "the first stamp at size 2 or later"),
            ("UPDATE stamps SET head = (SELECT head FROM stamps WHERE size = 1) WHERE size = 3", "the first stamp at size 2 or later"),
        })
        {
            world.Tamper(sql);
            var findings = await world.Transfers.CheckAsync(world.Store, null).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
            Assert.True(findings.Flaws.Any(flaw => flaw.Place.Contains(place, StringComparison.Ordinal)), sql + ": " + string.Join("; ", findings.Flaws));
            world.LoseDatabase();
            await File.WriteAllBytesAsync(world.Database, whole, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_check_that_is_given_up_ends()
    {
        using var world = await TransferWorld.CreateAsync();
        using var giveUp = new CancellationTokenSource();
        var transfers = new StoreTransfers(world.Server, TimeProvider.System, giveUp.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => transfers.CheckAsync(world.Store, new GivingUp(giveUp)));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => transfers.BackupAsync(world.Store, world.Backup, null));
        Assert.False(File.Exists(world.Backup));
    }

    // Of the conversation as it was at this size, by the authority of the server's own that stamps in deployments, too.
    private static async Task StampAsync(TransferWorld world, ulong size)
    {
        using var files = ServerDirectory.Open(world.Server, TestWorld.Passphrase, TimeProvider.System, new TimeStampChoice.Self());
        using var metrics = new ServerMetrics();
        await using var store = SqliteStore.Open(world.Database, metrics);
        var root = await store.RootAtAsync(world.Talk.Id, size);
        var heads = HeadBatch.Sign(files.Key, files.Chain.Leaf.Fingerprint, [new Head(world.Talk.Id, size, root!.Value)], DateTimeOffset.UtcNow);
        var request = TimeStampRequest.For(heads[0].Batch.Bytes.Span);
        await store.PutStampsAsync(heads, request.ReadResponse(files.TimeStamps!.Respond(request.Encode())));
    }

    private sealed class GivingUp(CancellationTokenSource when) : IProgress<StoreProgress>
    {
        public void Report(StoreProgress value) => when.Cancel();
    }
}
