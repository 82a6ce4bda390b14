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
        server.Execute("UPDATE revocations SET revoked_at = revoked_at - 3600000"); // not just now
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
            Assert.Equal(before.RevokedAt.AddHours(-1), after.RevokedAt);
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
        server.Execute($"INSERT INTO revocations (device, reason, requested_at, done_at, revoked_at) VALUES (x'{device}', 1, 0, 0, 0)");

        await server.ReopenAsync(static _ => { });

        Assert.Equal(device, Assert.Single(await server.OpenRevocationsAsync()).Device!.Value.ToString(), ignoreCase: true);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CE_15_CE_16_a_device_that_was_revoked_twice_is_revoked_again_as_of_the_first_time(bool isSecondDone)
    {
        await using var server = await TestServer.StartAsync();
        TestUser lost;
        await using (var first = await server.NewReadyAsync("lost", 1))
            lost = first.User;
        await server.ReopenAsync(Keep);
        await RevokeAsync(server, lost, new(RevocationReason.Superseded, null));
        var before = server.OwnList.Find(lost.Chain.Leaf.Serial)!;
        server.Execute("UPDATE revocations SET revoked_at = revoked_at - 3600000"); // and the next one an hour later
        if (isSecondDone)
            await RevokeAsync(server, lost, new(RevocationReason.KeyCompromise, null));

        await server.ReopenAsync(path =>
        {
            if (!isSecondDone)
                server.Administration.RequestRevocationAsync(lost.Device, new(RevocationReason.KeyCompromise, null)).GetAwaiter().GetResult(); // beside a server that does not run
            PutBack(path);
        });

        Assert.Equal(before with { RevokedAt = before.RevokedAt.AddHours(-1), Reason = RevocationReason.KeyCompromise }, server.OwnList.Find(lost.Chain.Leaf.Serial)); // before a first round
        await Eventually.True(async () => (await server.OpenRevocationsAsync()).Count == 0, "the request is done");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // by an older program, which marked such a request as done
    public async Task CE_16_a_request_for_a_device_that_no_CA_here_has_certified_is_told_of_once_and_looked_at_when_the_server_starts(bool wasDone)
    {
        FailingStore store = null!;
        await using var server = await TestServer.StartAsync(store: inner => store = new FailingStore(inner));
        await using var lost = await server.NewReadyAsync("lost", 1);
        var elsewhere = TestWorld.NewDevice("elsewhere", 3);
        var device = Insert(server, elsewhere.Chain);
        Assert.Equal(AuthorityFault.NotFound, (await Assert.ThrowsAsync<AuthorityException>(
            () => server.Administration.RequestRevocationAsync(elsewhere.Device, new(RevocationReason.KeyCompromise, null)))).Fault);

        server.Execute($"INSERT INTO revocations (device, reason, requested_at, done_at, revoked_at) VALUES (x'{device}', 1, 0, {(wasDone ? "0, 0" : "NULL, NULL")})");
        if (wasDone)
            await server.ReopenAsync(static _ => { });
        await server.Administration.RequestRevocationAsync(lost.User.Device, new(RevocationReason.KeyCompromise, null));

        await Eventually.True(async () => (await server.OpenRevocationsAsync()).Count == 0, "the other request is done, and this one is set aside");
        for (var start = 0; start < 2; start++)
        {
            Assert.Equal(elsewhere.Device, Assert.Single(await store.SetAsideRevocationsAsync(0, 10)).Device);
            Assert.Empty(from done in await store.DoneRevocationsAsync(0, 10) where done.Device == elsewhere.Device select done);
            await store.RoundAsync();
            Assert.Single(server.Log.Lines, line => line.StartsWith($"Error device {elsewhere.Device} is not revoked", StringComparison.Ordinal));
            await server.ReopenAsync(static _ => { });
        }
        Assert.DoesNotContain(server.Log.Lines, static line => line.Contains("maintenance failed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task CE_16_what_was_revoked_by_a_CA_that_was_missing_meanwhile_is_revoked_when_it_is_back_as_of_then()
    {
        FailingStore store = null!;
        await using var server = await TestServer.StartAsync(store: inner => store = new FailingStore(inner));
        await server.ReopenAsync(TestWorld.AddSuccessor);
        TestUser lost;
        await using (var first = await server.NewReadyAsync("lost", 1))
            lost = first.User;
        await RevokeAsync(server, lost, new(RevocationReason.KeyCompromise, null));
        var before = (await store.DoneRevocationsAsync(0, 10)).Single().RevokedAt;

        await server.ReopenAsync(path =>
        {
            Directory.Move(Path.Combine(path, "authority.2"), _copy["away"]);
            File.Delete(Path.Combine(path, "server.crt"));
        });
        Assert.Equal(lost.Device, Assert.Single(await store.SetAsideRevocationsAsync(0, 10)).Device);
        await server.ReopenAsync(path =>
        {
            Directory.Move(_copy["away"], Path.Combine(path, "authority.2"));
            foreach (var file in (string[])["journal.jsonl", "ca.crl"])
                File.Delete(Path.Combine(path, "authority.2", file)); // and has no record of anything
        });

        Assert.Equal(before, AuthorityStore.ReadRevocationList(Path.Combine(server.Path, "authority.2")).Find(lost.Chain.Leaf.Serial)?.RevokedAt);
        await Eventually.True(async () => (await store.DoneRevocationsAsync(0, 10)).Count == 1, "the request is done");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // the whole directory but for the database
    public async Task CE_16_RC_02_a_certificate_that_the_server_got_after_the_copy_is_not_lost(bool isWhole)
    {
        await using var server = await TestServer.StartAsync();
        await server.ReopenAsync(path =>
        {
            Keep(path);
            File.Copy(Path.Combine(path, "server.crt"), _copy["server.crt.then"]);
            File.Delete(Path.Combine(path, "server.crt")); // it is certified anew
        });
        var middle = Certificate.ParsePem(File.ReadAllText(Path.Combine(server.Path, "server.crt")));
        await using var writer = await server.NewReadyAsync("writer", 1);
        var talk = await TestTalk.FoundAsync(writer);
        var accepted = await talk.SubmitAsync(writer, talk.NewEpoch(writer.User));
        Assert.Equal(middle.Fingerprint, accepted.Head.Batch.Signer);

        await server.ReopenAsync(path =>
        {
            PutBack(path);
            if (isWhole)
                File.Copy(_copy["server.crt.then"], Path.Combine(path, "server.crt"), overwrite: true);
        });

        var now = Certificate.ParsePem(File.ReadAllText(Path.Combine(server.Path, "server.crt")));
        Assert.Equal(!isWhole, now.Equals(middle));
        await using var reader = await server.NewReadyAsync("reader", 2);
        var found = await reader.AskAsync<CertificatesFound>(id => new GetCertificates(id, [new DeviceId(middle.Fingerprint)]));
        Assert.Equal(middle, Assert.Single(found.Chains).Leaf);

        await server.ReopenAsync(path =>
        {
            using (var authority = AuthorityStore.Open(Path.Combine(path, "authority"), TestWorld.Passphrase, TimeProvider.System))
                Assert.Contains(authority.List(), issued => issued.Kind == CertificateKind.Server && issued.Certificate.Equals(middle));
            using var session = new SqliteSession(Path.Combine(path, "server.db"), Microsoft.Data.Sqlite.SqliteOpenMode.ReadWrite);
            session.Execute($"UPDATE server SET value = x'00' WHERE name LIKE '{Rows.OwnChains}%'");
        });
        Assert.Equal(2, server.Log.Lines.Count(static line => line.StartsWith("Critical the store was changed: a certificate", StringComparison.Ordinal)));
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
        foreach (var file in Directory.EnumerateFiles(from).Where(static file => !file.EndsWith(".then", StringComparison.Ordinal)))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)), overwrite: true);
    }
}
