using Countersign.Cryptography;
using Countersign.Testing;

namespace Countersign.Protocol.Tests;

/// <summary>Enrolment by invitation (SPEC 10).</summary>
public sealed class EnrolmentTests
{
    [Fact]
    public void IN_04_a_device_with_the_token_gets_its_key_certified_for_the_invited_user()
    {
        using var client = Enrolments.NewClient(out var invitation);
        using var server = new ServerWalker(invitation: invitation.Token);
        new Pump(server, client).Run();
        Assert.Equal("carol", client.Enrolled!.Device.User.ToString());
        Assert.Equal(Enrolments.CarolsKey.PublicKey, client.Enrolled.Device.Leaf.PublicKey);
        Assert.Equal(World.Real.Authority.Root, client.Enrolled.Root);
        Assert.Single(client.Enrolled.Chain.Certificates);
    }

    [Fact]
    public void IN_01_another_root_ends_the_enrolment_before_anything_is_sent()
    {
        using var client = Enrolments.NewClient(out var invitation, Enrolments.NewInvitation(World.Rogue.Authority.Root.Fingerprint));
        using var server = new ServerWalker(invitation: invitation.Token);
        var pump = new Pump(server, client);
        Assert.Equal(WireCode.BadCert, pump.RunToFault().Code);
        Assert.Single(pump.Log, sent => sent.From == Side.Client); // the hello
    }

    [Fact]
    public void IN_01_HS_08_a_session_shows_no_root_and_an_enrolment_does()
    {
        var (session, enrolment) = (World.Real.Server.Show(Intent.Session, World.Real.Revocations), World.Real.Server.Show(Intent.Enrol, World.Real.Revocations));
        Assert.DoesNotContain(World.Real.Authority.Root, session.Chain.Certificates);
        Assert.Equal(World.Real.Authority.Root, enrolment.Chain.Certificates[^1]);
    }

    [Fact]
    public void IN_02_an_unknown_invitation_and_a_wrong_token_are_told_alike()
    {
        using var unknown = Enrolments.NewClient(out _);
        using var server = new ServerWalker();
        Assert.Equal(WireCode.InviteUnknown, new Pump(server, unknown).RunToFault().Code);

        using var right = Enrolments.NewClient(out var invitation);
        using var otherToken = InvitationToken.Generate();
        using var handshake = World.NewServer();
        var fault = Assert.Throws<PeerFaultException>(() => Request(handshake, right).Authorise(otherToken.Key()));
        Assert.Equal(WireCode.InviteUnknown, fault.Code);
        Assert.NotEqual(invitation.Token.Id, otherToken.Id);
    }

    [Fact]
    public void IN_02_nobody_looks_at_a_request_before_the_MAC_is_right()
    {
        using var token = InvitationToken.Generate();
        var garbage = new Encoded<CertificationRequest>(new byte[] { 1, 2, 3 });

        EnrolmentRequest Ask(bool rightMac)
        {
            var server = new Listening();
            return server.Ask(transcript => new Enrol(token.Id, garbage, rightMac ? EnrolmentMac.Make(token, transcript, garbage) : transcript));
        }

        Assert.Equal(WireCode.InviteUnknown, Assert.Throws<PeerFaultException>(() => Ask(rightMac: false).Authorise(token.Key())).Code);
        Assert.NotEqual(WireCode.InviteUnknown, Assert.Throws<PeerFaultException>(() => Ask(rightMac: true).Authorise(token.Key())).Code);
    }

    [Fact]
    public void IN_02_A13_an_overheard_enrol_serves_no_other_link_and_no_other_request()
    {
        using var token = InvitationToken.Generate();
        var request = new Encoded<CertificationRequest>(CertificationRequest.Create(Enrolments.CarolsKey).Der);
        var thiefs = new Encoded<CertificationRequest>(CertificationRequest.Create(World.Rogue.Alice.Key).Der);
        Hash32 mac = default;

        var authorised = new Listening().Ask(transcript => new Enrol(token.Id, request, mac = EnrolmentMac.Make(token, transcript, request))).Authorise(token.Key());
        Assert.Equal(Enrolments.CarolsKey.PublicKey, authorised.Request.Key);

        var again = new Listening().Ask(_ => new Enrol(token.Id, request, mac));
        Assert.Equal(WireCode.InviteUnknown, Assert.Throws<PeerFaultException>(() => again.Authorise(token.Key())).Code);
        var other = new Listening().Ask(transcript => new Enrol(token.Id, thiefs, EnrolmentMac.Make(token, transcript, request)));
        Assert.Equal(WireCode.InviteUnknown, Assert.Throws<PeerFaultException>(() => other.Authorise(token.Key())).Code);
    }

