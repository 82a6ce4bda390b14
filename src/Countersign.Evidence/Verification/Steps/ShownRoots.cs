using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>The transcript's roots at the sizes that heads are over, before anything else is asked of it: only a head that is one of this
/// transcript says when an entry of it was there (BU-18). Inside a subtree of withheld messages, and beyond the end, there is none (BU-22).</summary>
internal static class ShownRoots
{
    /// <summary>By size, as far as the transcript shows them.</summary>
    /// <param name="entries">entries.cbor, read to its end or to the first item that cannot stand where it stands. Nothing is verified.</param>
    /// <param name="asked">Sizes, in any order.</param>
    public static IReadOnlyDictionary<ulong, Hash32> Of(Stream entries, IEnumerable<ulong> asked)
    {
        var wanted = asked.ToHashSet();
        var roots = new Dictionary<ulong, Hash32>();
        if (wanted.Count == 0)
            return roots;
        var sequence = new CborSequence(entries, TranscriptItem.MaxBytes);
        var tree = new MerkleFrontier();
        try
        {
            while (sequence.TryRead(TranscriptItem.ReadNode, out var node) && node.FitsAt(tree.Size))
            {
                tree.AppendSubtree(node.Root, node.Level);
                if (wanted.Contains(tree.Size))
                    roots[tree.Size] = tree.Root;
            }
        }
        catch (MalformedException)
        {
            // The transcript ends here, for whoever reads it in earnest too.
        }
        return roots;
    }
}
