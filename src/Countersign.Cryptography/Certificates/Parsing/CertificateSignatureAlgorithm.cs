using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Countersign.Cryptography;

/// <summary>An AlgorithmIdentifier that CE-02 allows: RSA PKCS#1 v1.5 or PSS with SHA-256, 384 or 512 (RFC 4055).</summary>
internal sealed record CertificateSignatureAlgorithm(HashAlgorithmName Hash, RSASignaturePadding Padding)
{
    public static CertificateSignatureAlgorithm Read(AsnReader outer)
    {
        var reader = outer.ReadSequence();
        var algorithm = reader.ReadObjectIdentifier() switch
        {
            Oids.Sha256WithRsa => ReadPkcs1(reader, HashAlgorithmName.SHA256),
            Oids.Sha384WithRsa => ReadPkcs1(reader, HashAlgorithmName.SHA384),
            Oids.Sha512WithRsa => ReadPkcs1(reader, HashAlgorithmName.SHA512),
            Oids.RsaPss => ReadPss(reader),
            _ => throw new CertificateRefusedException(CertificateFault.Algorithm), // CE-02
        };
        reader.ThrowIfNotEmpty();
        return algorithm;
    }

    private static CertificateSignatureAlgorithm ReadPkcs1(AsnReader reader, HashAlgorithmName hash)
    {
        reader.ReadNull();
        return new(hash, RSASignaturePadding.Pkcs1);
    }

    // RSASSA-PSS-params, RFC 4055 section 3.1. The defaults are SHA-1, so hash, MGF and salt length must be there.
    private static CertificateSignatureAlgorithm ReadPss(AsnReader outer)
    {
        var reader = outer.ReadSequence();
        var hash = Tagged(reader, 0, ReadHash);
        if (Tagged(reader, 1, ReadMaskHash) != hash || Tagged(reader, 2, ReadSaltLength) != SaltLength(hash))
            throw new CertificateRefusedException(CertificateFault.Algorithm);
        reader.ThrowIfNotEmpty();
        return new(hash, RSASignaturePadding.Pss);
    }

    private static T Tagged<T>(AsnReader outer, int number, Func<AsnReader, T> read)
    {
        if (!outer.NextIs(number))
            throw new CertificateRefusedException(CertificateFault.Algorithm);
        var reader = outer.ReadSequence(Der.Context(number, constructed: true));
        var value = read(reader);
        reader.ThrowIfNotEmpty();
        return value;
    }

    private static HashAlgorithmName ReadMaskHash(AsnReader outer)
    {
        var reader = outer.ReadSequence();
        if (reader.ReadObjectIdentifier() != Oids.Mgf1)
            throw new CertificateRefusedException(CertificateFault.Algorithm);
        var hash = ReadHash(reader);
        reader.ThrowIfNotEmpty();
        return hash;
    }

    private static int ReadSaltLength(AsnReader reader) =>
        reader.TryReadInt32(out var salt) ? salt : throw new CertificateRefusedException(CertificateFault.Algorithm);

    // With NULL or without parameters: RFC 4055 section 2.1 asks to take both.
    private static HashAlgorithmName ReadHash(AsnReader outer)
    {
        var reader = outer.ReadSequence();
        var hash = reader.ReadObjectIdentifier() switch
        {
            Oids.Sha256 => HashAlgorithmName.SHA256,
            Oids.Sha384 => HashAlgorithmName.SHA384,
            Oids.Sha512 => HashAlgorithmName.SHA512,
            _ => throw new CertificateRefusedException(CertificateFault.Algorithm),
        };
        if (reader.HasData)
            reader.ReadNull();
        reader.ThrowIfNotEmpty();
        return hash;
    }

    private static int SaltLength(HashAlgorithmName hash) =>
        hash == HashAlgorithmName.SHA256 ? 32 : hash == HashAlgorithmName.SHA384 ? 48 : 64;
}
