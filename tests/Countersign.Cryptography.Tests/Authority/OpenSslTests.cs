using System.Globalization;
using Countersign.Authority;
using Countersign.Testing;

namespace Countersign.Cryptography.Tests;

/// <summary>What we issue convinces a stranger's tool, too: OpenSSL, at its strictest.</summary>
public sealed class OpenSslTests : IDisposable
{
    private const string Passphrase = "correct horse battery staple";

    private readonly TemporaryDirectory _files = new();
    private readonly SettableClock _clock = new(World.Now);

    public OpenSslTests() => Assert.SkipUnless(OpenSsl.IsHere, OpenSsl.SkipReason);

    public void Dispose() => _files.Dispose();

    [Fact]
    public void CE_14_our_request_verifies()
    {
        var path = Write("request.csr", CertificationRequest.Create(TestKeys.Get(2)).ToPem());
        Assert.Contains("OK", OpenSsl.Succeeds("req", "-in", path, "-verify", "-noout"));
    }

    [Fact]
    public void CE_14_a_request_of_openssl_is_taken_for_its_key_alone()
    {
        var path = _files["request.csr"];
        OpenSsl.Succeeds("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", _files["key.pem"], "-subj", "/CN=mallory", "-out", path,
            "-addext", "subjectAltName=URI:countersign:mallory", "-addext", "basicConstraints=critical,CA:TRUE");
        using var root = AuthorityStore.CreateRootInMemory("Test root", SigningKey.Generate(2048), _clock);
        var leaf = root.IssueDevice(UserName.Parse("alice"), CertificationRequest.ParsePem(File.ReadAllText(path)));
        var device = PathValidator.ValidateDevice(new([leaf]), TrustAnchor.FromCertificate(root.Certificate), new([root.MakeRevocationList()]), _clock.Now);
        Assert.Equal("alice", device.User.ToString());
        Assert.DoesNotContain("mallory", OpenSsl.Succeeds("x509", "-in", Write("leaf.crt", leaf.ToPem()), "-text", "-noout"));
    }

    [Fact]
    public void R1_paths_and_lists_verify_strictly_and_the_revoked_one_does_not()
    {
        using var root = AuthorityStore.CreateRoot(_files["root"], "Test root", Passphrase, _clock, 2048);
        var issuing = AuthorityStore.CreateIssuingInMemory("Test issuing CA", TestKeys.Get(1), root, _clock);
        var request = CertificationRequest.Create(TestKeys.Get(2));
        var device = Write("device.crt", issuing.IssueDevice(UserName.Parse("alice"), request).ToPem());
        var server = Write("server.crt", issuing.IssueServer([World.Server, ServerName.Parse("192.0.2.1")], request).ToPem());
        var revoked = issuing.IssueDevice(UserName.Parse("bob"), request);
        var list = issuing.Revoke(revoked.Serial, new(RevocationReason.KeyCompromise, World.Now.AddDays(-3)));
        var chain = Write("chain.crt", issuing.Certificate.ToPem());
        var lists = Write("lists.crl", list.ToPem() + root.MakeRevocationList().ToPem());

        string[] common = ["verify", "-x509_strict", "-check_ss_sig", "-crl_check_all", "-auth_level", "2",
            "-attime", World.Now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            "-CAfile", _files["root/ca.crt"], "-untrusted", chain, "-CRLfile", lists];
        Assert.Contains("OK", OpenSsl.Succeeds([.. common, "-purpose", "sslclient", device]));
        Assert.Contains("OK", OpenSsl.Succeeds([.. common, "-purpose", "sslserver", "-verify_hostname", "server.local", server]));
        Assert.Contains("OK", OpenSsl.Succeeds([.. common, "-purpose", "sslserver", "-verify_ip", "192.0.2.1", server]));
        var (status, output) = OpenSsl.Run([.. common, "-purpose", "sslclient", Write("revoked.crt", revoked.ToPem())]);
        Assert.NotEqual(0, status);
        Assert.Contains("revoked", output);

        var text = OpenSsl.Succeeds("crl", "-in", lists, "-noout", "-text");
        Assert.Contains("Key Compromise", text);
        Assert.Contains("May 29 12:00:00 2026 GMT", text); // invalidityDate
        Assert.Contains("URI:countersign:alice", OpenSsl.Succeeds("x509", "-in", device, "-noout", "-text"));
        OpenSsl.Succeeds("rsa", "-in", _files["root/ca.key"], "-passin", "pass:" + Passphrase, "-check", "-noout");
        Assert.NotEqual(0, OpenSsl.Run("rsa", "-in", _files["root/ca.key"], "-passin", "pass:wrong", "-noout").Status);
    }

    private string Write(string name, string text)
    {
        File.WriteAllText(_files[name], text);
        return _files[name];
    }
}
