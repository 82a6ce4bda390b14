using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;

namespace Countersign.Cryptography.Tests;

/// <summary>CE-02: whoever has a certificate or a list cannot make another with the same signed part. A device's id is the hash of its
/// certificate's bytes, so each other form would be another device.</summary>
public sealed class OneFormTests
{
    private static readonly Certificate Issuing = World.Issuing.Certificate();

    private static readonly byte[] Pkcs1 = SignedWriter.Algorithm(World.IssuingKey);
    private static readonly byte[] Pss = PssAlgorithm.Encode(withNull: true);
    private static readonly byte[] PssWithoutNull = PssAlgorithm.Encode(withNull: false);

    public static TheoryData<string> Algorithms => [Convert.ToHexString(Pkcs1), Convert.ToHexString(Pss), Convert.ToHexString(PssWithoutNull)];

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void CE_02_a_certificate_has_no_other_form(string algorithm) =>
        HasNoOther(Leaf(Convert.FromHexString(algorithm)).Build(), static der => Certificate.Parse(der).CheckSignedBy(Issuing));

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void CE_02_a_revocation_list_has_no_other_form(string algorithm) => HasNoOther(
        Signed((World.IssuingList with { InnerAlgorithm = Convert.FromHexString(algorithm) }).Build(), World.IssuingKey, Convert.FromHexString(algorithm)),
        static der => CertificateRevocationList.Parse(der).Verify(Issuing));

    // A request states its algorithm once, so that NULL or none is its maker's choice, and anybody's. Nothing is named after a request's bytes.
    [Theory]
    [MemberData(nameof(Algorithms))]
    public void CE_14_a_request_has_no_other_form_but_the_two_of_a_hash(string algorithm)
    {
        var request = CertificationRequest.Create(World.LeafKey).Der.ToArray();
        var others = HasNoOther(Signed(request, World.LeafKey, Convert.FromHexString(algorithm)), static der => CertificationRequest.Parse(der), mayPass: true);
        Assert.Equal(algorithm == Convert.ToHexString(Pkcs1) ? 0 : 2, others); // the hash and the mask's
    }

    [Fact]
    public void CE_02_the_algorithm_inside_and_outside_is_the_same_in_every_byte()
    {
        foreach (var (inside, outside) in new[] { (Pss, PssWithoutNull), (PssWithoutNull, Pss) })
        {
            World.Refused(CertificateFault.Algorithm, () => (Leaf(outside) with { InnerAlgorithm = inside }).Certificate());
            World.Refused(CertificateFault.Algorithm, () => CertificateRevocationList.Parse(
                Signed((World.IssuingList with { InnerAlgorithm = inside }).Build(), World.IssuingKey, outside)));
        }
    }

    // Such bytes, signed, would be no second form; but they are not the grammar of RFC 4055 either, wherever they stand.
    [Theory]
    [MemberData(nameof(Algorithms))]
    public void CE_02_an_algorithm_with_anything_more_or_less_in_it_is_refused_even_if_it_is_signed(string algorithm)
    {
        var right = Convert.FromHexString(algorithm);
        Leaf(right).Certificate().CheckSignedBy(Issuing); // the control
        var passed = OtherForms.Of(right).Count(other => Record.Exception(() => Leaf(other.Der).Certificate()) is null);
        Assert.Equal(right.AsSpan().SequenceEqual(Pkcs1) ? 0 : 2, passed); // NULL or none, for the hash and the mask's
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public void CE_02_a_signature_is_a_number_below_the_modulus(bool pss)
    {
        using var rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(World.IssuingKey.PublicKey.SubjectPublicKeyInfo, out _);
        var modulus = Number(rsa.ExportParameters(false).Modulus!);
        for (var i = 0; i < 200; i++)
        {
            var der = (Leaf(pss ? Pss : Pkcs1) with { Serial = SerialNumber.Random().Span.ToArray() }).Build();
            var signature = der.AsSpan(der.Length - World.IssuingKey.PublicKey.Bits / 8);
            Certificate.Parse(der).CheckSignedBy(Issuing); // the control
            if (!(Number(signature) + modulus).TryWriteBytes(signature, out _, isUnsigned: true, isBigEndian: true))
                continue; // it needs another byte
            World.Refused(CertificateFault.Signature, () =>
            {
                Certificate.Parse(der).CheckSignedBy(Issuing);
                return der;
            });
            return;
        }
        Assert.Fail("no signature fitted");
    }

    private static BigInteger Number(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    private static Forged Leaf(byte[] algorithm) => World.DeviceLeaf with
    {
        OuterAlgorithm = algorithm,
        Padding = algorithm.AsSpan().SequenceEqual(Pkcs1) ? RSASignaturePadding.Pkcs1 : RSASignaturePadding.Pss,
    };

    private static int HasNoOther(byte[] der, Action<byte[]> read, bool mayPass = false)
    {
        read(der);
        var passed = 0;
        foreach (var (what, other) in OtherForms.OfUnsigned(der))
        {
            Assert.False(der.AsSpan().SequenceEqual(other), what);
            var problem = Record.Exception(() => read(other));
            if (problem is null && mayPass)
                passed++;
            else
                Assert.True(problem is CertificateRefusedException, what);
        }
        return passed;
    }

    /// <summary>The structure's first part under another algorithm.</summary>
    private static byte[] Signed(byte[] structure, SigningKey key, byte[] algorithm)
    {
        var part = new AsnReader(structure, AsnEncodingRules.DER).ReadSequence().ReadEncodedValue();
        using var rsa = RSA.Create();
        using (var pkcs8 = key.ExportPkcs8())
            rsa.ImportPkcs8PrivateKey(pkcs8.Span, out _);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(part.Span);
            writer.WriteEncodedValue(algorithm);
            writer.WriteBitString(rsa.SignData(part.Span, HashAlgorithmName.SHA256,
                algorithm.AsSpan().SequenceEqual(Pkcs1) ? RSASignaturePadding.Pkcs1 : RSASignaturePadding.Pss));
        }
        return writer.Encode();
    }
}
