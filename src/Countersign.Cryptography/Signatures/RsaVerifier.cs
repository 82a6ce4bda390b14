using System.Security.Cryptography;

namespace Countersign.Cryptography;

/// <summary>An RSA public key in a library's hands, behind one seam: OpenSSL's own interface where the platform works with it, otherwise the
/// platform's. Safe for concurrent use. Not disposed by hand: somebody may be verifying when its key is no longer wanted.</summary>
internal abstract class RsaVerifier
{
    /// <exception cref="CryptographicException">The library refuses the key.</exception>
    public static RsaVerifier Import(RSAParameters key) => LibCrypto.IsAvailable ? new OpenSslRsaVerifier(key) : new PlatformRsaVerifier(key);

    /// <summary>RSASSA-PSS (RFC 8017 section 8.1.2), SHA-256, MGF1-SHA-256, salt of exactly 32 bytes. The caller has checked the length.</summary>
    /// <exception cref="BadSignatureException">It does not verify.</exception>
    /// <exception cref="CryptographicException">It does not verify: providers differ in how they report a signature that is not below the
    /// modulus.</exception>
    public abstract void VerifyPss(Hash32 hash, Signature signature);

    /// <summary>For the signatures of X.509 data. A bool, because the one caller's caller turns it into the refusal of the structure in hand.</summary>
    /// <exception cref="CryptographicException">As above.</exception>
    public abstract bool Verifies(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature, HashAlgorithmName hash, RSASignaturePadding padding);
}
