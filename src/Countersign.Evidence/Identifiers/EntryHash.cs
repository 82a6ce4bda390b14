using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>An entry's name: H("entry hash", entry bytes), SPEC section 7. An epoch is named by the hash of its entry.</summary>
public readonly record struct EntryHash(Hash32 Value)
{
    public static EntryHash Of(ReadOnlySpan<byte> entry) => new(Hash32.Labelled(Label.EntryHash, entry));

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public override string ToString() => Value.ToString();
}
