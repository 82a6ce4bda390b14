using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>What a bundle says it holds (BU-03). Nobody signed it: it tells damage from tampering, and proves nothing.</summary>
/// <remarks><code>manifest = [1, conversation, size: uint, shown: uint, disclosed: uint, [8*9 [name: tstr, hash]]]</code></remarks>
/// <param name="Conversation">Whose transcript.</param>
/// <param name="Size">Entries of the transcript, withheld ones included.</param>
/// <param name="Shown">Entries whose bytes are there: <paramref name="Size"/> but in the compact form.</param>
/// <param name="Disclosed">Messages whose key is there.</param>
/// <param name="Digests">SHA-256 of every other member, in their order.</param>
public sealed record BundleManifest(
    ConversationId Conversation, ulong Size, ulong Shown, ulong Disclosed, IReadOnlyList<(BundleMember Member, Hash32 Hash)> Digests)
{
    private const int MaxName = 32;

    public void Write(CborOutput output)
    {
        output.StartArray(6).UInt(1).Hash(Conversation.Value).UInt(Size).UInt(Shown).UInt(Disclosed).StartArray(Digests.Count);
        foreach (var (member, hash) in Digests)
            output.StartArray(2).Text(member.FileName()).Hash(hash).EndArray();
        output.EndArray().EndArray();
    }

    /// <param name="input">The manifest.</param>
    /// <param name="members">The members of the container, which the manifest has to name.</param>
    /// <exception cref="MalformedException">Not this grammar, or it names others.</exception>
    internal static BundleManifest Read(CborInput input, IEnumerable<BundleMember> members)
    {
        input.StartArray(6);
        if (input.UInt() != 1)
            throw new MalformedException("BU-03: version");
        var conversation = new ConversationId(input.Hash());
        var (size, shown, disclosed) = (input.UInt(MaxSize), input.UInt(MaxSize), input.UInt(MaxSize));
        var others = members.Where(static member => member != BundleMember.Manifest).ToList();
        var digests = new List<(BundleMember, Hash32)>();
        input.StartArray(others.Count);
        foreach (var member in others)
        {
            input.StartArray(2);
            if (input.Text(MaxName) != member.FileName())
                throw new MalformedException("BU-03: members");
            digests.Add((member, input.Hash()));
            input.EndArray();
        }
        input.EndArray();
        input.EndArray();
        return new BundleManifest(conversation, size, shown, disclosed, digests);
    }

    /// <summary>Entries a transcript in a bundle has at most: 2^40.</summary>
    internal const ulong MaxSize = 1UL << 40;
}
