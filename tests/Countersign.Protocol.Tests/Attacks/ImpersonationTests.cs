using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Countersign.Cryptography;

namespace Countersign.Protocol.Tests;

/// <summary>Who is not who he says he is.</summary>
public sealed class ImpersonationTests
{
    [Fact]
    public void A1_HS_06_HS_07_alices_certificate_without_her_key_is_refused()
    {
        var fault = ServerFault(World.Real.Alice with { Key = World.Real.Bob.Key });
        Assert.Equal(WireCode.BadCert, fault.Code);
        Assert.Contains("HS-07", fault.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void A1_HS_05_HS_07_the_servers_certificate_without_its_key_is_refused() =>
        Assert.Equal(WireCode.BadCert, ClientFault(proves: transcript => World.Real.Bob.Key.Sign(Label.ServerProof, transcript.Span)).Code);

    [Fact]
    public void A2_HS_06_a_device_of_another_root_is_refused() =>
        Assert.Equal(WireCode.BadCert, ServerFault(World.Rogue.Alice).Code);

    [Fact]
    public void A2_HS_05_a_server_of_another_root_is_refused() =>
        Assert.Equal(WireCode.BadCert, ClientFault(
            World.Rogue.Server.Show(Intent.Session, World.Rogue.Revocations),
            transcript => World.Rogue.ServerKey.Sign(Label.ServerProof, transcript.Span)).Code);

    [Fact]
    public void A3_HS_11_the_servers_own_certificate_is_no_clients() =>
        Assert.Equal(WireCode.BadCert, ServerFault(new ClientIdentity(World.Real.Server.Chain, World.Real.ServerKey)).Code);

    [Fact]
    public void A3_HS_11_a_CA_is_no_client() =>
        Assert.Equal(WireCode.BadCert, ServerFault(World.Real.Alice with { Chain = new CertificateChain([World.Real.Authority.Root]) }).Code);

    [Theory]
    [InlineData(false), InlineData(true)]
    public void CE_05_HS_05_a_root_that_says_it_is_a_server_is_none(bool enrols)
    {
        var root = SelfSignedServer(World.Rogue.ServerKey);
        using var client = enrols
            ? Enrolments.NewClient(out _, Enrolments.NewInvitation(root.Fingerprint))
            : new ClientWalker(ClientHandshake.ForSession(World.Real.Alice, World.Target with { Anchor = TrustAnchor.FromCertificate(root) }));
        using var server = new ScriptedServer(client)
        {
            Shows = new Certificates(new CertificateChain([root]), []),
            Proves = transcript => World.Rogue.ServerKey.Sign(Label.ServerProof, transcript.Span),
        };
        var fault = Assert.Throws<PeerFaultException>(server.Flight);
        Assert.Equal((WireCode.BadCert, CertificateFault.AuthorityAsLeaf), (fault.Code, Assert.IsType<CertificateRefusedException>(fault.InnerException).Fault));
    }

    [Fact]
    public void HS_05_a_device_is_no_server() =>
        Assert.Equal(WireCode.BadCert, ClientFault(
            new Certificates(World.Real.Bob.Chain, [World.Real.Crl]),
            transcript => World.Real.Bob.Key.Sign(Label.ServerProof, transcript.Span)).Code);

    [Fact]
    public void HS_05_a_server_of_another_name_is_refused()
    {
        using var client = new ClientWalker(ClientHandshake.ForSession(World.Real.Alice, World.Target with { Name = ServerName.Parse("other.local") }));
        using var server = new ScriptedServer(client);
        Assert.Equal(WireCode.BadCert, Assert.Throws<PeerFaultException>(server.Run).Code);
    }

    [Fact]
    public void HS_05_a_server_without_revocation_lists_is_refused() =>
        Assert.Equal(WireCode.BadCert, ClientFault(new Certificates(World.Real.Server.Chain, [])).Code);

    [Fact]
    public void HS_06_a_revoked_device_is_refused()
    {
        var device = World.Rogue.Device("dave", World.Rogue.Bob.Key);
        var list = World.Rogue.Authority.Revoke(device.Chain.Leaf.Serial, new(RevocationReason.KeyCompromise, null));
        using var handshake = new ServerHandshake(World.Rogue.Server, new RevocationSet([list]), new KnownDevices(16));
        using var server = new ServerWalker(handshake);
        using var client = new ScriptedClient(server) { Identity = device };
        Assert.Equal(WireCode.BadCert, Assert.Throws<PeerFaultException>(client.Run).Code);
    }

    [Fact]
    public void HS_08_revocation_lists_from_a_client_are_refused()
    {
        using var server = new ServerWalker();
        using var client = new ScriptedClient(server)
        {
            Says = (step, honest) => step == "certificates" ? new Certificates(World.Real.Alice.Chain, [World.Real.Crl]).Encode() : honest,
        };
        Assert.Equal(WireCode.BadMessage, Assert.Throws<PeerFaultException>(client.Run).Code);
    }

    [Fact]
    public void HS_08_the_root_from_a_client_is_refused()
    {
        var fault = ServerFault(World.Real.Alice with { Chain = World.Real.Alice.Chain.With(World.Real.Authority.Root) });
        Assert.Equal(WireCode.BadMessage, fault.Code);
        Assert.Contains("HS-08", fault.InnerException!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void HS_06_HS_07_a_proof_of_another_handshake_is_refused()
    {
        Signature? first = null;
        using (var server = new ServerWalker())
        using (var client = new ScriptedClient(server) { Proves = transcript => first = World.Real.Alice.Key.Sign(Label.ClientProof, transcript.Span) })
            client.Run();

        using var otherServer = new ServerWalker();
        using var thief = new ScriptedClient(otherServer) { Proves = _ => first! };
        Assert.Equal(WireCode.BadCert, Assert.Throws<PeerFaultException>(thief.Run).Code);
    }

    [Fact]
    public void A11_HS_07_a_servers_proof_is_no_clients_even_with_one_key()
    {
        using var server = new ServerWalker();
        using var client = new ScriptedClient(server) { Proves = transcript => World.Real.Alice.Key.Sign(Label.ServerProof, transcript.Span) };
        Assert.Equal(WireCode.BadCert, Assert.Throws<PeerFaultException>(client.Run).Code);
    }

    [Fact]
    public void HS_07_a_wrong_finished_is_DECRYPT_FAIL_on_both_sides()
    {
        using var server = new ServerWalker();
        using var scriptedClient = new ScriptedClient(server) { Says = WrongFinished };
        Assert.Equal(WireCode.DecryptFail, Assert.Throws<PeerFaultException>(scriptedClient.Run).Code);

        using var client = new ClientWalker();
        using var scriptedServer = new ScriptedServer(client) { Says = WrongFinished };
        Assert.Equal(WireCode.DecryptFail, Assert.Throws<PeerFaultException>(scriptedServer.Run).Code);
    }

    private static Certificate SelfSignedServer(SigningKey key)
    {
        using var rsa = RSA.Create();
        using (var pkcs8 = key.ExportPkcs8())
            rsa.ImportPkcs8PrivateKey(pkcs8.Span, out _);
        var request = new CertificateRequest("CN=alone", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.NonRepudiation, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(Oids.ServerAuth)], critical: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(World.ServerName.ToString());
        request.CertificateExtensions.Add(names.Build());
        using var made = request.CreateSelfSigned(World.Now.AddDays(-1), World.Now.AddDays(1));
        return Certificate.Parse(made.RawData);
    }

    private static byte[] WrongFinished(string step, byte[] honest) =>
        step == "finished" ? new Finished(Hash32.Sha256(honest)).Encode() : honest;

    private static PeerFaultException ServerFault(ClientIdentity identity)
    {
        using var server = new ServerWalker();
        using var client = new ScriptedClient(server) { Identity = identity };
        var fault = Assert.Throws<PeerFaultException>(client.Run);
        Assert.Null(server.Link);
        return fault;
    }

    private static PeerFaultException ClientFault(Certificates? shows = null, Func<Hash32, Signature>? proves = null)
    {
        using var client = new ClientWalker();
        using var server = new ScriptedServer(client)
        {
            Shows = shows ?? World.Real.Server.Show(Intent.Session, World.Real.Revocations),
            Proves = proves,
        };
        var answers = new List<byte[]>();
        var fault = Assert.Throws<PeerFaultException>(() => answers.AddRange(server.Flight()));
        Assert.Empty(answers); // HS-05: nothing that depends on the user has been sent
        return fault;
    }
}
