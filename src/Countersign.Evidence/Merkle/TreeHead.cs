using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>A tree up to a size: what `seen` names (SPEC section 7).</summary>
/// <param name="Size">Number of entries.</param>
/// <param name="Root">RFC 9162 root over them.</param>
public readonly record struct TreeHead(ulong Size, Hash32 Root)
{
    /// <summary>The transcript before its genesis.</summary>
    public static TreeHead Empty { get; } = new(0, MerkleHash.Empty);

    public static TreeHead Read(CborInput input)
    {
        input.StartArray(2);
        var head = new TreeHead(input.UInt(), input.Hash());
        input.EndArray();
        return head;
    }

    public void Write(CborOutput output) => output.StartArray(2).UInt(Size).Hash(Root).EndArray();
}
