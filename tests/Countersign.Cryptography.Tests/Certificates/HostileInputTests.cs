using System.Net;
using System.Net.Sockets;
using System.Text;
using CsCheck;
using Countersign.Testing;

namespace Countersign.Cryptography.Tests;

/// <summary>CE-11 and CE-12.</summary>
public sealed class HostileInputTests
{
    private static readonly byte[] Leaf = World.DeviceLeaf.Build();
    private static readonly byte[] Issuing = World.Issuing.Build();
    private static readonly byte[] List = (World.IssuingList with { Revoked = [SerialNumber.Random()], EntryExtensions = [new(Oids.ReasonCode, false, [0x0A, 1, 1])] }).Build();
    private static readonly byte[] Request = CertificationRequest.Create(World.LeafKey).Der.ToArray();

    private static readonly Certificate GoodLeaf = Certificate.Parse(Leaf);
    private static readonly Certificate GoodIssuing = Certificate.Parse(Issuing);
    private static readonly TrustAnchor Anchor = TrustAnchor.FromCertificate(World.Root.Certificate());
    private static readonly CertificateRevocationList RootList = World.RootList.List();
    private static readonly RevocationSet Lists = World.Lists();

    // Up to four changes, truncations and insertions of one encoding.
    private static Gen<byte[]> Damaged(byte[] original) =>
        Gen.Select(Gen.Int[0, original.Length - 1], Gen.Byte, Gen.Int[0, 3]).Array[1, 4].Select(changes =>
        {
            var bytes = original.ToList();
            foreach (var (at, value, kind) in changes)
            {
                var index = Math.Min(at, bytes.Count - 1);
                switch (kind)
                {
                    case 0: bytes.RemoveAt(index); break;
                    case 1: bytes.Insert(index, value); break;
                    default: bytes[index] = value; break;
                }
            }
            return bytes.ToArray();
        });

    [Fact]
    public void CE_12_damaged_certificates_cause_refusals_only() => Damaged(Leaf).Sample(der => OnlyRefused(() => PathValidator.ValidateDevice(
        new([Certificate.Parse(der), GoodIssuing]), Anchor, Lists, World.Now), mayPass: der.AsSpan().SequenceEqual(Leaf)), iter: 1500);

    [Fact]
    public void CE_12_damaged_lists_cause_refusals_only() => Damaged(List).Sample(der => OnlyRefused(() => PathValidator.ValidateDevice(
        new([GoodLeaf, GoodIssuing]), Anchor, new([CertificateRevocationList.Parse(der), RootList]), World.Now),
        mayPass: der.AsSpan().SequenceEqual(List)), iter: 1500);

    [Fact]
    public void CE_12_CE_14_damaged_requests_cause_refusals_only() =>
        Damaged(Request).Sample(der => OnlyRefused(() => CertificationRequest.Parse(der), mayPass: der.AsSpan().SequenceEqual(Request)), iter: 1500);

    [Fact]
    public void CE_12_every_single_changed_byte_of_a_certificate_is_refused()
    {
        for (var i = 0; i < Leaf.Length; i++)
        {
            var der = Leaf.ToArray();
            der[i] ^= 0x20;
            Assert.Throws<CertificateRefusedException>(() => PathValidator.ValidateDevice(new([Certificate.Parse(der), GoodIssuing]), Anchor, Lists, World.Now));
        }
    }

    [Fact]
    public void CE_12_a_certificate_cut_anywhere_or_continued_is_refused()
    {
        for (var length = 0; length < Leaf.Length; length++)
            World.Refused(CertificateFault.Malformed, () => Certificate.Parse(Leaf.AsMemory(0, length)));
        World.Refused(CertificateFault.Malformed, () => Certificate.Parse((byte[])[.. Leaf, 0]));
    }

    [Fact]
    public void CE_12_what_is_well_formed_but_too_large_is_refused()
    {
        World.Refused(CertificateFault.Malformed, () => World.DeviceLeaf.And(new(Oids.AuthorityInfoAccess, false, new byte[Certificate.MaxSize])).Certificate());
        World.Refused(CertificateFault.Malformed, () => (World.IssuingList with { Revoked = [.. Enumerable.Range(0, 8000).Select(_ => SerialNumber.Random())] }).List());
        World.Refused(CertificateFault.Malformed, () => CertificationRequest.Parse(WrittenRequest(0, DistinguishedName.FromCommonName(new string('x', CertificationRequest.MaxSize)))));
    }

    [Theory]
    [InlineData(false, CertificateFault.KeyIdentifier), InlineData(true, CertificateFault.AuthorityAsLeaf)]
    public void CE_12_CE_05_a_leaf_that_is_its_own_root_is_refused(bool namesItsKey, CertificateFault fault)
    {
        var own = SelfCertified.Server("server.local", World.LeafKey, World.Now, namesItsKey);
        foreach (var anchor in new[] { TrustAnchor.FromCertificate(own), TrustAnchor.FromFingerprint(own.Fingerprint) })
        {
            World.Refused(fault, () => PathValidator.ValidateServer(new([own]), anchor, Lists, World.Server, World.Now));
            World.Refused(fault, () => PathValidator.ValidateServerInPast(new([own]), anchor, Lists, World.Server, World.Now));
            World.Refused(fault, () => PathValidator.ValidateRecordedServer(new([own]), anchor));
            World.Refused(fault, () => PathValidator.ValidateRecordedDevice(new([own]), anchor));
            World.Refused(fault, () => PathValidator.ValidateTimeStampAuthority(new([own]), anchor, World.Now));
            World.Refused(fault, () => PathValidator.ValidateRecordedServer(new([own, own]), anchor));
        }
        World.Refused(fault, () => PathValidator.ValidateAuthority(own, TrustAnchor.FromCertificate(own), Lists, World.Now));
    }

