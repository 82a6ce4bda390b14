using System.Formats.Asn1;

namespace Countersign.Cryptography.Tests;

/// <summary>AlgorithmIdentifiers of RSASSA-PSS (RFC 4055 section 3.1).</summary>
internal static class PssAlgorithm
{
    public static byte[] Encode(string hash = Oids.Sha256, string maskHash = Oids.Sha256, int salt = 32, bool withNull = true)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(Oids.RsaPss);
            using var parameters = writer.PushSequence();
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
                WriteHash(writer, hash, withNull);
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 1)))
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(Oids.Mgf1);
                WriteHash(writer, maskHash, withNull);
            }
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 2)))
                writer.WriteInteger(salt);
        }
        return writer.Encode();
    }

    private static void WriteHash(AsnWriter writer, string oid, bool withNull)
    {
        using var _ = writer.PushSequence();
        writer.WriteObjectIdentifier(oid);
        if (withNull)
            writer.WriteNull();
    }
}
