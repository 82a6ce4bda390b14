using System.Formats.Asn1;

namespace Countersign.Cryptography;

/// <summary>An X.509 certificate (RFC 5280), parsed once and kept with its ready public key. Parsed is not trusted:
/// <see cref="PathValidator"/> says who it speaks for.</summary>
/// <remarks>Parsed by this project's own reader: the platform's certificate type consults stores, repairs encodings and
/// throws many kinds of exceptions (CE-11, CE-12). Immutable and thread-safe.</remarks>
public sealed class Certificate : IEquatable<Certificate>
{
    /// <summary>Largest certificate in bytes of DER.</summary>
    public const int MaxSize = 8192;

    private readonly SignedStructure _signed;

    private Certificate(ReadOnlyMemory<byte> der, SignedStructure signed, Fields fields)
    {
        Der = der;
        Fingerprint = Hash32.Sha256(der.Span);
        _signed = signed;
        Version = fields.Version;
        Serial = fields.Serial;
        Issuer = fields.Issuer;
        NotBefore = fields.NotBefore;
        NotAfter = fields.NotAfter;
        Subject = fields.Subject;
        PublicKey = fields.Key;
        HasUniqueIdentifier = fields.HasUniqueIdentifier;
        Extensions = fields.Extensions;
    }

    /// <summary>The certificate's DER, 1 to 8192 bytes.</summary>
    public ReadOnlyMemory<byte> Der { get; }

    /// <summary>SHA-256 of the DER: a device's id, a root's fingerprint.</summary>
    public Hash32 Fingerprint { get; }

    public SerialNumber Serial { get; }
    public DistinguishedName Issuer { get; }
    public DistinguishedName Subject { get; }

    /// <summary>First second of validity.</summary>
    public DateTimeOffset NotBefore { get; }

    /// <summary>Last second of validity.</summary>
    public DateTimeOffset NotAfter { get; }

    public VerificationKey PublicKey { get; }

    internal int Version { get; }
    internal bool HasUniqueIdentifier { get; }
    internal CertificateExtensions Extensions { get; }

    /// <summary>True for a certificate with basicConstraints cA: never a leaf.</summary>
    internal bool ClaimsAuthority => Extensions.BasicConstraints is { Value.IsAuthority: true };

    /// <summary>Parses DER completely. The bytes are copied.</summary>
    /// <exception cref="CertificateRefusedException">Not a certificate, or one with a key, algorithm or encoding that the
    /// profile refuses (CE-02, CE-08, CE-12).</exception>
    public static Certificate Parse(ReadOnlyMemory<byte> der)
    {
        if (der.Length is 0 or > MaxSize)
            throw new CertificateRefusedException(CertificateFault.Malformed);
        ReadOnlyMemory<byte> copy = der.ToArray();
        return Cryptography.Der.Parse(copy, reader =>
        {
            var signed = SignedStructure.Read(reader);
            return new Certificate(copy, signed, Fields.Read(signed));
        });
    }

    /// <summary>Parses the first CERTIFICATE block of PEM text (RFC 7468).</summary>
    /// <exception cref="CertificateRefusedException">No such block, or as for <see cref="Parse"/>.</exception>
    public static Certificate ParsePem(ReadOnlySpan<char> pem) => Parse(PemBlock.Read(pem, PemBlock.Certificate));

    /// <summary>Parses every CERTIFICATE block of PEM text, in its order.</summary>
    /// <exception cref="CertificateRefusedException">No such block, or as for <see cref="Parse"/>.</exception>
    public static IReadOnlyList<Certificate> ParseEveryPem(ReadOnlySpan<char> pem) =>
        [.. PemBlock.ReadEvery(pem, PemBlock.Certificate).Select(static der => Parse(der))];

    /// <summary>PEM text of the certificate, ending with a line feed.</summary>
    public string ToPem() => PemBlock.Write(PemBlock.Certificate, Der.Span);

