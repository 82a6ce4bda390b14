using System.Formats.Asn1;
using System.Security.Cryptography.Pkcs;

namespace Countersign.Cryptography;

/// <summary>The fields of a CMS SignedData that no signature covers: RFC 5652 leaves them no choice, so that no byte of a token can
/// be another without a refusal (TS-01).</summary>
internal static class UnsignedFields
{
    private const int DataVersion = 3; // section 5.1: content that is no id-data
    private const int ByIssuerAndSerial = 1; // section 5.3
    private const int ByKeyIdentifier = 3;

    /// <param name="der">Checked to be DER.</param>
    /// <param name="cms">The same, decoded.</param>
    /// <param name="signer">Its only signer.</param>
    /// <exception cref="TimeStampRefusedException">Malformed.</exception>
    /// <exception cref="AsnContentException">Malformed.</exception>
    public static void Check(ReadOnlyMemory<byte> der, SignedCms cms, SignerInfo signer)
    {
        var version = signer.SignerIdentifier.Type == SubjectIdentifierType.SubjectKeyIdentifier ? ByKeyIdentifier : ByIssuerAndSerial;
        if (cms.Version != DataVersion || signer.Version != version || DigestAlgorithm(der) != signer.DigestAlgorithm.Value)
            throw new TimeStampRefusedException(TimeStampFault.Malformed);
    }

    // ContentInfo ::= SEQUENCE { contentType, [0] SignedData }; SignedData ::= SEQUENCE { version, digestAlgorithms SET, … }
    private static string DigestAlgorithm(ReadOnlyMemory<byte> der)
    {
        var info = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
        info.ReadObjectIdentifier();
        var data = info.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0)).ReadSequence();
        data.ReadInteger();
        var set = data.ReadSetOf();
        var algorithm = set.ReadSequence();
        set.ThrowIfNotEmpty();
        var identifier = algorithm.ReadObjectIdentifier();
        if (algorithm.HasData)
            algorithm.ReadNull();
        algorithm.ThrowIfNotEmpty();
        return identifier;
    }
}
