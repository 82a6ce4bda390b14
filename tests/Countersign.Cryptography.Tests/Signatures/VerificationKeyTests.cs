using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using Countersign.Testing;

namespace Countersign.Cryptography.Tests;

public sealed class VerificationKeyTests
{
    private const string RsaEncryption = "1.2.840.113549.1.1.1";
    private const string RsassaPss = "1.2.840.113549.1.1.10";

    [Theory]
    [InlineData(2048, 65537L)]
    [InlineData(2056, 65537L)]
    [InlineData(3072, 65537L)]
    [InlineData(4096, 65539L)]
    [InlineData(2048, 4294967295L)]
    public void CE_02_keys_inside_the_limits_are_taken(int bits, long exponent) =>
        Assert.Equal(bits, VerificationKey.FromSubjectPublicKeyInfo(Info(Modulus(bits), exponent)).Bits);

    [Theory]
    [InlineData(2047, 65537L)]
    [InlineData(2049, 65537L)]
    [InlineData(1024, 65537L)]
    [InlineData(4097, 65537L)]
    [InlineData(8192, 65537L)]
    [InlineData(2048, 1L)]
    [InlineData(2048, 3L)]
    [InlineData(2048, 65535L)]
    [InlineData(2048, 65536L)]
    [InlineData(2048, 65538L)]
    [InlineData(2048, 4294967297L)]
    [InlineData(2048, -65537L)]
    public void CE_02_keys_outside_the_limits_are_refused(int bits, long exponent) => Refused(Info(Modulus(bits), exponent));

    [Fact]
    public void A_key_that_has_rested_verifies_like_before()
    {
        using var signer = SigningKey.Generate(2048);
        var key = VerificationKey.FromSubjectPublicKeyInfo(signer.PublicKey.SubjectPublicKeyInfo);
        var signature = signer.Sign(Label.ServerProof, [1, 2, 3]);
        for (var i = 0; i < 2; i++)
        {
            key.Verify(Label.ServerProof, [1, 2, 3], signature);
            Assert.Throws<BadSignatureException>(() => key.Verify(Label.ServerProof, [1, 2, 4], signature));
            key.Rest();
        }
    }

    // Libraries take a signature without its leading zeros: a second form that anybody could make of one in 256.
    [Fact]
    public void R7_a_signature_has_the_length_of_the_modulus()
    {
        const int bits = 2056; // without a byte it is still as long as a signature may be
        using var signer = SigningKey.Generate(bits);
        var key = signer.PublicKey;
        Signature signature;
        do
            signature = signer.Sign(Label.ServerProof, [1, 2, 3]);
        while (signature.Span[0] != 0);
        key.Verify(Label.ServerProof, [1, 2, 3], signature);
        Assert.Throws<BadSignatureException>(() => key.Verify(Label.ServerProof, [1, 2, 3], Signature.Parse(signature.Span[1..])));
        Assert.Throws<BadSignatureException>(() => key.Verify(Label.ServerProof, [1, 2, 3], Signature.Parse([0, .. signature.Span])));

        using var plain = RSA.Create();
        using (var exported = signer.ExportPkcs8())
            plain.ImportPkcs8PrivateKey(exported.Span, out _);
        var (data, certified) = Enumerable.Range(0, int.MaxValue).Select(BitConverter.GetBytes)
            .Select(data => (data, plain.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)))
            .First(static signed => signed.Item2[0] == 0);
        Assert.True(key.VerifiesCertificateData(data, certified, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        Assert.False(key.VerifiesCertificateData(data, certified[1..], HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    [Fact]
    public void CE_02_even_and_negative_moduli_are_refused()
    {
        Refused(Info(Modulus(2048) - 1, 65537));
        Refused(Info(-Modulus(2048), 65537));
    }

    [Fact]
    public void CE_02_another_algorithm_is_refused()
    {
        Refused(Info(Modulus(2048), 65537, algorithm: RsassaPss));
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Refused(ec.ExportSubjectPublicKeyInfo());
    }

    [Fact]
    public void CE_12_a_key_in_any_other_form_is_refused()
    {
        var right = Info(Modulus(2048), 65537);
        _ = VerificationKey.FromSubjectPublicKeyInfo(right);
        Refused([]);
        Refused([.. right, 0]);
        Refused(right[..^1]);
        Refused(Info(Modulus(2048), 65537, parameters: false));
        Refused(new byte[2000]);
        for (var i = 0; i < 33; i++) // all of the structure before the modulus
        {
            var changed = right.ToArray();
            changed[i] ^= 0x40;
            Refused(changed);
        }
    }

    [Fact]
    public void A_key_equals_the_same_key()
    {
        var key = TestKeys.Get(0).PublicKey;
        Assert.Equal(key, VerificationKey.FromSubjectPublicKeyInfo(key.SubjectPublicKeyInfo));
        Assert.NotEqual(key, TestKeys.Get(1).PublicKey);
    }

    private static void Refused(byte[] der) => Assert.Throws<MalformedException>(() => VerificationKey.FromSubjectPublicKeyInfo(der));

    private static BigInteger Modulus(int bits) => (BigInteger.One << (bits - 1)) + 12345;

    private static byte[] Info(BigInteger modulus, long exponent, string algorithm = RsaEncryption, bool parameters = true)
    {
        var key = new AsnWriter(AsnEncodingRules.DER);
        using (key.PushSequence())
        {
            key.WriteInteger(modulus);
            key.WriteInteger(exponent);
        }
        var info = new AsnWriter(AsnEncodingRules.DER);
        using (info.PushSequence())
        {
            using (info.PushSequence())
            {
                info.WriteObjectIdentifier(algorithm);
                if (parameters)
                    info.WriteNull();
            }
            info.WriteBitString(key.Encode());
        }
        return info.Encode();
    }
}
