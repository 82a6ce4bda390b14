using Countersign.Authority;
using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Server.Tests;

/// <summary>A server whose issuing CA's directory was put back from an older copy than its database (CE-16).</summary>
public sealed class OlderAuthorityTests : IDisposable
{
    private readonly TemporaryDirectory _copy = new();

    public void Dispose() => _copy.Dispose();

    [Fact]
    public async Task CE_16_a_device_that_was_certified_after_the_copy_is_revoked_all_the_same_and_every_client_takes_the_list()
    {
        await using var server = await TestServer.StartAsync();
        await server.ReopenAsync(Keep);
        TestUser late;
        await using (var first = await server.NewReadyAsync("late", 1))
            late = first.User;
        var held = server.OwnList;
        await server.ReopenAsync(PutBack);
        Assert.True(server.OwnList.Number > held.Number); // CE-10: those who hold the other one take this one
        await using var witness = await server.NewReadyAsync("witness", 2);
        await using var lost = await server.ConnectAsync();
        await lost.LogInAsync(late);

        await server.Administration.RequestRevocationAsync(late.Device, new(RevocationReason.KeyCompromise, null));

        Assert.Equal(WireCode.BadCert, await lost.ReadAlertAsync());
        Assert.Contains((await witness.ReceiveAsync<PushCrls>()).Crls, crl => crl.Find(late.Chain.Leaf.Serial) is { Reason: RevocationReason.KeyCompromise });
        await Eventually.True(async () => (await server.OpenRevocationsAsync()).Count == 0, "the request is done");
        await server.ReopenAsync(static _ => { });
        Assert.NotNull(server.OwnList.Find(late.Chain.Leaf.Serial));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CE_16_what_was_revoked_after_the_copy_is_revoked_again_as_of_then_before_anybody_is_let_in(bool isMoreSaid)
    {
        await using var server = await TestServer.StartAsync();
        TestUser lost;
        await using (var first = await server.NewReadyAsync("lost", 1))
            lost = first.User;
        if (isMoreSaid)
            await RevokeAsync(server, lost, new(RevocationReason.Superseded, null));
        await server.ReopenAsync(Keep);
        await RevokeAsync(server, lost, new(RevocationReason.KeyCompromise, DateTimeOffset.UtcNow.AddDays(-1)));
        var before = server.OwnList.Find(lost.Chain.Leaf.Serial)!;
        server.Execute("UPDATE revocations SET done_at = done_at - 3600000"); // not just now
        var told = server.Log.Lines.Count;

        await server.ReopenAsync(path =>
        {
            Assert.Empty(Flaws(path));
            PutBack(path);
            Assert.Contains(Flaws(path), flaw => flaw.Place == $"request to revoke device {lost.Device}");
        });

        Assert.Empty(Flaws(server.Path));
        var after = server.OwnList.Find(lost.Chain.Leaf.Serial)!;
        Assert.Equal(before.Grounds, after.Grounds);
        if (isMoreSaid)
            Assert.Equal(before.RevokedAt, after.RevokedAt);
        else
            Assert.InRange(after.RevokedAt, before.RevokedAt.AddHours(-1), before.RevokedAt.AddMinutes(-59));
        await using var again = await server.ConnectAsync();
        Assert.Equal(WireCode.BadCert, await IdentityTests.AlertAsync(() => again.LogInAsync(lost)));
        Assert.Single(server.Log.Lines.Skip(told), line => line.Contains($"device {lost.Device} is revoked again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task CE_16_what_has_no_room_on_the_list_any_more_is_asked_for_again()
    {
        await using var server = await TestServer.StartAsync();
        var chains = (CertificateChain[])[];
        await server.ReopenAsync(path => chains = FilledList.Make(Path.Combine(path, "authority"), RevocationListRoom.Default.Entries));
        var device = Insert(server, chains[0]);
        server.Execute($"INSERT INTO revocations (device, reason, requested_at, done_at) VALUES (x'{device}', 1, 0, 0)");

        await server.ReopenAsync(static _ => { });

        Assert.Equal(device, Assert.Single(await server.OpenRevocationsAsync()).Device!.Value.ToString(), ignoreCase: true);
    }

    [Fact]
    public async Task CE_16_a_request_for_a_device_of_another_CA_is_told_of_once_and_never_counts_as_done()
    {
        FailingStore store = null!;
        await using var server = await TestServer.StartAsync(store: inner => store = new FailingStore(inner));
        await using var lost = await server.NewReadyAsync("lost", 1);
        var elsewhere = TestWorld.NewDevice("elsewhere", 3);
        var device = Insert(server, elsewhere.Chain);
        Assert.Equal(AuthorityFault.NotFound, (await Assert.ThrowsAsync<AuthorityException>(
            () => server.Administration.RequestRevocationAsync(elsewhere.Device, new(RevocationReason.KeyCompromise, null)))).Fault);

        server.Execute($"INSERT INTO revocations (device, reason, requested_at) VALUES (x'{device}', 1, 0)");
        await server.Administration.RequestRevocationAsync(lost.User.Device, new(RevocationReason.KeyCompromise, null));

        Assert.Equal(WireCode.BadCert, await lost.ReadAlertAsync());
        await Eventually.True(async () => await server.OpenRevocationsAsync() is [var open] && open.Device == elsewhere.Device, "the other request is done, and this one stays");
        await store.RoundAsync();
        Assert.Single(server.Log.Lines, line => line.StartsWith($"Error device {elsewhere.Device} is not revoked", StringComparison.Ordinal));
        Assert.DoesNotContain(server.Log.Lines, static line => line.Contains("maintenance failed", StringComparison.Ordinal));
    }

    private static async Task RevokeAsync(TestServer server, TestUser user, RevocationGrounds grounds)
    {
        await server.Administration.RequestRevocationAsync(user.Device, grounds);
        await Eventually.True(async () => (await server.OpenRevocationsAsync()).Count == 0, "the request is done");
    }

    // The device's id in hexadecimal.
    private static string Insert(TestServer server, CertificateChain chain)
    {
        var device = Convert.ToHexString(chain.Leaf.Fingerprint.Span);
        server.Execute($"INSERT INTO devices (device, user, chain, enrolled_at) VALUES (x'{device}', 'lost', x'{Convert.ToHexString(CborOutput.Encode(chain.Write))}', 0)");
        return device;
    }

    private static IReadOnlyList<StoreFlaw> Flaws(string server) =>
        new StoreTransfers(server, TimeProvider.System).CheckAsync(StoreChoice.Sqlite, null).GetAwaiter().GetResult().Flaws;

    private void Keep(string server) => Copy(Path.Combine(server, "authority"), _copy.Path);

    private void PutBack(string server) => Copy(_copy.Path, Path.Combine(server, "authority"));

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)), overwrite: true);
    }
}
