using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Protocol;

/// <summary><c>[56, id, receipt]</c>: what this device holds (RC-04, RC-06).</summary>
public sealed record PutReceipt(ulong Id, Encoded<Receipt> Receipt) : Request(Id)
{
    internal override MessageType Type => MessageType.PutReceipt;
    internal override int Fields => 2;
    private protected override void WriteRest(CborOutput output) => output.Encoded(Receipt);
    internal static PutReceipt Read(CborInput input) => new(input.UInt(), input.Receipt());
}

/// <summary><c>[57, id, conversation, after]</c>: the newest receipts of a conversation's devices, from the first
/// device on or after the last one of the page before.</summary>
public sealed record GetReceipts(ulong Id, ConversationId Conversation, DeviceId? After) : Request(Id)
{
    internal override MessageType Type => MessageType.GetReceipts;
    internal override int Fields => 3;

    private protected override void WriteRest(CborOutput output)
    {
        output.Conversation(Conversation);
        if (After is { } after)
            output.Device(after);
        else
            output.Null();
    }

    internal static GetReceipts Read(CborInput input) => new(input.UInt(), input.Conversation(), input.TryNull() ? null : input.Device());
}

/// <summary><c>[58, id, receipts, more]</c>, ascending by device; all of one device stand in one page.</summary>
public sealed record Receipts(ulong Id, EquatableList<Encoded<Receipt>> Held, bool More) : Answer(Id)
{
    internal override MessageType Type => MessageType.Receipts;
    internal override int Fields => 3;
    private protected override void WriteRest(CborOutput output) => output.List(Held, static (o, receipt) => o.Encoded(receipt)).Bool(More);
    internal static Receipts Read(CborInput input) =>
        new(input.UInt(), input.List(0, SessionItems.MaxReceipts, static i => i.Receipt()), input.Bool());
}

/// <summary><c>[71, receipts]</c>: newer receipts of other devices.</summary>
public sealed record PushReceipts(EquatableList<Encoded<Receipt>> Receipts) : Push
{
    internal override MessageType Type => MessageType.PushReceipts;
    internal override int Fields => 1;
    internal override void WriteFields(CborOutput output) => output.List(Receipts, static (o, receipt) => o.Encoded(receipt));
    internal static PushReceipts Read(CborInput input) => new(input.List(1, SessionItems.MaxReceipts, static i => i.Receipt()));
}
