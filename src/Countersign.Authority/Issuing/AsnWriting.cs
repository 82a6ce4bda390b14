using System.Formats.Asn1;
using Countersign.Cryptography;

namespace Countersign.Authority;

/// <summary>The pieces that certificates and revocation lists share.</summary>
internal static class AsnWriting
{
    private const int FirstYearOfGeneralizedTime = 2050;

    /// <summary>Time of RFC 5280 section 4.1.2.5.</summary>
    public static void WriteTime(this AsnWriter writer, DateTimeOffset time)
    {
        if (time.UtcDateTime.Year < FirstYearOfGeneralizedTime)
            writer.WriteUtcTime(time);
        else
            writer.WriteGeneralizedTime(time, omitFractionalSeconds: true);
    }

    /// <summary>Extension, RFC 5280 section 4.1.</summary>
    public static void WriteExtension(this AsnWriter writer, string oid, bool critical, Action<AsnWriter> writeValue)
    {
        var value = new AsnWriter(AsnEncodingRules.DER);
        writeValue(value);
        using var _ = writer.PushSequence();
        writer.WriteObjectIdentifier(oid);
        if (critical)
            writer.WriteBoolean(true);
        writer.WriteOctetString(value.Encode());
    }

    public static void WriteAuthorityKeyIdentifier(this AsnWriter writer, VerificationKey issuer) =>
        writer.WriteExtension(Oids.AuthorityKeyIdentifier, critical: false, w =>
        {
            using var _ = w.PushSequence();
            w.WriteOctetString(KeyIdentifier.Of(issuer), new Asn1Tag(TagClass.ContextSpecific, 0));
        });
}

/// <summary>Key identifiers: the leftmost 160 bits of SHA-256 over the public key info, in the manner of RFC 7093 section 2.</summary>
internal static class KeyIdentifier
{
    private const int Size = 20;

    public static byte[] Of(VerificationKey key) => Hash32.Sha256(key.SubjectPublicKeyInfo).ToArray()[..Size];
}