    [Fact]
    public void CE_12_a_request_of_another_version_is_refused()
    {
        CertificationRequest.Parse(WrittenRequest(0, DistinguishedName.Empty)); // the control
        World.Refused(CertificateFault.Malformed, () => CertificationRequest.Parse(WrittenRequest(1, DistinguishedName.Empty)));
    }

    private static byte[] WrittenRequest(int version, DistinguishedName subject) => SignedWriter.Sign(World.LeafKey, (writer, _) =>
    {
        writer.WriteInteger(version);
        writer.WriteEncodedValue(subject.Der.Span);
        writer.WriteEncodedValue(World.LeafKey.PublicKey.SubjectPublicKeyInfo);
        writer.PushSetOf(new(System.Formats.Asn1.TagClass.ContextSpecific, 0)).Dispose();
    }, 0);

    [Theory]
    [InlineData(""), InlineData("-----BEGIN CERTIFICATE-----"), InlineData("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    public void CE_12_text_that_is_no_certificate_is_refused(string pem) => World.Refused(CertificateFault.Malformed, () => Certificate.ParsePem(pem));

    [Theory]
    [InlineData("-----BEGIN A-----\n"), InlineData("-----BEGIN CERTIFICATE-----\n"), InlineData("-----BEGIN X509 CRL-----\n")]
    public void CE_12_text_of_nothing_but_beginnings_is_refused_after_one_reading(string begin)
    {
        // The end of each looked for to the end of the text: a quarter of an hour and more.
        var text = string.Concat(Enumerable.Repeat(begin, (1 << 24) / begin.Length));
        World.Refused(CertificateFault.Malformed, () => Certificate.ParsePem(text));
        World.Refused(CertificateFault.Malformed, () => Certificate.ParseEveryPem(text));
        World.Refused(CertificateFault.Malformed, () => CertificateRevocationList.ParseEveryPem(text));
        World.Refused(CertificateFault.Malformed, () => CertificateRevocationList.ParseEveryPem(World.RootList.List().ToPem() + text + "-----END X509 CRL-----\n-----BEGIN X509 CRL-----"));
    }

    [Fact]
    public void PEM_of_a_certificate_among_other_text_is_read() =>
        Assert.Equal(Leaf, Certificate.ParsePem("note\n" + World.RootList.List().ToPem() + World.DeviceLeaf.Certificate().ToPem() + "end").Der.ToArray());

    [Fact]
    public void PEM_that_is_no_line_of_its_own_or_no_Base64_is_refused()
    {
        var pem = World.DeviceLeaf.Certificate().ToPem();
        Certificate.ParsePem(pem.ReplaceLineEndings("\r\n"));
        Certificate.ParsePem(pem.TrimEnd());
        foreach (var bad in new[] { "x" + pem, pem.TrimEnd() + "x", pem.Replace("\nMII", "\n!II", StringComparison.Ordinal), pem.Replace("-----END ", "-----END A ", StringComparison.Ordinal) })
            World.Refused(CertificateFault.Malformed, () => Certificate.ParsePem(bad + pem));
    }

    [Fact]
    public async Task CE_11_a_certificate_cannot_make_us_connect_anywhere()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/issuer.crt";
        var pointer = ForgedExtension.Of(Oids.AuthorityInfoAccess, false, w =>
        {
            using var all = w.PushSequence();
            using var one = w.PushSequence();
            w.WriteObjectIdentifier("1.3.6.1.5.5.7.48.2"); // caIssuers
            w.WriteCharacterString(System.Formats.Asn1.UniversalTagNumber.IA5String, url, new(System.Formats.Asn1.TagClass.ContextSpecific, 6));
        });
        var leaf = World.DeviceLeaf.And(pointer).Certificate();
        World.Refused(CertificateFault.Issuer, () => PathValidator.ValidateDevice(
            new([leaf]), Anchor, Lists, World.Now));
        Assert.False(listener.Pending());

        // The control: the listener does hear who connects.
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, ((IPEndPoint)listener.LocalEndpoint).Port);
        Assert.True(listener.Pending());
    }

    [Fact]
    public void CE_11_no_code_of_ours_uses_the_chain_engine_or_the_stores_of_the_platform()
    {
        var sources = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal));
        Assert.All(sources, f =>
        {
            var text = File.ReadAllText(f, Encoding.UTF8);
            Assert.DoesNotContain("new X509Chain", text);
            Assert.DoesNotContain("X509Store", text);
        });
    }

    private static bool OnlyRefused(Func<object> action, bool mayPass)
    {
        try
        {
            action();
            return mayPass;
        }
        catch (CertificateRefusedException)
        {
            return true;
        }
    }
}
