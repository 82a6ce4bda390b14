using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>head = [conversation, size: uint, root: hash]: one conversation's transcript up to a size (SPEC section 8).</summary>
public readonly record struct Head(ConversationId Conversation, ulong Size, Hash32 Root)
{
    public TreeHead Tree => new(Size, Root);

    public static Head Read(CborInput input)
    {
        input.StartArray(3);
        var head = new Head(new ConversationId(input.Hash()), input.UInt(), input.Hash());
        input.EndArray();
        return head;
    }

    public void Write(CborOutput output) =>
        output.StartArray(3).Hash(Conversation.Value).UInt(Size).Hash(Root).EndArray();

    /// <summary>The bytes that a batch's leaf hashes (RC-01).</summary>
    public byte[] Encode() => CborOutput.Encode(this, static (output, head) => head.Write(output));
}
