using System.Formats.Asn1;

namespace Countersign.Cryptography;

/// <summary>Refuses an encoding that is not DER all the way down, in what a signature covers: in BER one value has many encodings.</summary>
internal static class DerForm
{
    // Attributes with a name in them nest about ten deep.
    private const int MaxDepth = 32;

    /// <exception cref="AsnContentException">Not one DER value.</exception>
    public static void Check(ReadOnlyMemory<byte> der)
    {
        var reader = new AsnReader(der, AsnEncodingRules.DER);
        Check(reader, MaxDepth);
        reader.ThrowIfNotEmpty();
    }

    private static void Check(AsnReader reader, int depth)
    {
        if (depth == 0)
            throw Der.Malformed("nesting");
        if (!reader.PeekTag().IsConstructed)
        {
            CheckPrimitive(reader);
            return;
        }
        var inner = Enter(reader);
        while (inner.HasData)
            Check(inner, depth - 1);
    }

    // In DER nothing else is constructed: strings in pieces are BER.
    private static AsnReader Enter(AsnReader reader) => reader.PeekTag() switch
    {
        { TagClass: TagClass.Universal, TagValue: (int)UniversalTagNumber.SetOf } => reader.ReadSetOf(), // checks the order
        { TagClass: TagClass.Universal, TagValue: (int)UniversalTagNumber.Sequence } => reader.ReadSequence(),
        { TagClass: TagClass.Universal } => throw Der.Malformed("constructed string"),
        var tag => reader.ReadSequence(tag),
    };

    // Values inside strings and integers are checked where they are used; lengths and the forms that DER forbids, here.
    private static void CheckPrimitive(AsnReader reader)
    {
        if (reader.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean))
            reader.ReadBoolean();
        else if (reader.PeekTag().HasSameClassAndValue(Asn1Tag.Integer))
            reader.ReadIntegerBytes();
        else
            reader.ReadEncodedValue();
    }
}
