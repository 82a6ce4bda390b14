using Countersign.Authority;
using Countersign.Cryptography;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Server.Tests;

/// <summary>R2 over a real socket: whoever is not certified, or does not hold the key, gets BAD_CERT before anything else.</summary>
public sealed class IdentityTests(SharedServer shared)
{
    [Fact]
    public async Task R2_a_certificate_of_another_CA_is_BAD_CERT()
    {
        var other = AuthorityStore.CreateRootInMemory("Test root", TestKeys.Get(103), TimeProvider.System);
        await RefusedAsync(new CertificateChain([other.IssueDevice(Alice, Request(1))]), 1);
    }

    [Fact]
    public async Task A1_R2_a_victims_certificate_without_its_key_is_BAD_CERT()
    {
        await using var victim = await shared.NewReadyAsync(1);
        await RefusedAsync(victim.User.Chain, 2);
        await victim.PingAsync();
    }

    [Fact]
    public Task R2_an_expired_certificate_is_BAD_CERT() =>
        RefusedAsync(new CertificateChain([TestWorld.Root.IssueDevice(Alice, Request(1), TimeSpan.FromMinutes(-1))]), 1);

    [Fact]
    public Task R2_a_certificate_that_is_not_yet_valid_is_BAD_CERT()
    {
        var tomorrow = AuthorityStore.CreateRootInMemory("Test root", TestKeys.Get(100), new Later(TimeSpan.FromDays(1)));
        return RefusedAsync(new CertificateChain([tomorrow.IssueDevice(Alice, Request(1))]), 1);
    }

    [Fact]
    public Task A3_HS_11_a_servers_certificate_is_BAD_CERT() =>
        RefusedAsync(new CertificateChain([TestWorld.Root.IssueServer([TestWorld.Name], Request(1))]), 1);

    [Fact]
    public Task A3_HS_11_a_CA_certificate_is_BAD_CERT() =>
        RefusedAsync(new CertificateChain([TestWorld.Root.IssueAuthority("another CA", Request(1))]), 1);

    [Fact]
    public Task A3_the_root_itself_is_BAD_CERT() => RefusedAsync(new CertificateChain([TestWorld.Root.Certificate]), 100);

    [Fact]
    public async Task R2_the_client_refuses_a_server_of_another_name()
    {
        await using var client = await TestClientFor("other.example");
        var user = await shared.Server.EnrolAsync(SharedServer.FreshName(), 1);
        var refused = await Assert.ThrowsAsync<PeerFaultException>(() => client.IdentifyAsync(user));
        Assert.Equal(WireCode.BadCert, refused.Code);
    }

    [Fact]
    public async Task CE_10_a_revoked_device_is_cut_everybody_learns_it_and_it_never_comes_back()
    {
        await using var server = await TestServer.StartAsync();
        await using var lost = await server.NewReadyAsync("lost", 1);
        await using var witness = await server.NewReadyAsync("witness", 2);
        await server.Administration.RequestRevocationAsync(lost.User.Device, new(RevocationReason.KeyCompromise, DateTimeOffset.UtcNow.AddHours(-1)));
        Assert.Equal(WireCode.BadCert, await lost.ReadAlertAsync());
        var pushed = await witness.ReceiveAsync<PushCrls>();
        Assert.Contains(pushed.Crls, crl => crl.Find(lost.User.Chain.Leaf.Serial) is { Reason: RevocationReason.KeyCompromise });
        await witness.PingAsync();
        await using var again = await server.ConnectAsync();
        Assert.Equal(WireCode.BadCert, await AlertAsync(() => again.LogInAsync(lost.User)));
        await server.RestartAsync();
        await using var afterwards = await server.ConnectAsync();
        Assert.Equal(WireCode.BadCert, await AlertAsync(() => afterwards.LogInAsync(lost.User)));
    }

    private static UserName Alice { get; } = UserName.Parse("alice");

    private static CertificationRequest Request(int key) => CertificationRequest.Create(TestKeys.Get(key));

    internal static async Task<WireCode> AlertAsync(Func<Task> attempt) => (await Assert.ThrowsAsync<PeerAlertException>(attempt)).Code;

    private async Task<TestClient> TestClientFor(string name)
    {
        var client = await TestClient.ConnectAsync(shared.Server.Host.Endpoint);
        return client.Expecting(ServerName.Parse(name));
    }

    private async Task RefusedAsync(CertificateChain chain, int key)
    {
        await using var client = await shared.Server.ConnectAsync();
        Assert.Equal(WireCode.BadCert, await AlertAsync(() => client.LogInAsync(new TestUser(Alice, TestKeys.Get(key), chain))));
        await shared.HonestIsUnharmedAsync();
    }

    private sealed class Later(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}
