using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Protocol;

/// <summary><c>[40, id, entry]</c>: append this entry (section 7).</summary>
public sealed record Submit(ulong Id, Encoded<Entry> Entry) : Request(Id)
{
    internal override MessageType Type => MessageType.Submit;
    internal override int Fields => 2;
    private protected override void WriteRest(CborOutput output) => output.Encoded(Entry);
    internal static Submit Read(CborInput input) => new(input.UInt(), input.Entry());
}

/// <summary><c>[41, id, conversation, position, signed_head]</c>: the entry is durable at this position (TR-03, RC-03).</summary>
public sealed record Accepted(ulong Id, ConversationId Conversation, ulong Position, SignedHead Head) : Answer(Id)
{
    internal override MessageType Type => MessageType.Accepted;
    internal override int Fields => 4;

    private protected override void WriteRest(CborOutput output)
    {
        output.Conversation(Conversation).UInt(Position);
        Head.Write(output);
    }

    internal static Accepted Read(CborInput input) => new(input.UInt(), input.Conversation(), input.UInt(), SignedHead.Read(input));
}

/// <summary><c>[42, id, code]</c>: the request was not done, and the link stays.</summary>
public sealed record Refused(ulong Id, WireCode Code) : Answer(Id)
{
    internal override MessageType Type => MessageType.Refused;
    internal override int Fields => 2;
    private protected override void WriteRest(CborOutput output) => output.UInt((ulong)Code);
    internal static Refused Read(CborInput input) => new(input.UInt(), WireCodes.Read(input));
}

/// <summary><c>[43, id]</c>: the request was done and there is nothing else to say.</summary>
public sealed record Done(ulong Id) : Answer(Id)
{
    internal override MessageType Type => MessageType.Done;
    internal override int Fields => 1;
    private protected override void WriteRest(CborOutput output) { }
    internal static Done Read(CborInput input) => new(input.UInt());
}

/// <summary><c>[70, conversation, from, entries, signed_head]</c>: entries just accepted, in order (SE-04).</summary>
public sealed record PushEntries(ConversationId Conversation, ulong From, EquatableList<Encoded<Entry>> Entries, SignedHead Head) : Push
{
    internal override MessageType Type => MessageType.PushEntries;
    internal override int Fields => 4;

    internal override void WriteFields(CborOutput output)
    {
        output.Conversation(Conversation).UInt(From).List(Entries, static (o, entry) => o.Encoded(entry));
        Head.Write(output);
    }

    internal static PushEntries Read(CborInput input) => new(
        input.Conversation(), input.UInt(), input.List(1, SessionItems.MaxEntries, static i => i.Entry()), SignedHead.Read(input));
}
