using Countersign.Authority;
using Countersign.Testing;

namespace Countersign.Cryptography.Tests;

/// <summary>Our authority and our verifier, each against the openssl program.</summary>
public sealed class TsaOpenSslTests
{
    [Fact]
    public void R11_openssl_accepts_the_answers_of_our_authority()
    {
        Assert.SkipUnless(OpenSsl.IsHere, OpenSsl.SkipReason);
        using var directory = new TemporaryDirectory();
        var (data, query, reply) = (directory["data"], directory["query"], directory["reply"]);
        var (clock, root) = Root();
        var issuing = AuthorityStore.CreateIssuingInMemory("issuing", World.IssuingKey, root, clock);
        var leaf = issuing.IssueTimeStampAuthority("time", CertificationRequest.Create(TsaWorld.Key));
        var authority = TimeStampAuthority.CreateInMemory(new([leaf, issuing.Certificate]), TsaWorld.Key, clock);
        File.WriteAllText(directory["root.pem"], root.Certificate.ToPem());
        File.WriteAllBytes(data, TsaWorld.Data);

        OpenSsl.Succeeds("ts", "-query", "-data", data, "-sha256", "-cert", "-out", query);
        File.WriteAllBytes(reply, authority.Respond(File.ReadAllBytes(query)));
        Assert.Contains("Verification: OK", OpenSsl.Succeeds("ts", "-verify", "-queryfile", query, "-in", reply, "-CAfile", directory["root.pem"]));
        Assert.Contains("Verification: OK", OpenSsl.Succeeds("ts", "-verify", "-data", data, "-in", reply, "-CAfile", directory["root.pem"]));

        var token = TsaWorld.Stamp(authority, TsaWorld.Data);
        File.WriteAllBytes(directory["token"], token.Der.ToArray());
        OpenSsl.Succeeds("ts", "-verify", "-data", data, "-token_in", "-in", directory["token"], "-CAfile", directory["root.pem"]);
        File.AppendAllText(data, "changed");
        Assert.NotEqual(0, OpenSsl.Run("ts", "-verify", "-data", data, "-token_in", "-in", directory["token"], "-CAfile", directory["root.pem"]).Status);
    }

    [Fact]
    public void TS_03_tokens_of_openssl_verify_if_bound_by_ESSCertIDv2()
    {
        Assert.SkipUnless(OpenSsl.IsHere, OpenSsl.SkipReason);
        using var directory = new TemporaryDirectory();
        var (clock, root) = Root();
        var leaf = root.IssueTimeStampAuthority("openssl", CertificationRequest.Create(TsaWorld.Key));
        var lists = new RevocationSet([root.MakeRevocationList()]);
        using (var pkcs8 = TsaWorld.Key.ExportPkcs8())
            File.WriteAllBytes(directory["key"], pkcs8.Span);
        OpenSsl.Succeeds("pkey", "-inform", "DER", "-in", directory["key"], "-out", directory["key.pem"]);
        File.WriteAllText(directory["leaf.pem"], leaf.ToPem());

        foreach (var hash in new[] { "sha256", "sha512" })
            Assert.Equal(leaf, Reply(directory, hash).Verify(TsaWorld.Data, TrustAnchor.FromCertificate(root.Certificate), lists).Authority);
        var version1 = Reply(directory, "sha1");
        TsaWorld.Refused(TimeStampFault.Signer, () => version1.Verify(TsaWorld.Data, TrustAnchor.FromCertificate(root.Certificate), lists));
    }

    private static TimeStampToken Reply(TemporaryDirectory directory, string essHash)
    {
        File.WriteAllText(directory["serial"], "01\n");
        File.WriteAllText(directory["conf"], $"""
            [tsa]
            default_tsa = t
            [t]
            serial = {directory["serial"]}
            signer_digest = sha256
            default_policy = 1.2.3.4
            digests = sha256
            accuracy = secs:1
            ess_cert_id_alg = {essHash}
            """);
        var request = TimeStampRequest.For(TsaWorld.Data);
        File.WriteAllBytes(directory["q"], request.Encode());
        OpenSsl.Succeeds("ts", "-reply", "-config", directory["conf"], "-queryfile", directory["q"], "-signer", directory["leaf.pem"],
            "-inkey", directory["key.pem"], "-out", directory["r"]);
        return request.ReadResponse(File.ReadAllBytes(directory["r"]));
    }

    // The openssl program looks at the machine's clock.
    private static (TimeProvider Clock, CertificateAuthority Root) Root() =>
        (TimeProvider.System, AuthorityStore.CreateRootInMemory("root", World.RootKey, TimeProvider.System));
}
