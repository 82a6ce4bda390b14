using Countersign.Testing;

namespace Countersign.Server.Tests;

/// <summary>The check finds what was changed behind the server's back, and says where.</summary>
public sealed class StoreCheckTests
{
    [Fact]
    public async Task Each_change_is_found_at_its_place()
    {
        using var world = await TransferWorld.CreateAsync();
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
        })
        {
            world.Tamper(sql);
            var findings = await world.Transfers.CheckAsync(world.Store, null);
            Assert.True(findings.Flaws.Any(flaw => flaw.Place.Contains(place, StringComparison.Ordinal)), sql + ": " + string.Join("; ", findings.Flaws));
            world.LoseDatabase();
            await File.WriteAllBytesAsync(world.Database, whole, TestContext.Current.CancellationToken);
        }
    }
}
