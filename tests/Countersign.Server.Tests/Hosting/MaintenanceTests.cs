using Countersign.Authority;
using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Server.Tests;

/// <summary>What a server does of its own accord, on files and disks that do not let it.</summary>
public sealed class MaintenanceTests
{
    [Fact]
    public async Task CE_10_a_revocation_is_done_when_the_list_that_says_it_could_be_written_and_not_before()
    {
        await using var server = await TestServer.StartAsync();
        await using var lost = await server.NewReadyAsync("lost", 1);
        await using var witness = await server.NewReadyAsync("witness", 2);
        using (NotReplaceable.File(Path.Combine(server.Path, "authority", "ca.crl")))
        {
            await server.Administration.RequestRevocationAsync(lost.User.Device, new(RevocationReason.KeyCompromise, null));
            await Eventually.True(() => server.Log.Lines.Count(static line => line.Contains("maintenance failed", StringComparison.Ordinal)) > 3, "it is tried in several rounds");
            Assert.Equal(lost.User.Device, Assert.Single(await server.OpenRevocationsAsync()).Device);
            await lost.PingAsync();
        }
        Assert.Equal(WireCode.BadCert, await lost.ReadAlertAsync());
        var pushed = await witness.ReceiveAsync<PushCrls>();
        Assert.Contains(pushed.Crls, crl => crl.Find(lost.User.Chain.Leaf.Serial) is { Reason: RevocationReason.KeyCompromise });
        await Eventually.True(async () => (await server.OpenRevocationsAsync()).Count == 0, "the request is done");
    }

