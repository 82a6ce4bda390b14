using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Text.Json;

namespace Countersign.Cryptography.Tests;

public sealed class RsaPssVectorTests
{
    [Theory]
    [InlineData("rsa_pss_2048_sha256_mgf1_32_test.json")]
    [InlineData("rsa_pss_3072_sha256_mgf1_32_test.json")]
    [InlineData("rsa_pss_4096_sha256_mgf1_32_test.json")]
    public void R7_Wycheproof_RSA_PSS(string file) => VectorRun.Wycheproof(file, (group, test) =>
    {
        Judge(VerificationKey.FromSubjectPublicKeyInfo(group.Hex("publicKeyDer")), test);
        return null;
    });

    // The same with keys of algorithm id-RSASSA-PSS: the key as it stands is refused (CE-02), its numbers give the right verdicts.
    [Theory]
    [InlineData("rsa_pss_2048_sha256_mgf1_32_params_test.json")]
    [InlineData("rsa_pss_3072_sha256_mgf1_32_params_test.json")]
    public void CE_02_Wycheproof_RSA_PSS_with_parameters(string file) => VectorRun.Wycheproof(file, (group, test) =>
    {
        Assert.Throws<MalformedException>(() => VerificationKey.FromSubjectPublicKeyInfo(group.Hex("publicKeyDer")));
        Judge(KeyOf(group.GetProperty("publicKey")), test);
        return null;
    });

    internal static VerificationKey KeyOf(BigInteger modulus, BigInteger exponent)
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
                info.WriteObjectIdentifier("1.2.840.113549.1.1.1");
                info.WriteNull();
            }
            info.WriteBitString(key.Encode());
        }
        return VerificationKey.FromSubjectPublicKeyInfo(info.Encode());
    }

    private static VerificationKey KeyOf(JsonElement publicKey) =>
        KeyOf(Number(publicKey.Hex("modulus")), Number(publicKey.Hex("publicExponent")));

    internal static BigInteger Number(byte[] bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    private static void Judge(VerificationKey key, JsonElement test)
    {
        Judge(test, () => key.VerifyHash(Hash32.Sha256(test.Hex("msg")), Signature.Parse(test.Hex("sig"))));
        foreach (var verifier in RsaVerifierTests.Implementations(RsaPublicKeyInfo.Parse(key.SubjectPublicKeyInfo)))
            Judge(test, () => verifier.VerifyPss(Hash32.Sha256(test.Hex("msg")), Signature.Parse(test.Hex("sig"))));
    }

    private static void Judge(JsonElement test, Action verify)
    {
        var verifies = true;
        try
        {
            verify();
        }
        catch (Exception e) when (e is BadSignatureException or MalformedException or CryptographicException)
        {
            verifies = false;
        }
        Assert.Equal(test.IsValid(), verifies);
    }
}
