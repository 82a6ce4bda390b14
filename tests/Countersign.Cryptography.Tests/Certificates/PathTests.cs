using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Countersign.Cryptography.Tests;

/// <summary>Paths that must be accepted, and CE-01 to CE-03.</summary>
public sealed class PathTests
{
    private static readonly Certificate Root = World.Root.Certificate();

    [Fact]
    public void A_device_below_an_issuing_CA_is_verified()
    {
        var device = World.Device();
        Assert.Equal("alice", device.User.ToString());
        Assert.Equal(Root.Fingerprint, World.Device(root: World.Root with { Serial = Root.Serial.Span.ToArray() }).Root.Fingerprint);
        Assert.Equal(World.LeafKey.PublicKey, device.Leaf.PublicKey);
    }

    [Fact]
    public void R2_a_server_is_verified_for_its_name() => Assert.Equal(World.Server, World.ServerPath().Name);

    [Fact]
    public void A_leaf_directly_below_the_root_is_verified()
    {
        var leaf = BelowRoot(World.DeviceLeaf);
        Assert.Equal("alice", Validate(TrustAnchor.FromCertificate(Root), leaf).User.ToString());
    }

    [Fact]
    public void CE_01_the_root_may_stand_at_the_end_of_the_chain()
    {
        var leaf = BelowRoot(World.DeviceLeaf);
        Validate(TrustAnchor.FromCertificate(Root), leaf, Root);
        Validate(TrustAnchor.FromFingerprint(Root.Fingerprint), leaf, Root);
        Validate(TrustAnchor.FromFingerprint(Root.Fingerprint), World.DeviceLeaf.Certificate(), World.Issuing.Certificate(), Root);
    }

    [Fact]
    public void CE_01_a_fingerprint_needs_the_root_in_the_chain() => World.Refused(CertificateFault.UntrustedRoot, () =>
        Validate(TrustAnchor.FromFingerprint(Root.Fingerprint), World.DeviceLeaf.Certificate(), World.Issuing.Certificate()));

    [Fact]
    public void CE_01_IN_01_another_root_of_the_same_name_is_not_the_fingerprinted_one()
    {
        var other = (World.Root with { Key = World.StrangerKey, Signer = World.StrangerKey }).Certificate();
        var leaf = BelowRoot(World.DeviceLeaf) with { Signer = World.StrangerKey };
        Validate(TrustAnchor.FromFingerprint(other.Fingerprint), leaf, other); // the control: under itself it is fine, but for its list
        World.Refused(CertificateFault.UntrustedRoot, () => Validate(TrustAnchor.FromFingerprint(Root.Fingerprint), leaf, other));
    }

    [Fact]
    public void CE_01_A2_a_leaf_with_the_CA_name_but_signed_by_the_attacker_is_refused() =>
        World.Refused(CertificateFault.Signature, () => World.Device(World.DeviceLeaf with { Signer = World.StrangerKey }));

    [Fact]
    public void CE_01_A2_an_issuing_CA_signed_by_the_attacker_is_refused() =>
        World.Refused(CertificateFault.Signature, () => World.Device(World.DeviceLeaf with { Signer = World.StrangerKey },
            World.Issuing with { Key = World.StrangerKey, Signer = World.StrangerKey }));

    [Fact]
    public void CE_01_A2_a_self_signed_leaf_is_refused() =>
        World.Refused(CertificateFault.Issuer, () => Validate(TrustAnchor.FromCertificate(Root),
            World.DeviceLeaf with { Signer = World.LeafKey, Issuer = World.DeviceLeaf.Subject }));

    [Fact]
    public void CE_01_names_are_compared_byte_for_byte() =>
        World.Refused(CertificateFault.Issuer, () => World.Device(World.DeviceLeaf with { Issuer = DistinguishedName.FromCommonName("test issuing ca") }));

    [Fact]
    public void CE_01_an_issuer_without_a_name_is_refused() =>
        World.Refused(CertificateFault.Issuer, () => World.Device(
            World.DeviceLeaf with { Issuer = DistinguishedName.Empty }, World.Issuing with { Subject = DistinguishedName.Empty }));

    [Fact]
    public void CE_01_a_root_that_somebody_else_signed_is_no_root() =>
        World.Refused(CertificateFault.Signature, () => World.Device(root: World.Root with { Signer = World.StrangerKey }));

    [Fact]
    public void CE_01_two_issuing_CAs_are_too_many()
    {
        var second = World.Issuing.Certificate();
        World.Refused(CertificateFault.PathLength, () =>
            Validate(TrustAnchor.FromCertificate(Root), World.DeviceLeaf.Certificate(), second, second));
        World.Refused(CertificateFault.PathLength, () => new CertificateChain([second, second, second, Root]));
        World.Refused(CertificateFault.PathLength, () => new CertificateChain([]));
    }

    [Theory]
    [InlineData("SHA256"), InlineData("SHA384"), InlineData("SHA512")]
    public void CE_02_the_allowed_signature_algorithms_are_accepted(string hash)
    {
        World.Device(World.DeviceLeaf with { Hash = new(hash) });
        World.Device(World.DeviceLeaf with { Hash = new(hash), Padding = RSASignaturePadding.Pss });
    }