    [Fact]
    public async Task CE_15_more_that_is_said_against_a_revoked_device_reaches_everybody()
    {
        await using var server = await TestServer.StartAsync();
        await using var lost = await server.NewReadyAsync("lost", 1);
        await using var witness = await server.NewReadyAsync("witness", 2);
        await server.Administration.RequestRevocationAsync(lost.User.Device, new(RevocationReason.Superseded, null));
        Assert.Contains((await witness.ReceiveAsync<PushCrls>()).Crls, crl => crl.Find(lost.User.Chain.Leaf.Serial) is { Reason: RevocationReason.Superseded, SuspectSince: null });
        await Eventually.True(async () => (await server.OpenRevocationsAsync()).Count == 0, "the first request is done");

        await server.Administration.RequestRevocationAsync(lost.User.Device, new(RevocationReason.KeyCompromise, DateTimeOffset.UtcNow.AddDays(-1)));
        Assert.Contains((await witness.ReceiveAsync<PushCrls>()).Crls, crl => crl.Find(lost.User.Chain.Leaf.Serial) is { Reason: RevocationReason.KeyCompromise, SuspectSince: not null });
        await Eventually.True(async () => (await server.OpenRevocationsAsync()).Count == 0, "the second request is done");

        var told = server.Log.Lines.Count;
        await server.Administration.RequestRevocationAsync(lost.User.Device, new(RevocationReason.Superseded, null));
        await Eventually.True(async () => (await server.OpenRevocationsAsync()).Count == 0, "what says nothing more is done");
        Assert.DoesNotContain(server.Log.Lines.Skip(told), static line => line.Contains("maintenance failed", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task CE_10_a_list_of_the_root_that_cannot_be_read_keeps_no_device_from_being_revoked_and_is_taken_when_it_can(bool isDamaged)
    {
        await using var server = await TestServer.StartAsync();
        await using var lost = await server.NewReadyAsync("lost", 1);
        await using var witness = await server.NewReadyAsync("witness", 2);
        var file = Path.Combine(server.Path, "authority", "root.crl");
        File.Delete(file);
        if (isDamaged)
            await File.WriteAllTextAsync(file, "half of a li", TestContext.Current.CancellationToken);
        else
            Directory.CreateDirectory(file); // UnauthorizedAccessException, for root as well
        await Eventually.True(() => server.Log.Lines.Any(line => line.Contains(isDamaged ? "Damaged" : "UnauthorizedAccess", StringComparison.Ordinal)), "it is said");

        await server.Administration.RequestRevocationAsync(lost.User.Device, new(RevocationReason.KeyCompromise, null));
        Assert.Equal(WireCode.BadCert, await lost.ReadAlertAsync());
        Assert.Contains((await witness.ReceiveAsync<PushCrls>()).Crls, crl => crl.Find(lost.User.Chain.Leaf.Serial) is not null);

        if (!isDamaged)
            Directory.Delete(file);
        var newer = TestWorld.Root.MakeRevocationList();
        await File.WriteAllTextAsync(file, newer.ToPem(), TestContext.Current.CancellationToken);
        Assert.Contains((await witness.ReceiveAsync<PushCrls>()).Crls, crl => crl.Fingerprint == newer.Fingerprint);
    }

    [Theory]
    [InlineData("reason=99", "request to revoke device")]
    [InlineData("requested_at=-9223372036854775808", "request to revoke device")]
    [InlineData("device=x'00'", "a request to revoke a device")]
    public async Task CE_10_a_request_that_was_changed_in_the_store_is_told_of_and_keeps_no_other_from_being_done(string edit, string place)
    {
        await using var server = await TestServer.StartAsync();
        await using var kept = await server.NewReadyAsync("kept", 1);
        await using var lost = await server.NewReadyAsync("lost", 2);
        // In one: the server's round may come at any time.
        server.Execute("INSERT INTO revocations (device, reason, requested_at) SELECT device, 1, 0 FROM devices WHERE user='kept'; UPDATE revocations SET " + edit);
        var told = () => server.Log.Lines.Where(line => line.StartsWith("Critical the store was changed: " + place, StringComparison.Ordinal));
        await Eventually.True(() => told().Any(), "it is told");

        await server.Administration.RequestRevocationAsync(lost.User.Device, new(RevocationReason.KeyCompromise, null));
        Assert.Equal(WireCode.BadCert, await lost.ReadAlertAsync());
        await Eventually.True(async () => await server.OpenRevocationsAsync() is [{ Request: null }], "the other request is done, and this one stays");
        await kept.PingAsync();
        Assert.Single(told());

        await server.Administration.RequestRevocationAsync(kept.User.Device, new(RevocationReason.Superseded, null));
        Assert.Equal(WireCode.BadCert, await kept.ReadAlertAsync());
    }

    [Fact]
    public async Task CE_10_a_request_that_was_mended_and_is_changed_once_more_is_told_of_anew()
    {
        await using var server = await TestServer.StartAsync();
        await using var lost = await server.NewReadyAsync("lost", 1);
        var told = () => server.Log.Lines.Count(
            line => line.StartsWith($"Critical the store was changed: request to revoke device {lost.User.Device}", StringComparison.Ordinal));
        server.Execute("INSERT INTO revocations (device, reason, requested_at) SELECT device, 99, 0 FROM devices");
        await Eventually.True(() => told() == 1, "it is told");

        server.Execute("UPDATE revocations SET reason=1");
        await Eventually.True(async () => (await server.OpenRevocationsAsync()).Count == 0, "it is done");
        server.Execute("UPDATE revocations SET reason=99, done_at=NULL");

        await Eventually.True(() => told() == 2, "it is told anew");
    }

    [Fact]
    public async Task LI_06_a_device_for_which_a_full_list_has_no_room_is_told_of_once_and_its_request_stays_open()
    {
        FailingStore store = null!;
        CertificateChain[] chains = [];
        await using var server = await TestServer.StartAsync(
            store: inner => store = new FailingStore(inner), prepare: path => chains = FilledList.Make(Path.Combine(path, "authority"), RevocationListRoom.Default.Entries));
        var (first, second) = (new DeviceId(chains[0].Leaf.Fingerprint), new DeviceId(chains[1].Leaf.Fingerprint));

        Request(chains[0]);
        await Eventually.True(() => Told(first) == 1, "it is told");
        await store.RoundAsync();
        await store.RoundAsync();
        Request(chains[1]);
        await Eventually.True(() => Told(second) == 1, "the other one is told");

        Assert.Equal(1, Told(first));
        Assert.DoesNotContain(server.Log.Lines, static line => line.Contains("maintenance failed", StringComparison.Ordinal));
        Assert.Equal(2, (await server.OpenRevocationsAsync()).Count);

        void Request(CertificateChain chain)
        {
            var device = Convert.ToHexString(chain.Leaf.Fingerprint.Span);
            server.Execute($"INSERT INTO devices (device, user, chain, enrolled_at) VALUES (x'{device}', 'lost', x'{Convert.ToHexString(CborOutput.Encode(chain.Write))}', 0);"
                + $" INSERT INTO revocations (device, reason, requested_at) VALUES (x'{device}', 1, 0)");
        }

        int Told(DeviceId device) => server.Log.Lines.Count(
            line => line.StartsWith($"Error the revocation list is full: device {device}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task CE_10_more_requests_that_were_changed_than_are_looked_at_at_once_keep_no_other_from_being_done()
    {
        await using var server = await TestServer.StartAsync();
        await using var lost = await server.NewReadyAsync("lost", 1);
        server.Execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)"
            + " INSERT INTO revocations (device, reason, requested_at) SELECT randomblob(31), 1, i FROM n");

        await server.Administration.RequestRevocationAsync(lost.User.Device, new(RevocationReason.KeyCompromise, null));

        Assert.Equal(WireCode.BadCert, await lost.ReadAlertAsync());
    }

    [Fact]
    public async Task CE_10_a_device_that_cannot_be_read_is_told_of_once_and_keeps_no_other_from_being_revoked()
    {
        FailingStore store = null!;
        await using var server = await TestServer.StartAsync(store: inner => store = new FailingStore(inner));
        await using var kept = await server.NewReadyAsync("kept", 1);
        await using var lost = await server.NewReadyAsync("lost", 2);
        var told = () => server.Log.Lines.Count(
            line => line.StartsWith($"Critical the store was changed: device {kept.User.Device} cannot be read", StringComparison.Ordinal));
        server.Execute("INSERT INTO revocations (device, reason, requested_at) SELECT device, 1, 0 FROM devices WHERE user='kept';"
            + " UPDATE devices SET chain=x'00' WHERE user='kept'");

        await server.Administration.RequestRevocationAsync(lost.User.Device, new(RevocationReason.KeyCompromise, null));

        Assert.Equal(WireCode.BadCert, await lost.ReadAlertAsync());
        await Eventually.True(async () => await server.OpenRevocationsAsync() is [var open] && open.Device == kept.User.Device, "the other request is done, and this one stays");
        await store.RoundAsync();
        Assert.Equal(1, told());
        Assert.Contains((await new StoreTransfers(server.Path, TimeProvider.System).CheckAsync(StoreChoice.Sqlite, null)).Flaws,
            flaw => flaw.Place == $"request to revoke device {kept.User.Device}");

        server.Execute($"UPDATE devices SET chain=x'{Convert.ToHexString(CborOutput.Encode(kept.User.Chain.Write))}' WHERE user='kept'");
        Assert.Equal(WireCode.BadCert, await kept.ReadAlertAsync());
        await Eventually.True(async () => (await server.OpenRevocationsAsync()).Count == 0, "the request is done");
        server.Execute("UPDATE revocations SET done_at=NULL; UPDATE devices SET chain=x'00' WHERE user='kept'");
        await Eventually.True(() => told() > 1, "what is changed anew is told of anew");
    }
}
