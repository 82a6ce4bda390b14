using System.Security.Cryptography;

namespace Countersign.Cryptography;

/// <summary>An RSA public key: parsed and judged once (CE-02), then used for any number of verifications.</summary>
/// <remarks>Safe for concurrent use. The key's subject public key info is kept byte for byte. The library gets the key at its first
/// use: most certificates that are read are only passed on. A key that the library then refuses verifies nothing.</remarks>
public sealed class VerificationKey : IEquatable<VerificationKey>
{
    private readonly ReadOnlyMemory<byte> _subjectPublicKeyInfo;
    private RsaVerifier? _verifier;

    private VerificationKey(ReadOnlyMemory<byte> subjectPublicKeyInfo, int bits) => (_subjectPublicKeyInfo, Bits) = (subjectPublicKeyInfo, bits);

    /// <summary>Size of the modulus in bits: 2048 to 4096.</summary>
    public int Bits { get; }

    /// <summary>DER of SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7) with algorithm rsaEncryption.</summary>
    public ReadOnlySpan<byte> SubjectPublicKeyInfo => _subjectPublicKeyInfo.Span;

    /// <summary>Parses DER of SubjectPublicKeyInfo, as it stands in a certificate or a certification request.</summary>
    /// <exception cref="MalformedException">Not DER, not rsaEncryption, not 2048 to 4096 bits, or an exponent outside CE-02.</exception>
    public static VerificationKey FromSubjectPublicKeyInfo(ReadOnlySpan<byte> der) => Slice(der.ToArray());

    /// <summary>The same for a part of a structure that is kept, and does not change.</summary>
    /// <exception cref="MalformedException">As <see cref="FromSubjectPublicKeyInfo"/>.</exception>
    internal static VerificationKey Slice(ReadOnlyMemory<byte> der) =>
        new(der, 8 * RsaPublicKeyInfo.Parse(der.Span).Modulus!.Length); // CE-02: whole bytes, the first bit set

    /// <summary>Gives the library's form of the key back, some 8 KB with OpenSSL 3.0: for a key that will not be used for a while. Whoever uses
    /// it next imports it again.</summary>
    public void Rest() => Volatile.Write(ref _verifier, null);

    // Two threads may import at once: one result is kept, the other is the collector's.
    private RsaVerifier Verifier => Volatile.Read(ref _verifier) ?? Import();

    private RsaVerifier Import()
    {
        var imported = RsaVerifier.Import(RsaPublicKeyInfo.Parse(SubjectPublicKeyInfo));
        return Interlocked.CompareExchange(ref _verifier, imported, null) ?? imported;
    }

    /// <summary>Verifies a signature made by <see cref="SigningKey.Sign"/> (SPEC 2.5).</summary>
    /// <exception cref="BadSignatureException">It does not verify.</exception>
    public void Verify(Label purpose, ReadOnlySpan<byte> data, Signature signature) =>
        VerifyHash(Hash32.Labelled(purpose, data), signature);

    /// <summary>The same for a hash: RSASSA-PSS (RFC 8017 section 8.1.2), SHA-256, MGF1-SHA-256, salt of exactly 32 bytes.</summary>
    /// <exception cref="BadSignatureException">It does not verify.</exception>
    internal void VerifyHash(Hash32 hash, Signature signature)
    {
        if (!HasLength(signature.Span))
            throw new BadSignatureException();
        try
        {
            Verifier.VerifyPss(hash, signature);
        }
        catch (CryptographicException)
        {
            throw new BadSignatureException(); // CE-12: or the library doubts the key
        }
    }

    /// <summary>Whether this key signed data of X.509 or CMS: certificates, revocation lists, certification requests, time-stamp tokens.</summary>
    /// <remarks>Internal, and a bool, because its callers turn it into the refusal of the structure in hand.</remarks>
    internal bool VerifiesCertificateData(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature, HashAlgorithmName hash, RSASignaturePadding padding)
    {
        try
        {
            return HasLength(signature) && Verifier.Verifies(data, signature, hash, padding);
        }
        catch (CryptographicException)
        {
            return false; // as above
        }
    }

    // RFC 8017 sections 8.1.2 and 8.2.2, step 1. Libraries take the same number without its leading zeros, too: one signature in 256 would
    // have a second form, and what it signs a second hash, that anybody can make.
    private bool HasLength(ReadOnlySpan<byte> signature) => signature.Length == Bits / 8;

    public bool Equals(VerificationKey? other) => other is not null && SubjectPublicKeyInfo.SequenceEqual(other.SubjectPublicKeyInfo);
    public override bool Equals(object? obj) => Equals(obj as VerificationKey);
    public override int GetHashCode() => Hash32.Sha256(SubjectPublicKeyInfo).GetHashCode();
    public override string ToString() => $"RSA {Bits}";
}
