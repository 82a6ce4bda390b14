using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Countersign.Cryptography;

/// <summary>The signed attribute SigningCertificateV2 (RFC 5035 section 3): its first ESSCertIDv2 binds a signature to one certificate,
/// without which it could be passed off as made under another certificate of the same key; further ones name those above it.</summary>
internal sealed class SigningCertificates
{
    public const string Oid = "1.2.840.113549.1.9.16.2.47";

    private readonly List<Identifier> _all;

    private SigningCertificates(List<Identifier> all) => _all = all;

    // SigningCertificateV2 ::= SEQUENCE { certs SEQUENCE OF ESSCertIDv2, policies SEQUENCE OF PolicyInformation OPTIONAL }
    /// <exception cref="TimeStampRefusedException">A hash that is not allowed (TS-03).</exception>
    /// <exception cref="AsnContentException">Not that grammar.</exception>
    public static SigningCertificates Read(ReadOnlyMemory<byte> attributeValue)
    {
        var outer = new AsnReader(attributeValue, AsnEncodingRules.DER);
        var reader = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        var list = reader.ReadSequence();
        var all = new List<Identifier>();
        do
            all.Add(Identifier.Read(list));
        while (list.HasData);
        if (reader.HasData)
            reader.ReadSequence();
        reader.ThrowIfNotEmpty();
        return new(all);
    }

    /// <summary>Has the hash of the signer's certificate, whatever kind of certificate that is.</summary>
    public bool HasHashOf(ReadOnlySpan<byte> certificate) => _all[0].HasHashOf(certificate);

    /// <summary>TS-03: the first names the signer's certificate, and each further one a certificate of its path.</summary>
    public bool Name(CertificatePath path) => _all[0].Names(path.Leaf) && _all.TrueForAll(one => path.All.Any(one.Names));

    // ESSCertIDv2 ::= SEQUENCE { hashAlgorithm AlgorithmIdentifier DEFAULT sha256, certHash OCTET STRING, issuerSerial OPTIONAL }
    private sealed record Identifier(HashAlgorithmName Algorithm, ReadOnlyMemory<byte> Hash, CertificateReference? IssuerSerial)
    {
        public static Identifier Read(AsnReader outer)
        {
            var reader = outer.ReadSequence();
            // Some write the default out: it is signed, so that nobody else can.
            var algorithm = reader.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence) ? Allowed(AlgorithmName.Read(reader)) : HashAlgorithmName.SHA256;
            var hash = reader.ReadOctets();
            var named = reader.HasData ? CertificateReference.ReadIssuerSerial(reader) : null;
            reader.ThrowIfNotEmpty();
            return new(algorithm, hash, named);
        }

        public bool HasHashOf(ReadOnlySpan<byte> certificate) =>
            CryptographicOperations.HashData(Algorithm, certificate).AsSpan().SequenceEqual(Hash.Span);

        public bool Names(Certificate certificate) =>
            HasHashOf(certificate.Der.Span) && (IssuerSerial is null || IssuerSerial.Names(certificate));

        private static HashAlgorithmName Allowed(AlgorithmName named) =>
            TimeStampSignature.Hash(named) ?? throw new TimeStampRefusedException(TimeStampFault.Algorithm); // TS-03
    }
}
