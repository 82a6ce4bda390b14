using System.Formats.Asn1;

namespace Countersign.Cryptography;

/// <summary>What a certificate, a revocation list (RFC 5280) and a certification request (RFC 2986) have in common:
/// SEQUENCE { part to be signed, algorithm, signature }. Parsed, not yet verified.</summary>
internal sealed class SignedStructure
{
    private readonly ReadOnlyMemory<byte> _toBeSigned;
    private readonly ReadOnlyMemory<byte> _signature;

    private SignedStructure(ReadOnlyMemory<byte> toBeSigned, CertificateSignatureAlgorithm algorithm, ReadOnlyMemory<byte> signature)
    {
        _toBeSigned = toBeSigned;
        Algorithm = algorithm;
        _signature = signature;
    }

    /// <summary>The algorithm stated outside the signed part; certificates and lists state it inside too (CE-02).</summary>
    public CertificateSignatureAlgorithm Algorithm { get; }

    /// <summary>A reader for the fields of the signed part.</summary>
    public AsnReader Fields() => new AsnReader(_toBeSigned, AsnEncodingRules.DER).ReadSequence();

    public static SignedStructure Read(AsnReader reader)
    {
        var outer = reader.ReadSequence();
        var toBeSigned = outer.PeekEncodedValue();
        outer.ReadSequence();
        var algorithm = CertificateSignatureAlgorithm.Read(outer);
        var signature = outer.ReadWholeBytes();
        outer.ThrowIfNotEmpty();
        return new SignedStructure(toBeSigned, algorithm, signature);
    }

    /// <summary>Refuses if the signature does not verify with <paramref name="key"/>.</summary>
    public void Verify(VerificationKey key, CertificateFault otherwise = CertificateFault.Signature)
    {
        if (!key.VerifiesCertificateData(_toBeSigned.Span, _signature.Span, Algorithm.Hash, Algorithm.Padding))
            throw new CertificateRefusedException(otherwise);
    }
}
