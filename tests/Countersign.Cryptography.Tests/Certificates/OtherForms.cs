using System.Buffers.Binary;
using System.Formats.Asn1;

namespace Countersign.Cryptography.Tests;

/// <summary>The same value, more or less, in other bytes: what DER forbids and what a lenient reader lets pass.</summary>
internal static class OtherForms
{
    private static readonly byte[] Null = [5, 0];

    /// <summary>Of a signed structure, the signed part left as it is: nothing here breaks the signature, except where that itself changes.</summary>
    public static IEnumerable<(string What, byte[] Der)> OfUnsigned(byte[] structure) =>
        Of(structure, keepFirst: true).Append(("after the structure, a NULL", [.. structure, .. Null]));

    /// <summary>Of an AlgorithmIdentifier or anything else, wherever one can stand inside it.</summary>
    public static IEnumerable<(string What, byte[] Der)> Of(byte[] der, bool keepFirst = false)
    {
        var tag = Asn1Tag.Decode(der, out _);
        AsnDecoder.ReadEncodedValue(der, AsnEncodingRules.DER, out var start, out var length, out _);
        var content = der[start..(start + length)];
        foreach (var (what, form) in OfOne(der[0], tag, content))
            yield return ($"{tag}: {what}", form);
        if (!tag.IsConstructed)
            yield break;
        var children = Children(content);
        yield return ($"{tag}: a NULL at the end", Encode(der[0], [.. content, .. Null]));
        for (var i = keepFirst ? 1 : 0; i < children.Count; i++)
        {
            yield return ($"{tag}: without part {i}", Encode(der[0], Without(children, i)));
            yield return ($"{tag}: part {i} twice", Encode(der[0], With(children, i, [.. children[i], .. children[i]])));
            foreach (var (what, other) in Of(children[i]))
                yield return ($"{tag} › {what}", Encode(der[0], With(children, i, other)));
        }
    }

    // One tag, one length.
    private static IEnumerable<(string What, byte[] Der)> OfOne(byte first, Asn1Tag tag, byte[] content)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, content.Length);
        yield return ("a longer length", [first, 0x84, .. length, .. content]);
        yield return ("a longer tag", [(byte)(first | 0x1F), (byte)tag.TagValue, .. Encode(first, content)[1..]]);
        if (tag.IsConstructed)
        {
            yield return ("no length", [first, 0x80, .. content, 0, 0]);
            yield break;
        }
        yield return ("in pieces", Encode((byte)(first | 0x20), Encode(first, content)));
        yield return ("a zero before", Encode(first, [0, .. content]));
        yield return ("a zero after", Encode(first, [.. content, 0]));
        for (byte unused = 1; tag.HasSameClassAndValue(Asn1Tag.PrimitiveBitString) && unused < 8; unused++)
            yield return ($"{unused} bits unused", Encode(first, [unused, .. content[1..]]));
    }

    private static List<byte[]> Children(byte[] content)
    {
        var reader = new AsnReader(content, AsnEncodingRules.DER);
        var children = new List<byte[]>();
        while (reader.HasData)
            children.Add(reader.ReadEncodedValue().ToArray());
        return children;
    }

    private static byte[] With(List<byte[]> children, int at, byte[] other) => [.. children.SelectMany((child, i) => i == at ? other : child)];

    private static byte[] Without(List<byte[]> children, int at) => With(children, at, []);

    private static byte[] Encode(byte tag, byte[] content)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteOctetString(content);
        var der = writer.Encode();
        der[0] = tag;
        return der;
    }
}
