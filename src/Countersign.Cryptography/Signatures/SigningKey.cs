using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Countersign.Cryptography;

/// <summary>An RSA private key of 2048 to 4096 bits, imported once. It signs nothing without a purpose.</summary>
/// <remarks>Safe for concurrent use until disposed. The platform's own copy of the key is out of reach of our zeroing.</remarks>
public sealed class SigningKey : IDisposable
{
    private readonly RSA _rsa;

    private SigningKey(RSA rsa)
    {
        _rsa = rsa;
        PublicKey = VerificationKey.FromSubjectPublicKeyInfo(rsa.ExportSubjectPublicKeyInfo());
    }

    public VerificationKey PublicKey { get; }

    /// <summary>A fresh key with public exponent 65537. Takes a good part of a second at 3072 bits.</summary>
    /// <param name="bits">Size of the modulus: 2048 to 4096, a multiple of 8.</param>
    public static SigningKey Generate(int bits = 3072)
    {
        if (bits is < RsaPublicKeyInfo.MinBits or > RsaPublicKeyInfo.MaxBits || bits % 8 != 0)
            throw new ArgumentOutOfRangeException(nameof(bits));
        var rsa = RSA.Create();
        try
        {
            rsa.KeySize = bits;
            return new SigningKey(rsa);
        }
        catch
        {
            rsa.Dispose();
            throw;
        }
    }

    /// <summary>Reads an unencrypted PKCS#8 PrivateKeyInfo (RFC 5208).</summary>
    /// <exception cref="MalformedException">Not one, or a key outside CE-02.</exception>
    public static SigningKey ImportPkcs8(Secret privateKeyInfo)
    {
        var rsa = RSA.Create();
        try
        {
            rsa.ImportPkcs8PrivateKey(privateKeyInfo.Span, out var read);
            if (read != privateKeyInfo.Length)
                throw new MalformedException("trailing bytes after the private key");
            return new SigningKey(rsa);
        }
        catch (Exception e)
        {
            rsa.Dispose();
            if (e is CryptographicException)
                throw new MalformedException("private key", e);
            throw;
        }
    }

    /// <summary>The key as unencrypted PKCS#8; the caller owns the secret.</summary>
    public Secret ExportPkcs8()
    {
        const int roomFor4096Bits = 4096; // such a key takes about 2400 bytes
        var length = 0;
        using var buffer = Secret.Create(roomFor4096Bits, _rsa, (target, rsa) =>
        {
            if (!rsa.TryExportPkcs8PrivateKey(target, out length))
                throw new InvalidOperationException("a private key larger than its bound");
        });
        return Secret.CopyOf(buffer.Span[..length]);
    }

    /// <summary>Signs <c>label ‖ 0x00 ‖ data</c> with RSA-PSS (SPEC 2.5).</summary>
    public Signature Sign(Label purpose, ReadOnlySpan<byte> data) => SignHash(Hash32.Labelled(purpose, data));

    /// <summary>Signs X.509 structures (certificates, CRLs, certification requests): RSASSA-PKCS1-v1_5, a padding that no
    /// other signature of ours uses, so that neither kind can be taken for the other.</summary>
    public X509SignatureGenerator CertificateSigner() => X509SignatureGenerator.CreateForRSA(_rsa, RSASignaturePadding.Pkcs1);

    internal Signature SignHash(Hash32 hash) =>
        Signature.Own(_rsa.SignHash(hash.Span, HashAlgorithmName.SHA256, RSASignaturePadding.Pss));

    public void Dispose() => _rsa.Dispose();

    /// <summary>Names the kind of key only.</summary>
    public override string ToString() => "SigningKey " + PublicKey;
}
