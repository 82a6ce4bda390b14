using System.Formats.Asn1;

namespace Countersign.Cryptography;

/// <summary>An AlgorithmIdentifier of a token, judged where it is used.</summary>
/// <param name="Oid">Its identifier.</param>
/// <param name="IsPlain">Its parameters are absent or NULL: authorities write both, and both mean the same (RFC 5754).</param>
internal readonly record struct AlgorithmName(string Oid, bool IsPlain)
{
    public static AlgorithmName Read(AsnReader outer)
    {
        var reader = outer.ReadSequence();
        var oid = reader.ReadObjectIdentifier();
        var plain = !reader.HasData || reader.PeekTag().HasSameClassAndValue(Asn1Tag.Null);
        if (reader.HasData && plain)
            reader.ReadNull();
        else if (reader.HasData)
            reader.ReadEncodedValue();
        reader.ThrowIfNotEmpty();
        return new(oid, plain);
    }

    /// <summary>This algorithm, without any parameters.</summary>
    public bool Is(string oid) => IsPlain && Oid == oid;
}
