using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Countersign.Cryptography;

/// <summary>The signed attribute that binds a signature to one certificate: the first ESSCertIDv2 of SigningCertificateV2
/// (RFC 5035 section 4). Without it a signature could be passed off as made under another certificate of the same key.</summary>
internal sealed record SigningCertificateReference(HashAlgorithmName Algorithm, ReadOnlyMemory<byte> Hash)
{
    public const string Oid = "1.2.840.113549.1.9.16.2.47";

    // SigningCertificateV2 ::= SEQUENCE { certs SEQUENCE OF ESSCertIDv2, policies SEQUENCE OF PolicyInformation OPTIONAL }
    // ESSCertIDv2 ::= SEQUENCE { hashAlgorithm AlgorithmIdentifier DEFAULT sha256, certHash OCTET STRING, issuerSerial OPTIONAL }
    public static SigningCertificateReference Read(ReadOnlyMemory<byte> attributeValue)
    {
        var reference = new AsnReader(attributeValue, AsnEncodingRules.DER).ReadSequence().ReadSequence().ReadSequence();
        var algorithm = reference.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence)
            ? ReadAlgorithm(reference.ReadSequence())
            : HashAlgorithmName.SHA256;
        return new(algorithm, reference.ReadOctets());
    }

    public bool Names(ReadOnlySpan<byte> certificate) =>
        CryptographicOperations.HashData(Algorithm, certificate).AsSpan().SequenceEqual(Hash.Span);

    private static HashAlgorithmName ReadAlgorithm(AsnReader reader) => reader.ReadObjectIdentifier() switch
    {
        Oids.Sha256 => HashAlgorithmName.SHA256,
        Oids.Sha384 => HashAlgorithmName.SHA384,
        Oids.Sha512 => HashAlgorithmName.SHA512,
        _ => throw new TimeStampRefusedException(TimeStampFault.Algorithm), // TS-03
    };
}