    /// <summary>Says that <paramref name="issuer"/> issued it, by name and key identifier (CE-01, CE-04): the signature is another matter.</summary>
    public bool IsNamedUnder(Certificate issuer) =>
        Issuer.Equals(issuer.Subject)
        && issuer.Extensions.SubjectKeyIdentifier is { } identifier
        && Extensions.AuthorityKeyIdentifier is { } named && named.Value.Span.SequenceEqual(identifier.Value.Span);

    /// <summary>Refuses unless <paramref name="issuer"/>'s key made this certificate's signature (CE-01).</summary>
    internal void CheckSignedBy(Certificate issuer) => _signed.Verify(issuer.PublicKey);

    /// <summary>Whether it says that <paramref name="issuer"/> issued it, by name and by key identifier or signature: several CAs may have
    /// one name. One whose signature does not verify then is a forgery, and not one whose issuer is not there.</summary>
    public bool NamesAsIssuer(Certificate issuer)
    {
        if (!Issuer.Equals(issuer.Subject))
            return false;
        if (Extensions.AuthorityKeyIdentifier is { } named && issuer.Extensions.SubjectKeyIdentifier is { } key && named.Value.Span.SequenceEqual(key.Value.Span))
            return true;
        try
        {
            CheckSignedBy(issuer);
            return true;
        }
        catch (CertificateRefusedException)
        {
            return false;
        }
    }

    public bool Equals(Certificate? other) => other is not null && Fingerprint == other.Fingerprint;
    public override bool Equals(object? obj) => Equals(obj as Certificate);
    public override int GetHashCode() => Fingerprint.GetHashCode();

    /// <summary>The fingerprint: names are outside text.</summary>
    public override string ToString() => "Certificate " + Fingerprint;

    private sealed record Fields(int Version, SerialNumber Serial, DistinguishedName Issuer, DateTimeOffset NotBefore,
        DateTimeOffset NotAfter, DistinguishedName Subject, VerificationKey Key, bool HasUniqueIdentifier, CertificateExtensions Extensions)
    {
        // TBSCertificate ::= SEQUENCE { [0] version, serialNumber, signature, issuer, validity, subject,
        //     subjectPublicKeyInfo, [1] issuerUniqueID?, [2] subjectUniqueID?, [3] extensions? }
        public static Fields Read(SignedStructure signed)
        {
            var reader = signed.Fields();
            var version = ReadVersion(reader);
            var serial = new SerialNumber(reader.ReadIntegerBytes().Span);
            signed.CheckAlgorithmInside(reader); // CE-02
            var issuer = DistinguishedName.Read(reader);
            var validity = reader.ReadSequence();
            var notBefore = validity.ReadTime();
            var notAfter = validity.ReadTime();
            validity.ThrowIfNotEmpty();
            var subject = DistinguishedName.Read(reader);
            var key = reader.ReadKey();
            var hasUniqueIdentifier = SkipIdentifier(reader, 1) | SkipIdentifier(reader, 2);
            var extensions = ReadExtensions(reader);
            reader.ThrowIfNotEmpty();
            return new(version, serial, issuer, notBefore, notAfter, subject, key, hasUniqueIdentifier, extensions);
        }

        private static int ReadVersion(AsnReader reader)
        {
            if (!reader.NextIs(0))
                return 1;
            var tagged = reader.ReadSequence(Cryptography.Der.Context(0, constructed: true));
            var version = tagged.TryReadInt32(out var value) && value is 1 or 2 ? value + 1 : throw Cryptography.Der.Malformed("version");
            tagged.ThrowIfNotEmpty();
            return version;
        }

        private static bool SkipIdentifier(AsnReader reader, int number)
        {
            if (!reader.NextIs(number))
                return false;
            reader.ReadEncodedValue();
            return true;
        }

        private static CertificateExtensions ReadExtensions(AsnReader reader)
        {
            if (!reader.NextIs(3))
                return CertificateExtensions.None;
            var tagged = reader.ReadSequence(Cryptography.Der.Context(3, constructed: true));
            var extensions = CertificateExtensions.Read(tagged);
            tagged.ThrowIfNotEmpty();
            return extensions;
        }
    }
}
