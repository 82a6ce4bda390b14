using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Countersign.Cryptography;

/// <summary>A token's one signature (CMS SignerInfo, RFC 5652 section 5.3): which certificate it names and whether it verifies.</summary>
internal sealed class TimeStampSignature
{
    private const string ContentTypeOid = "1.2.840.113549.1.9.3";
    private const string MessageDigestOid = "1.2.840.113549.1.9.4";
    private const int ByIssuerAndSerial = 1; // RFC 5652 section 5.3
    private const int ByKeyIdentifier = 3;

    private readonly CertificateReference _signer;
    private readonly AlgorithmName _algorithm;
    private readonly SignedAttributes _attributes;
    private readonly ReadOnlyMemory<byte> _messageDigest;
    private readonly ReadOnlyMemory<byte> _signature;
    private readonly ReadOnlyMemory<byte> _content;

    private TimeStampSignature(CertificateReference signer, AlgorithmName digest, SignedAttributes attributes, ReadOnlyMemory<byte> messageDigest,
        AlgorithmName algorithm, ReadOnlyMemory<byte> signature, ReadOnlyMemory<byte> content)
    {
        (_signer, DigestAlgorithm, _attributes, _messageDigest) = (signer, digest, attributes, messageDigest);
        (_algorithm, _signature, _content) = (algorithm, signature, content);
    }

    public AlgorithmName DigestAlgorithm { get; }

    // SignerInfo ::= SEQUENCE { version, sid, digestAlgorithm, [0] signedAttrs, signatureAlgorithm, signature, [1] unsignedAttrs OPTIONAL }
    /// <exception cref="AsnContentException">Not that, or without what TS-01 asks for.</exception>
    public static TimeStampSignature Read(AsnReader signers, ReadOnlyMemory<byte> content)
    {
        var reader = signers.ReadSequence();
        var hasVersion = reader.TryReadInt32(out var version);
        var signer = CertificateReference.ReadSigner(reader);
        if (!hasVersion || version != (signer is CertificateReference.ByKey ? ByKeyIdentifier : ByIssuerAndSerial))
            throw Der.Malformed("version");
        var digest = AlgorithmName.Read(reader);
        var attributes = SignedAttributes.Read(reader);
        var algorithm = AlgorithmName.Read(reader);
        var signature = reader.ReadOctets();
        if (reader.HasData)
            SignedAttributes.SkipUnsigned(reader);
        reader.ThrowIfNotEmpty();
        if (Value(attributes, ContentTypeOid).ReadObjectIdentifier() != SignedTimeStamp.ContentType)
            throw Der.Malformed("content type"); // RFC 5652 section 11.1
        return new(signer, digest, attributes, Value(attributes, MessageDigestOid).ReadOctets(), algorithm, signature, content);
    }

    /// <summary>TS-03: RSASSA-PKCS1-v1_5 with SHA-256, 384 or 512, the same in digest and signature.</summary>
    public void CheckAlgorithms() => AllowedHash();

    /// <summary>TS-03: the certificate among those of the token that the signature is bound to, by its hash. Whether it is the signer's in every
    /// other respect <see cref="CheckNamed"/> says.</summary>
    public ReadOnlyMemory<byte> FindCertificate(IReadOnlyList<ReadOnlyMemory<byte>> carried)
    {
        var bound = Bound();
        foreach (var certificate in carried)
            if (bound.HasHashOf(certificate.Span))
                return certificate;
        throw new TimeStampRefusedException(TimeStampFault.Signer);
    }

    /// <summary>TS-03: signer identifier and ESSCertIDv2 name the path's leaf, further ESSCertIDv2 the certificates above it.</summary>
    public void CheckNamed(CertificatePath path)
    {
        if (!_signer.Names(path.Leaf) || !Bound().Name(path))
            throw new TimeStampRefusedException(TimeStampFault.Signer);
    }

    /// <summary>TS-03: the signature over the attributes, and by their digest over the content.</summary>
    public void Verify(VerificationKey key)
    {
        var hash = AllowedHash();
        if (!CryptographicOperations.HashData(hash, _content.Span).AsSpan().SequenceEqual(_messageDigest.Span)
            || !key.VerifiesCertificateData(_attributes.Signed.Span, _signature.Span, hash, RSASignaturePadding.Pkcs1))
            throw new TimeStampRefusedException(TimeStampFault.Signature);
    }

    /// <summary>One of the three hashes of TS-03, or null.</summary>
    public static HashAlgorithmName? Hash(AlgorithmName named) => !named.IsPlain ? null : named.Oid switch
    {
        Oids.Sha256 => HashAlgorithmName.SHA256,
        Oids.Sha384 => HashAlgorithmName.SHA384,
        Oids.Sha512 => HashAlgorithmName.SHA512,
        _ => null,
    };

    private HashAlgorithmName AllowedHash()
    {
        var allowed = _algorithm.IsPlain && (DigestAlgorithm.Oid, _algorithm.Oid) is
            (_, Oids.RsaEncryption) or (Oids.Sha256, Oids.Sha256WithRsa) or (Oids.Sha384, Oids.Sha384WithRsa) or (Oids.Sha512, Oids.Sha512WithRsa);
        return allowed && Hash(DigestAlgorithm) is { } hash ? hash : throw new TimeStampRefusedException(TimeStampFault.Algorithm);
    }

    private SigningCertificates Bound() => SigningCertificates.Read(_attributes.Find(SigningCertificates.Oid)
        ?? throw new TimeStampRefusedException(TimeStampFault.Signer));

    private static AsnReader Value(SignedAttributes attributes, string oid) =>
        new(attributes.Find(oid) ?? throw Der.Malformed("signed attributes"), AsnEncodingRules.DER);
}
