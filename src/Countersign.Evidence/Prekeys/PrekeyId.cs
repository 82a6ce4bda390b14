using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>H("prekey id", prekey bytes), SPEC section 9.</summary>
public readonly record struct PrekeyId(Hash32 Value)
{
    public static PrekeyId Of(ReadOnlySpan<byte> prekey) => new(Hash32.Labelled(Label.PrekeyId, prekey));

    public override string ToString() => Value.ToString();
}
