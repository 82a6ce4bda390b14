using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Protocol;

/// <summary><c>[44, id, after]</c>: which conversations does this device see? From the first on, or after the last one of the
/// page before.</summary>
public sealed record ListConversations(ulong Id, ConversationId? After) : Request(Id)
{
    internal override MessageType Type => MessageType.List;
    internal override int Fields => 2;

    private protected override void WriteRest(CborOutput output)
    {
        if (After is { } after)
            output.Conversation(after);
        else
            output.Null();
    }

    internal static ListConversations Read(CborInput input) => new(input.UInt(), input.TryNull() ? null : input.Conversation());
}

/// <summary>A conversation and how many entries of it the asking device sees.</summary>
public sealed record ListedConversation(ConversationId Conversation, ulong Size)
{
    internal static ListedConversation Read(CborInput input)
    {
        input.StartArray(2);
        var listed = new ListedConversation(input.Conversation(), input.UInt());
        input.EndArray();
        return listed;
    }

    internal void Write(CborOutput output) => output.StartArray(2).Conversation(Conversation).UInt(Size).EndArray();
}

/// <summary><c>[45, id, conversations, more]</c>, ascending by conversation id.</summary>
public sealed record Listed(ulong Id, EquatableList<ListedConversation> Conversations, bool More) : Answer(Id)
{
    internal override MessageType Type => MessageType.Listed;
    internal override int Fields => 3;
    private protected override void WriteRest(CborOutput output) => output.List(Conversations, static (o, item) => item.Write(o)).Bool(More);
    internal static Listed Read(CborInput input) =>
        new(input.UInt(), input.List(0, SessionItems.MaxListed, ListedConversation.Read), input.Bool());
}

/// <summary><c>[46, id, conversation, from]</c>: the entries from this position on.</summary>
public sealed record Fetch(ulong Id, ConversationId Conversation, ulong From) : Request(Id)
{
    internal override MessageType Type => MessageType.Fetch;
    internal override int Fields => 3;
    private protected override void WriteRest(CborOutput output) => output.Conversation(Conversation).UInt(From);
    internal static Fetch Read(CborInput input) => new(input.UInt(), input.Conversation(), input.UInt());
}

/// <summary><c>[47, id, conversation, from, entries, signed_head]</c>: a page (SE-02), with the head exactly when it
/// reaches the end of the transcript.</summary>
public sealed record Fetched(ulong Id, ConversationId Conversation, ulong From, EquatableList<Encoded<Entry>> Entries, SignedHead? Head) : Answer(Id)
{
    internal override MessageType Type => MessageType.Fetched;
    internal override int Fields => 5;

    private protected override void WriteRest(CborOutput output) => output
        .Conversation(Conversation).UInt(From).List(Entries, static (o, entry) => o.Encoded(entry))
        .OrNull(Head, static (o, head) => head.Write(o));

    internal static Fetched Read(CborInput input) => new(
        input.UInt(), input.Conversation(), input.UInt(), input.List(0, SessionItems.MaxEntries, static i => i.Entry()), input.OrNull(SignedHead.Read));
}
