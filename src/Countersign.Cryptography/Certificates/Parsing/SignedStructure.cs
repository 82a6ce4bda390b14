using System.Formats.Asn1;

namespace Countersign.Cryptography;

/// <summary>What a certificate, a revocation list (RFC 5280) and a certification request (RFC 2986) have in common:
/// SEQUENCE { part to be signed, algorithm, signature }. Parsed, not yet verified.</summary>
internal sealed class SignedStructure
{
    private readonly ReadOnlyMemory<byte> _toBeSigned;
    private readonly CertificateSignatureAlgorithm _algorithm;
    private readonly ReadOnlyMemory<byte> _encodedAlgorithm;
    private readonly ReadOnlyMemory<byte> _signature;

    private SignedStructure(ReadOnlyMemory<byte> toBeSigned, CertificateSignatureAlgorithm algorithm, ReadOnlyMemory<byte> encodedAlgorithm,
        ReadOnlyMemory<byte> signature)
    {
        _toBeSigned = toBeSigned;
        _algorithm = algorithm;
        _encodedAlgorithm = encodedAlgorithm;
        _signature = signature;
    }

    /// <summary>A reader for the fields of the signed part.</summary>
    public AsnReader Fields() => new AsnReader(_toBeSigned, AsnEncodingRules.DER).ReadSequence();

    public static SignedStructure Read(AsnReader reader)
    {
        var outer = reader.ReadSequence();
        var toBeSigned = outer.ReadEncodedValue();
        var encodedAlgorithm = outer.PeekEncodedValue();
        var algorithm = CertificateSignatureAlgorithm.Read(outer);
        var signature = outer.ReadWholeBytes();
        outer.ThrowIfNotEmpty();
        return new SignedStructure(toBeSigned, algorithm, encodedAlgorithm, signature);
    }

    /// <summary>Reads the algorithm inside the signed part of a certificate or list. No signature covers the one outside: were it not the
    /// same bytes, anybody could make a second form of the structure, with another hash (CE-02).</summary>
    public void CheckAlgorithmInside(AsnReader fields)
    {
        if (!fields.ReadEncodedValue().Span.SequenceEqual(_encodedAlgorithm.Span))
            throw new CertificateRefusedException(CertificateFault.Algorithm);
    }

    /// <summary>Refuses if the signature does not verify with <paramref name="key"/>.</summary>
    public void Verify(VerificationKey key, CertificateFault otherwise = CertificateFault.Signature)
    {
        if (!key.VerifiesCertificateData(_toBeSigned.Span, _signature.Span, _algorithm.Hash, _algorithm.Padding))
            throw new CertificateRefusedException(otherwise);
    }
}
