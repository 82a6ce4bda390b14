using Countersign.Cryptography;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Server.Tests;

/// <summary>Invitations over a real socket (SPEC section 10).</summary>
public sealed class EnrolmentTests(SharedServer shared)
{
    [Fact]
    public async Task IN_03_the_same_key_gets_the_same_certificate_again_and_another_key_INVITE_USED()
    {
        var name = SharedServer.FreshName();
        using var invitation = await shared.Server.InviteAsync(name);
        var first = await EnrolAsync(invitation, 1);
        var again = await EnrolAsync(invitation, 1);
        Assert.Equal(first.Device.Leaf, again.Device.Leaf);
        Assert.Equal(WireCode.InviteUsed, await IdentityTests.AlertAsync(() => EnrolAsync(invitation, 2)));
        Assert.Contains(
            await shared.Server.Administration.SecurityEventsAsync(),
            e => e.Kind == SecurityEventKind.InvitationUsedByAnotherKey && e.User.ToString() == name
                && e.Subject == Hash32.Sha256(TestKeys.Get(2).PublicKey.SubjectPublicKeyInfo));
    }

    [Fact]
    public async Task IN_03_whoever_tries_a_used_invitation_again_and_again_fills_no_disk_with_events()
    {
        var name = SharedServer.FreshName();
        using var invitation = await shared.Server.InviteAsync(name);
        await EnrolAsync(invitation, 1);
        for (var i = 0; i < Rates.MisusesAtOnce + 5; i++)
            Assert.Equal(WireCode.InviteUsed, await IdentityTests.AlertAsync(() => EnrolAsync(invitation, 2)));
        Assert.Equal(Rates.MisusesAtOnce, (await shared.Server.Administration.SecurityEventsAsync()).Count(e => e.User.ToString() == name));
    }

    [Fact]
    public async Task IN_04_the_certificate_names_the_invited_user_and_is_valid_under_the_invitations_root()
    {
        var name = SharedServer.FreshName();
        using var invitation = await shared.Server.InviteAsync(name);
        var enrolled = await EnrolAsync(invitation, 1);
        Assert.Equal(name, enrolled.Device.User.ToString());
        Assert.Equal(TestWorld.Root.Certificate, enrolled.Root);
    }

    [Fact]
    public async Task IN_02_an_unknown_invitation_is_INVITE_UNKNOWN()
    {
        using var invitation = new Invitation(
            "x:1", TestWorld.Name, UserName.Parse("nobody"), TestWorld.Root.Certificate.Fingerprint, InvitationToken.Generate(), DateTimeOffset.UtcNow.AddDays(1));
        Assert.Equal(WireCode.InviteUnknown, await IdentityTests.AlertAsync(() => EnrolAsync(invitation, 1)));
        await shared.HonestIsUnharmedAsync();
    }

    [Fact]
    public async Task IN_02_an_expired_invitation_is_INVITE_EXPIRED()
    {
        using var invitation = await shared.Server.InviteAsync(SharedServer.FreshName(), TimeSpan.FromMilliseconds(1));
        Assert.Equal(WireCode.InviteExpired, await IdentityTests.AlertAsync(() => EnrolAsync(invitation, 1)));
    }

    [Fact]
    public async Task IN_02_a_revoked_invitation_is_INVITE_REVOKED()
    {
        using var invitation = await shared.Server.InviteAsync(SharedServer.FreshName());
        await shared.Server.Administration.RevokeInvitationAsync(invitation.Token.Id);
        Assert.Equal(WireCode.InviteRevoked, await IdentityTests.AlertAsync(() => EnrolAsync(invitation, 1)));
    }

    [Fact]
    public async Task IN_01_the_client_refuses_another_root()
    {
        using var invitation = new Invitation(
            "x:1", TestWorld.Name, UserName.Parse("nobody"), Hash32.Sha256([1]), InvitationToken.Generate(), DateTimeOffset.UtcNow.AddDays(1));
        var refused = await Assert.ThrowsAsync<PeerFaultException>(() => EnrolAsync(invitation, 1));
        Assert.Equal(WireCode.BadCert, refused.Code);
    }

    [Fact]
    public async Task A_user_has_sixteen_devices_at_most()
    {
        await using var server = await TestServer.StartAsync(new ServerOptions { Limits = new ServerLimits { DevicesPerUser = 2 } });
        await server.EnrolAsync("alice", 1);
        await server.EnrolAsync("alice", 2);
        Assert.Equal(WireCode.TooLarge, await IdentityTests.AlertAsync(() => server.EnrolAsync("alice", 3)));
        await server.EnrolAsync("bob", 3);
    }

    [Fact]
    public async Task An_invitation_made_while_the_server_runs_works_at_once()
    {
        await using var administration = ServerAdministration.Open(shared.Server.Path, TimeProvider.System);
        var user = UserName.Parse(SharedServer.FreshName());
        using var made = await administration.InviteAsync(user, shared.Server.Host.Endpoint.ToString(), TimeSpan.FromDays(1));
        using var read = Invitation.Parse(made.ToWord());
        Assert.Equal(user, (await EnrolAsync(read, 1)).Device.User);
        Assert.Contains(await administration.InvitationsAsync(), i => i.Id == read.Token.Id && i.Device is not null);
        Assert.Single(await administration.DevicesAsync(user));
    }

    private async Task<EnrolledDevice> EnrolAsync(Invitation invitation, int key)
    {
        await using var client = await shared.Server.ConnectAsync();
        return await client.EnrolAsync(invitation, TestKeys.Get(key));
    }
}
