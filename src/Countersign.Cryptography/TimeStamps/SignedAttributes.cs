using System.Formats.Asn1;

namespace Countersign.Cryptography;

/// <summary>Attributes of a signer (RFC 5652 section 5.3).</summary>
internal sealed class SignedAttributes
{
    private const string CounterSignature = "1.2.840.113549.1.9.6";

    private readonly List<(string Oid, List<ReadOnlyMemory<byte>> Values)> _all;

    private SignedAttributes(ReadOnlyMemory<byte> signed, List<(string, List<ReadOnlyMemory<byte>>)> all) => (Signed, _all) = (signed, all);

    /// <summary>The bytes that are signed: a SET OF in DER, where the token has [0] for its tag (RFC 5652 section 5.4).</summary>
    public ReadOnlyMemory<byte> Signed { get; }

    /// <summary>signedAttrs: DER, in its order.</summary>
    /// <exception cref="AsnContentException">Absent, not that, or with a counter-signature, which does not belong here.</exception>
    public static SignedAttributes Read(AsnReader signer)
    {
        const byte set = 0x31;
        var der = signer.ReadEncodedValue();
        DerForm.Check(der);
        byte[] signed = [set, .. der.Span[1..]];
        var reader = new AsnReader(der, AsnEncodingRules.DER).ReadSetOf(Der.Context(0, constructed: true));
        return new(signed, ReadAll(reader));
    }

    /// <summary>unsignedAttrs: whatever they say has no meaning here; but a token has no signature besides its authority's (RFC 3161
    /// section 2.4.2).</summary>
    /// <exception cref="AsnContentException">Not attributes, none at all, or with a counter-signature.</exception>
    public static void SkipUnsigned(AsnReader signer) =>
        ReadAll(signer.ReadSetOf(skipSortOrderValidation: true, Der.Context(1, constructed: true)));

    /// <summary>The one value of an attribute that is there once; null otherwise.</summary>
    public ReadOnlyMemory<byte>? Find(string oid)
    {
        if (_all.FindAll(a => a.Oid == oid) is [{ Values: [var value] }])
            return value;
        return null;
    }

    // Attribute ::= SEQUENCE { attrType, attrValues SET OF } in a SET SIZE (1..MAX)
    private static List<(string, List<ReadOnlyMemory<byte>>)> ReadAll(AsnReader set)
    {
        var all = new List<(string, List<ReadOnlyMemory<byte>>)>();
        do
        {
            var attribute = set.ReadSequence();
            var oid = attribute.ReadObjectIdentifier();
            if (oid == CounterSignature)
                throw Der.Malformed("counter-signature");
            var values = attribute.ReadSetOf(skipSortOrderValidation: true); // of signed ones it was checked
            attribute.ThrowIfNotEmpty();
            var held = new List<ReadOnlyMemory<byte>>();
            while (values.HasData)
                held.Add(values.ReadEncodedValue());
            all.Add((oid, held));
        }
        while (set.HasData);
        return all;
    }
}