    [Fact]
    public void CE_02_SHA_1_is_refused() => World.Refused(CertificateFault.Algorithm, () =>
        (World.DeviceLeaf with { Hash = HashAlgorithmName.SHA1, OuterAlgorithm = Convert.FromHexString("300D06092A864886F70D0101050500") }).Certificate());

    [Fact]
    public void CE_02_another_algorithm_inside_than_outside_is_refused() => World.Refused(CertificateFault.Algorithm, () =>
        (World.DeviceLeaf with { InnerAlgorithm = Convert.FromHexString("300D06092A864886F70D01010C0500") }).Certificate());

    [Fact]
    public void CE_02_PSS_with_default_parameters_is_SHA_1_and_refused() => World.Refused(CertificateFault.Algorithm, () =>
        (World.DeviceLeaf with { OuterAlgorithm = Convert.FromHexString("300D06092A864886F70D01010A3000") }).Certificate());

    [Fact]
    public void CE_02_PSS_states_one_hash_and_a_salt_of_its_length()
    {
        World.Device(World.DeviceLeaf with { Padding = RSASignaturePadding.Pss, OuterAlgorithm = PssAlgorithm.Encode(Oids.Sha256, Oids.Sha256, 32) }); // the control
        Refused(PssAlgorithm.Encode(Oids.Sha256, Oids.Sha384, 32));
        Refused(PssAlgorithm.Encode(Oids.Sha256, Oids.Sha256, 20));
        Refused(PssAlgorithm.Encode("1.3.14.3.2.26", "1.3.14.3.2.26", 20)); // SHA-1

        static void Refused(byte[] algorithm) => World.Refused(CertificateFault.Algorithm, () =>
            (World.DeviceLeaf with { Padding = RSASignaturePadding.Pss, OuterAlgorithm = algorithm }).Certificate());
    }

    [Theory]
    [InlineData(1024), InlineData(1984)]
    public void CE_02_a_short_RSA_key_is_refused(int bits)
    {
        using var rsa = RSA.Create(bits);
        World.Refused(CertificateFault.Key, () => (World.DeviceLeaf with { SubjectPublicKeyInfo = rsa.ExportSubjectPublicKeyInfo() }).Certificate());
    }

    [Fact]
    public void CE_02_an_elliptic_curve_key_is_refused()
    {
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        World.Refused(CertificateFault.Key, () => (World.DeviceLeaf with { SubjectPublicKeyInfo = ec.ExportSubjectPublicKeyInfo() }).Certificate());
    }

    [Theory]
    [InlineData(new byte[] { 3 }), InlineData(new byte[] { 1, 0, 0 }), InlineData(new byte[] { 1, 0, 0, 0, 1 })]
    public void CE_02_small_even_and_huge_exponents_are_refused(byte[] exponent)
    {
        using var rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(World.LeafKey.PublicKey.SubjectPublicKeyInfo, out _);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteIntegerUnsigned(rsa.ExportParameters(false).Modulus);
            writer.WriteIntegerUnsigned(exponent);
        }
        var info = new System.Security.Cryptography.X509Certificates.PublicKey(new Oid(Oids.RsaEncryption), new([5, 0]), new(writer.Encode()));
        World.Refused(CertificateFault.Key, () => (World.DeviceLeaf with { SubjectPublicKeyInfo = info.ExportSubjectPublicKeyInfo() }).Certificate());
    }

    [Fact]
    public void CE_03_every_certificate_of_the_path_is_valid_at_the_time_of_judgement()
    {
        World.Refused(CertificateFault.NotYetValid, () => World.Device(World.DeviceLeaf with { NotBefore = World.Now.AddSeconds(1) }));
        World.Refused(CertificateFault.Expired, () => World.Device(World.DeviceLeaf with { NotAfter = World.Now.AddSeconds(-1) }));
        World.Refused(CertificateFault.Expired, () => World.Device(issuing: World.Issuing with { NotAfter = World.Now.AddSeconds(-1) }));
        World.Refused(CertificateFault.Expired, () => World.Device(root: World.Root with { NotAfter = World.Now.AddSeconds(-1) }));
    }

    [Fact]
    public void CE_03_the_first_and_the_last_second_are_valid()
    {
        World.Device(World.DeviceLeaf with { NotBefore = World.Now, NotAfter = World.Now }, at: World.Now.AddMilliseconds(999));
        World.Refused(CertificateFault.NotYetValid, () =>
            World.Device(World.DeviceLeaf with { NotBefore = World.Now }, at: World.Now.AddMilliseconds(-1)));
    }

    private static Forged BelowRoot(Forged leaf) => leaf.With(World.Issuing.Extensions[3]) with { Signer = World.RootKey, Issuer = World.Root.Subject };

    private static VerifiedDevice Validate(TrustAnchor anchor, Forged leaf, params Certificate[] rest) => Validate(anchor, [leaf.Certificate(), .. rest]);

    private static VerifiedDevice Validate(TrustAnchor anchor, params Certificate[] chain) =>
        PathValidator.ValidateDevice(new(chain), anchor,
            World.Lists().With([(World.RootList with { Signer = World.StrangerKey }).List()]), World.Now);
}
