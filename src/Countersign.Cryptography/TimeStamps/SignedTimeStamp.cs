using System.Formats.Asn1;

namespace Countersign.Cryptography;

/// <summary>The CMS SignedData around a TSTInfo (RFC 5652 section 5.1), in the forms that TS-01 allows.</summary>
/// <remarks>Read by this project's own reader: the platform's takes BER, and refuses a token for a certificate in it that nobody needs.
/// What no signature covers anybody can write anew, so that one token has many encodings: none of what may differ has a meaning here.</remarks>
/// <param name="Content">DER of TSTInfo, as signed.</param>
/// <param name="Certificates">What stands in the place of certificates, in the token's order: at most 16, each parsed by whoever needs it.</param>
/// <param name="Signature">Its only signature.</param>
internal sealed record SignedTimeStamp(ReadOnlyMemory<byte> Content, IReadOnlyList<ReadOnlyMemory<byte>> Certificates, TimeStampSignature Signature)
{
    /// <summary>id-ct-TSTInfo, RFC 3161 section 2.4.2.</summary>
    public const string ContentType = "1.2.840.113549.1.9.16.1.4";

    private const string SignedDataType = "1.2.840.113549.1.7.2";
    private const int Version = 3; // RFC 5652 section 5.1: content that is no id-data, and nothing of newer kinds
    private const int MaxCertificates = 16; // each costs a look, whoever put it there

    /// <exception cref="AsnContentException">Not that (TS-01).</exception>
    public static SignedTimeStamp Read(ReadOnlyMemory<byte> der)
    {
        var outer = new AsnReader(der, AsnEncodingRules.DER);
        var data = ReadTyped(outer, SignedDataType).ReadSequence();
        outer.ThrowIfNotEmpty();
        if (!data.TryReadInt32(out var version) || version != Version)
            throw Der.Malformed("version");
        var digests = data.ReadSetOf();
        var digest = AlgorithmName.Read(digests);
        digests.ThrowIfNotEmpty();
        var content = ReadTyped(data, ContentType).ReadOctets();
        var certificates = ReadOthers(data, 0, MaxCertificates);
        ReadOthers(data, 1, int.MaxValue); // revocation lists: those of the judge count (TS-05)
        var signers = data.ReadSetOf();
        data.ThrowIfNotEmpty();
        var signature = TimeStampSignature.Read(signers, content);
        signers.ThrowIfNotEmpty();
        if (!digest.Is(signature.DigestAlgorithm.Oid))
            throw Der.Malformed("digest algorithms");
        return new(content, certificates, signature);
    }

    /// <summary>TS-03: the certificate in the token that its signature is bound to.</summary>
    /// <exception cref="TimeStampRefusedException">It is not there, or the signature is bound to none.</exception>
    public ReadOnlyMemory<byte> FindCertificate() => Signature.FindCertificate(Certificates);

    // ContentInfo and EncapsulatedContentInfo ::= SEQUENCE { contentType, [0] EXPLICIT … }
    private static AsnReader ReadTyped(AsnReader outer, string type)
    {
        var reader = outer.ReadSequence();
        if (reader.ReadObjectIdentifier() != type)
            throw Der.Malformed("content type");
        var tagged = reader.ReadSequence(Der.Context(0, constructed: true));
        reader.ThrowIfNotEmpty();
        var value = tagged.ReadEncodedValue();
        tagged.ThrowIfNotEmpty();
        return new AsnReader(value, AsnEncodingRules.DER);
    }

    // Certificates or lists: they come in the order that authorities like, and are looked into by whoever needs them. Other kinds than
    // X.509's own have tags, and another version of the whole.
    private static List<ReadOnlyMemory<byte>> ReadOthers(AsnReader data, int number, int most)
    {
        var all = new List<ReadOnlyMemory<byte>>();
        if (!data.NextIs(number))
            return all;
        var set = data.ReadSetOf(skipSortOrderValidation: true, Der.Context(number, constructed: true));
        while (set.HasData)
        {
            if (!set.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence) || all.Count == most)
                throw Der.Malformed("certificates or lists");
            all.Add(set.ReadEncodedValue());
        }
        return all;
    }
}
