using System.Formats.Asn1;
using System.Text;

namespace Countersign.Cryptography;

/// <summary>A subject or issuer (RFC 5280 section 4.1.2.4), compared by its encoding, byte for byte (CE-01).</summary>
public sealed class DistinguishedName : IEquatable<DistinguishedName>
{
    private readonly ReadOnlyMemory<byte> _der;

    private DistinguishedName(ReadOnlyMemory<byte> der, IReadOnlyList<string> commonNames, bool isEmpty)
    {
        _der = der;
        CommonNames = commonNames;
        IsEmpty = isEmpty;
    }

    /// <summary>The encoded Name.</summary>
    public ReadOnlyMemory<byte> Der => _der;

    /// <summary>Values of the commonName attributes in their order: outside text, to be sanitised before it is shown.</summary>
    public IReadOnlyList<string> CommonNames { get; }

    /// <summary>A name without any attribute.</summary>
    public bool IsEmpty { get; }

    /// <summary>The name without attributes.</summary>
    public static DistinguishedName Empty { get; } = new(new byte[] { 0x30, 0x00 }, [], isEmpty: true);

    /// <summary>A name of one commonName, as this program issues them (UTF8String).</summary>
    public static DistinguishedName FromCommonName(string commonName)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSetOf())
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(Oids.CommonName);
            writer.WriteCharacterString(UniversalTagNumber.UTF8String, commonName);
        }
        return new(writer.Encode(), [commonName], isEmpty: false);
    }

    internal static DistinguishedName Read(AsnReader outer)
    {
        var der = outer.PeekEncodedValue();
        var names = new List<string>();
        var sequence = outer.ReadSequence();
        var isEmpty = !sequence.HasData;
        while (sequence.HasData)
        {
            var set = sequence.ReadSetOf();
            do
            {
                var attribute = set.ReadSequence();
                var isCommonName = attribute.ReadObjectIdentifier() == Oids.CommonName;
                if (isCommonName)
                    names.Add(ReadDirectoryString(attribute));
                else
                    attribute.ReadEncodedValue();
                attribute.ThrowIfNotEmpty();
            }
            while (set.HasData);
        }
        return new(der, names.ToArray(), isEmpty);
    }

    // CE-09: what RFC 5280 section 4.1.2.4 has certificates written in. The older types have characters that each reader takes for others.
    private static string ReadDirectoryString(AsnReader reader)
    {
        var tag = reader.PeekTag();
        var kind = tag.TagClass == TagClass.Universal ? (UniversalTagNumber)tag.TagValue : default;
        return kind is UniversalTagNumber.UTF8String or UniversalTagNumber.PrintableString
            ? reader.ReadCharacterString(kind)
            : throw Countersign.Cryptography.Der.Malformed("directory string");
    }

    public bool Equals(DistinguishedName? other) => other is not null && _der.Span.SequenceEqual(other._der.Span);
    public override bool Equals(object? obj) => Equals(obj as DistinguishedName);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(_der.Span);
        return hash.ToHashCode();
    }

    /// <summary>The common names, joined: outside text.</summary>
    public override string ToString() => new StringBuilder("CN=").AppendJoin(", CN=", CommonNames).ToString();
}
