using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>A conversation's name for machines: H("conversation id", genesis entry bytes), SPEC section 7.</summary>
public readonly record struct ConversationId(Hash32 Value) : IComparable<ConversationId>
{
    /// <summary>The id of the conversation that begins with exactly these entry bytes.</summary>
    public static ConversationId OfGenesis(ReadOnlySpan<byte> entry) => new(Hash32.Labelled(Label.ConversationId, entry));

    public int CompareTo(ConversationId other) => Value.CompareTo(other.Value);

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public override string ToString() => Value.ToString();
}
