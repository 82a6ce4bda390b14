using System.Formats.Asn1;
using System.Net;

namespace Countersign.Cryptography;

/// <summary>A name of subjectAltName, or of a time-stamp token: one of the kinds this profile reads, or <see cref="Other"/>.</summary>
internal abstract record GeneralName
{
    public sealed record Dns(string Value) : GeneralName;
    public sealed record Uri(string Value) : GeneralName;
    public sealed record Ip(IPAddress Value) : GeneralName;
    public sealed record Directory(DistinguishedName Value) : GeneralName;
    public sealed record Other : GeneralName;

    /// <summary>GeneralName, RFC 5280 section 4.2.1.6.</summary>
    public static GeneralName Read(AsnReader reader)
    {
        var tag = reader.PeekTag();
        if (tag.TagClass != TagClass.ContextSpecific || tag.TagValue > 8)
            throw Der.Malformed("general name");
        switch (tag.TagValue)
        {
            case 2:
                return new Dns(reader.ReadCharacterString(UniversalTagNumber.IA5String, tag));
            case 4:
                return ReadDirectory(reader.ReadSequence(tag)); // explicit, for a Name is a CHOICE
            case 6:
                return new Uri(reader.ReadCharacterString(UniversalTagNumber.IA5String, tag));
            case 7:
                var bytes = reader.ReadOctets(tag);
                return bytes.Length is 4 or 16 ? new Ip(new IPAddress(bytes.Span)) : throw Der.Malformed("address");
            default:
                reader.ReadEncodedValue();
                return new Other();
        }
    }

    private static Directory ReadDirectory(AsnReader reader)
    {
        var name = DistinguishedName.Read(reader);
        reader.ThrowIfNotEmpty();
        return new(name);
    }
}
