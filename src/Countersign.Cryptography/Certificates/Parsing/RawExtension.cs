using System.Formats.Asn1;

namespace Countersign.Cryptography;

/// <summary>Extension of RFC 5280 section 4.1: identifier, criticality and the encoded value.</summary>
internal sealed record RawExtension(string Oid, bool IsCritical, ReadOnlyMemory<byte> Value)
{
    // The profile knows eight; a bound keeps the comparison of all with all short.
    private const int MaxCount = 32;

    /// <summary>Extensions ::= SEQUENCE SIZE (1..MAX) OF Extension, none twice (CE-08).</summary>
    public static List<RawExtension> ReadAll(AsnReader outer, Asn1Tag? tag = null)
    {
        var reader = outer.ReadSequence(tag);
        var all = new List<RawExtension>();
        do
        {
            var extension = Read(reader);
            if (all.Exists(e => e.Oid == extension.Oid))
                throw new CertificateRefusedException(CertificateFault.DuplicateExtension); // CE-08
            if (all.Count == MaxCount)
                throw Der.Malformed("too many extensions");
            all.Add(extension);
        }
        while (reader.HasData);
        return all;
    }

    private static RawExtension Read(AsnReader outer)
    {
        var reader = outer.ReadSequence();
        var oid = reader.ReadObjectIdentifier();
        var critical = reader.ReadDefaultFalse();
        var value = reader.ReadOctets();
        reader.ThrowIfNotEmpty();
        return new(oid, critical, value);
    }
}
