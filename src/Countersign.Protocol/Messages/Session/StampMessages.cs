using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Protocol;

/// <summary><c>[65, id, conversation, from]</c>: the stamped heads of a conversation, of sizes from this one on.</summary>
public sealed record GetStamps(ulong Id, ConversationId Conversation, ulong From) : Request(Id)
{
    internal override MessageType Type => MessageType.GetStamps;
    internal override int Fields => 3;
    private protected override void WriteRest(CborOutput output) => output.Conversation(Conversation).UInt(From);
    internal static GetStamps Read(CborInput input) => new(input.UInt(), input.Conversation(), input.UInt());
}

/// <summary><c>[66, id, stamps, more]</c>, ascending by size.</summary>
public sealed record Stamps(ulong Id, EquatableList<Encoded<StampedHead>> Held, bool More) : Answer(Id)
{
    /// <summary>Most stamped heads in one message.</summary>
    public const int MaxCount = SessionItems.MaxStamps;

    internal override MessageType Type => MessageType.Stamps;
    internal override int Fields => 3;
    private protected override void WriteRest(CborOutput output) => output.List(Held, static (o, stamp) => o.Encoded(stamp)).Bool(More);
    internal static Stamps Read(CborInput input) => new(input.UInt(), input.List(0, MaxCount, static i => i.Stamp()), input.Bool());
}

/// <summary><c>[74, stamp]</c>: a newer stamped head.</summary>
public sealed record PushStamp(Encoded<StampedHead> Stamp) : Push
{
    internal override MessageType Type => MessageType.PushStamp;
    internal override int Fields => 1;
    internal override void WriteFields(CborOutput output) => output.Encoded(Stamp);
    internal static PushStamp Read(CborInput input) => new(input.Stamp());
}
