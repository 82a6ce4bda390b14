using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Countersign.Testing;

namespace Countersign.Cryptography.Tests;

/// <summary>CE-14: proof of possession.</summary>
public sealed class CertificationRequestTests
{
    private static readonly CertificationRequest Request = CertificationRequest.Create(TestKeys.Get(2));

    [Fact]
    public void CE_14_a_request_proves_its_key_and_says_nothing_else()
    {
        var again = CertificationRequest.Parse(Request.Der);
        Assert.Equal(TestKeys.Get(2).PublicKey, again.Key);
        Assert.Equal(again.Key, CertificationRequest.ParsePem(again.ToPem()).Key);
    }

    [Fact]
    public void CE_14_A1_a_request_for_somebody_elses_key_is_refused()
    {
        var der = Request.Der.ToArray();
        var at = der.AsSpan().IndexOf(TestKeys.Get(2).PublicKey.SubjectPublicKeyInfo);
        TestKeys.Get(3).PublicKey.SubjectPublicKeyInfo.CopyTo(der.AsSpan(at));
        World.Refused(CertificateFault.ProofOfPossession, () => CertificationRequest.Parse(der));
    }

    [Fact]
    public void CE_14_another_self_signature_is_refused()
    {
        var der = Request.Der.ToArray();
        der[^1] ^= 1;
        World.Refused(CertificateFault.ProofOfPossession, () => CertificationRequest.Parse(der));
    }

    [Fact]
    public void CE_14_CE_02_keys_outside_the_profile_are_refused()
    {
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        World.Refused(CertificateFault.Algorithm, () =>
            CertificationRequest.Parse(new CertificateRequest("CN=x", ec, HashAlgorithmName.SHA256).CreateSigningRequest()));
        using var rsa = RSA.Create(1024);
        World.Refused(CertificateFault.Key, () => CertificationRequest.Parse(
            new CertificateRequest("CN=x", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSigningRequest()));
    }

    [Fact]
    public void CE_14_too_large_a_request_is_refused() =>
        World.Refused(CertificateFault.Malformed, () => CertificationRequest.Parse(new byte[CertificationRequest.MaxSize + 1]));
}
