using Countersign.Cryptography;
using Countersign.Testing;

namespace Countersign.Evidence.Tests;

/// <summary>Certificates that follow each other, and such as are not there.</summary>
public sealed class SuccessiveServerTests
{
    [Theory]
    [InlineData(true, "server.local")]
    [InlineData(true, "chat.example.org", "server.local")] // a name was added before the one that clients ask for
    [InlineData(false, "chat.example.org")]
    public void BU_13_RC_02_heads_are_by_one_server_if_its_certificates_share_a_name(bool isOne, params string[] names)
    {
        using var world = new BundleWorld();
        var key = TestKeys.Named("another server");
        var certificate = TestDevice.Issuing.IssueServer([.. names.Select(static name => ServerName.Parse(name))], CertificationRequest.Create(key));
        var tampered = new Tampered(world);
        tampered.Certificates.AddRange([certificate, TestDevice.Issuing.Certificate]);
        tampered.Lists.Add(TestDevice.Issuing.MakeRevocationList());
        tampered.Heads.Add(HeadBatch.Sign(key, certificate.Fingerprint, [world.Head], world.Clock)[0]);
        var verdict = tampered.Verify();
        if (isOne)
            Verified.Passed(verdict);
        else
            Verified.Failed(verdict, Reason.HeadRefused);

        var forged = HeadBatch.Sign(key, certificate.Fingerprint, [world.Head with { Root = MerkleHash.Empty }], world.Clock)[0];
        var file = MisconductFile.Of(world.Heads[1], forged, [TestDevice.Server.Leaf, TestDevice.Server.Root, certificate, TestDevice.Issuing.Certificate]);
        Assert.Equal(isOne, file.Judge(Verified.Root) is not null);
    }

    [Fact]
    public void RC_01_BU_21_heads_over_no_entry_prove_nothing()
    {
        using var world = new BundleWorld();
        var none = world.Head with { Size = 0 };
        var file = MisconductFile.Of(world.SignHead(TestDevice.ServerKey, none), world.SignHead(TestDevice.ServerKey, none with { Root = world.Heads[0].Head.Root }),
            [TestDevice.Server.Leaf, TestDevice.Server.Root]);
        Assert.Null(file.Judge(Verified.Root));
    }

    [Fact]
    public void BU_12_what_is_not_there_is_not_refused()
    {
        using var world = new BundleWorld();
        var withoutRoot = new Tampered(world);
        withoutRoot.Certificates.RemoveAll(c => c.Fingerprint == TestDevice.Server.Root.Fingerprint);
        var verdict = BundleVerifier.Verify(new MemoryStream(withoutRoot.Write()), TrustAnchor.FromFingerprint(TestDevice.Server.Root.Fingerprint));
        Assert.Contains(verdict.Findings, static f => f.Reason == Reason.NoCertificate);
        Assert.DoesNotContain(verdict.Findings, static f => f.Reason == Reason.CertificateRefused);

        var key = TestKeys.Named("another server");
        var certificate = TestDevice.Issuing.IssueServer([ServerName.Parse("server.local")], CertificationRequest.Create(key));
        var withoutIssuer = new Tampered(world);
        withoutIssuer.Certificates.Add(certificate);
        withoutIssuer.Heads.Add(HeadBatch.Sign(key, certificate.Fingerprint, [world.Head], world.Clock)[0]);
        verdict = withoutIssuer.Verify();
        Assert.Contains(verdict.Findings, static f => (f.Reason, f.Member) == (Reason.NoCertificate, BundleMember.Heads));
        Assert.DoesNotContain(verdict.Findings, static f => f.Reason == Reason.CertificateRefused);
    }
}