    [Fact]
    public void IN_03_a_driver_that_finds_the_invitation_used_says_so_to_who_has_the_token()
    {
        using var client = Enrolments.NewClient(out var invitation);
        using var handshake = World.NewServer();
        Request(handshake, client).Authorise(invitation.Token.Key());
        var alert = Assert.Throws<PeerAlertException>(() => client.Receive(Wire.Body(handshake.Alert(WireCode.InviteUsed))));
        Assert.Equal(WireCode.InviteUsed, alert.Code);
        Assert.True(alert.IsAuthenticated);
    }

    [Theory]
    [InlineData("dave", false)]
    [InlineData("carol", true)]
    public void IN_03_IN_04_a_certificate_for_another_user_or_key_is_refused(string user, bool otherKey)
    {
        using var client = Enrolments.NewClient(out _);
        using var server = new ScriptedServer(client) { Shows = World.Real.Server.Show(Intent.Enrol, World.Real.Revocations) };
        server.Flight();
        var leaf = World.Real.Authority.IssueDevice(UserName.Parse(user),
            CertificationRequest.Create(otherKey ? World.Real.Bob.Key : Enrolments.CarolsKey));
        var enrolled = new Enrolled(new CertificateChain([leaf]), [World.Real.Crl], PasswordCost.Default).Encode();
        Assert.Equal(WireCode.BadCert, Assert.Throws<PeerFaultException>(() => server.Say("enrolled", enrolled)).Code);
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public void CE_12_CE_05_an_invitation_that_names_the_servers_own_certificate_as_root_is_refused(bool namesItsKey)
    {
        var own = SelfCertified.Server(World.ServerName.ToString(), World.Real.ServerKey, World.Now, namesItsKey);
        using var client = Enrolments.NewClient(out _, Enrolments.NewInvitation(own.Fingerprint));
        using var server = new ScriptedServer(client) { Shows = new Certificates(new CertificateChain([own]), []) };
        Assert.Equal(WireCode.BadCert, Assert.Throws<PeerFaultException>(server.Flight).Code);
    }

    [Fact]
    public void HS_08_a_chain_with_the_root_is_no_devices()
    {
        using var client = Enrolments.NewClient(out _);
        using var server = new ScriptedServer(client) { Shows = World.Real.Server.Show(Intent.Enrol, World.Real.Revocations) };
        server.Flight();
        var leaf = World.Real.Authority.IssueDevice(UserName.Parse("carol"), CertificationRequest.Create(Enrolments.CarolsKey));
        var enrolled = new Enrolled(new CertificateChain([leaf, World.Real.Authority.Root]), [World.Real.Crl], PasswordCost.Default).Encode();
        Assert.Equal(WireCode.BadMessage, Assert.Throws<PeerFaultException>(() => server.Say("enrolled", enrolled)).Code);
    }

    /// <summary>Carries a client's enrolment to a server, as far as its request.</summary>
    private static EnrolmentRequest Request(ServerHandshake handshake, ClientWalker client)
    {
        var step = handshake.Start.Receive(client.First, World.Now);
        var enrol = Assert.Single(Wire.Bodies(step.Output).SelectMany(client.Receive));
        return ((ExpectEnrol)step.Next).Receive(enrol, World.Now).Next;
    }

    /// <summary>A server that has sent its flight to somebody who says anything as enrol.</summary>
    private sealed class Listening
    {
        public EnrolmentRequest Ask(Func<Hash32, Enrol> says)
        {
            var handshake = World.NewServer();
            using var context = new HandshakeContext(Side.Client);
            using var initiator = HybridInitiator.Create();
            context.Send(new Hello(Intent.Enrol, Nonce32.Fresh(), initiator.Point, initiator.Key));
            var step = handshake.Start.Receive(Wire.Body(context.TakeOutput()), World.Now);
            var flight = Wire.Bodies(step.Output);
            context.Transcript.Append(flight[0]);
            var hello = ServerHello.Parse(flight[0]);
            using var hybrid = initiator.Complete(hello.Point, hello.Ciphertext);
            context.StartHandshakeKeys(hybrid);
            foreach (var body in flight[1..])
                context.Transcript.Append(context.Open(new(body)));
            context.Send(says(context.Transcript.Current));
            return ((ExpectEnrol)step.Next).Receive(Wire.Body(context.TakeOutput()), World.Now).Next;
        }
    }
}
