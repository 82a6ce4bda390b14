using System.Security.Cryptography;

namespace Countersign.Cryptography;

/// <summary>Verifications of the platform.</summary>
internal sealed class PlatformRsaVerifier(RSAParameters key) : RsaVerifier
{
    private readonly RSA _key = RSA.Create(key);

    public override void VerifyPss(Hash32 hash, Signature signature)
    {
        if (!_key.VerifyHash(hash.Span, signature.Span, HashAlgorithmName.SHA256, RSASignaturePadding.Pss))
            throw new BadSignatureException();
    }

    public override bool Verifies(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature, HashAlgorithmName hash, RSASignaturePadding padding) =>
        _key.VerifyData(data, signature, hash, padding);
}
