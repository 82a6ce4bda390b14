using Countersign.Cryptography;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Client.Tests;

public sealed class EnrolmentTests(SharedServer shared)
{
    private static Task<DeviceProfile> JoinAsync(Invitation invitation, string place, string passphrase = "correct horse", string? account = null) =>
        Enrolment.JoinAsync(invitation, place, passphrase.AsMemory(), Person.Settings, accountPassphrase: account?.AsMemory());

    [Fact]
    public async Task IN_03_joining_again_with_the_same_key_changes_nothing_and_another_key_is_refused()
    {
        using var directory = new TemporaryDirectory();
        using var invitation = await shared.Server.InviteAsync("ian");
        Hash32 first;
        using (var profile = await JoinAsync(invitation, directory["one"]))
            first = profile.Certificate.Fingerprint;

        using (var again = await JoinAsync(invitation, directory["one"]))
            Assert.Equal(first, again.Certificate.Fingerprint);
        var used = await Assert.ThrowsAsync<EnrolmentException>(() => JoinAsync(invitation, directory["two"]));
        Assert.Equal(EnrolmentFault.InvitationUsed, used.Fault);
    }

    [Fact]
    public async Task IN_03_an_enrolment_that_was_interrupted_after_the_certificate_goes_on_with_the_same_key()
    {
        using var directory = new TemporaryDirectory();
        using var invitation = await shared.Server.InviteAsync("ida");
        using (var profile = await JoinAsync(invitation, directory["one"]))
        {
            profile.Store.Settings.Remove("registered");
            profile.Store.Settings.Remove("chain"); // as if the answers had been lost
        }
        Assert.Throws<NotEnrolledException>(() => DeviceProfile.Open(directory["one"], "correct horse"));

        using var again = await JoinAsync(invitation, directory["one"]);

        Assert.Equal("ida", again.User.ToString());
    }

    [Fact]
    public async Task IN_01_another_root_than_the_invitations_ends_the_enrolment()
    {
        using var directory = new TemporaryDirectory();
        using var invitation = await shared.Server.InviteAsync("ivo");
        using var wrong = new Invitation(
            invitation.Address, invitation.Server, invitation.User, Hash32.Sha256("another"u8), InvitationToken.Generate(), invitation.Expires);

        var refused = await Assert.ThrowsAsync<EnrolmentException>(() => JoinAsync(wrong, directory["one"]));

        Assert.Equal(EnrolmentFault.WrongServer, refused.Fault);
        Assert.IsType<LinkEnd.WrongServer>(refused.Cause);
    }

    [Fact]
    public async Task HS_05_a_server_of_another_name_ends_the_enrolment()
    {
        using var directory = new TemporaryDirectory();
        using var invitation = await shared.Server.InviteAsync("iris");
        using var wrong = new Invitation(
            invitation.Address, ServerName.Parse("other.local"), invitation.User, invitation.Root, InvitationToken.Generate(), invitation.Expires);

        var refused = await Assert.ThrowsAsync<EnrolmentException>(() => JoinAsync(wrong, directory["one"]));

        Assert.Equal(new LinkEnd.WrongServer(CertificateFault.NameMismatch), refused.Cause);
    }

    [Fact]
    public async Task IN_02_an_unknown_token_is_an_unknown_invitation()
    {
        using var directory = new TemporaryDirectory();
        using var invitation = await shared.Server.InviteAsync("ina");
        using var wrong = new Invitation(
            invitation.Address, invitation.Server, invitation.User, invitation.Root, InvitationToken.Generate(), invitation.Expires);

        var refused = await Assert.ThrowsAsync<EnrolmentException>(() => JoinAsync(wrong, directory["one"]));

        Assert.Equal(EnrolmentFault.InvitationUnknown, refused.Fault);
    }

    [Fact]
    public async Task A_directory_of_another_user_is_not_taken_over()
    {
        await using var alice = await Person.EnrolAsync(shared.Server, "alice");
        using var invitation = await shared.Server.InviteAsync("igor");

        await Assert.ThrowsAsync<AlreadyEnrolledException>(() => JoinAsync(invitation, alice.Place));
    }

    [Fact]
    public async Task AC_04_a_second_device_needs_the_accounts_passphrase()
    {
        await using var alice = await Person.EnrolAsync(shared.Server, "alice");
        using var directory = new TemporaryDirectory();
        using var invitation = await shared.Server.InviteAsync(alice.Name.ToString());

        var refused = await Assert.ThrowsAsync<EnrolmentException>(() => JoinAsync(invitation, directory["phone"], "something else"));
        Assert.Equal(EnrolmentFault.AccountPassphrase, refused.Fault);

        using (await JoinAsync(invitation, directory["phone"], "something else", account: alice.Passphrase)) { }
        Assert.Throws<WrongPassphraseException>(() => DeviceProfile.Open(directory["phone"], "something else"));
        DeviceProfile.Open(directory["phone"], alice.Passphrase).Dispose();
    }

    [Fact]
    public async Task Phases_are_told_in_the_protocols_order()
    {
        using var directory = new TemporaryDirectory();
        using var invitation = await shared.Server.InviteAsync("irma");
        var phases = new List<LinkPhase>();

        using (await Enrolment.JoinAsync(invitation, directory["one"], "correct horse".AsMemory(), Person.Settings, new Now(phases.Add))) { }

        Assert.Equal(
            [
                nameof(LinkPhase.KeyMade), nameof(LinkPhase.Connected), nameof(LinkPhase.ServerVerified), nameof(LinkPhase.Certified),
                nameof(LinkPhase.Connected), nameof(LinkPhase.ServerVerified), nameof(LinkPhase.AuthKeyDerived), nameof(LinkPhase.Registered),
                nameof(LinkPhase.ChatKeyDerived), nameof(LinkPhase.Ready),
            ],
            phases.Select(phase => phase.GetType().Name));
    }

    private sealed class Now(Action<LinkPhase> report) : IProgress<LinkPhase>
    {
        public void Report(LinkPhase value) => report(value);
    }
}
