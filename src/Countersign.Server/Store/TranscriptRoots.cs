using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Server;

/// <summary>Roots of the past, from the complete subtrees that are stored with the entries: most are never asked for.</summary>
internal static class TranscriptRoots
{
    /// <summary>The root at <paramref name="size"/> (at least 1); null beyond the end or for an unknown conversation.</summary>
    public static async Task<Hash32?> RootAtAsync(this ITranscriptStore store, ConversationId conversation, ulong size)
    {
        var ends = MerkleFrontier.Ends(size);
        var subtrees = await store.SubtreesAsync(conversation, ends).ConfigureAwait(false);
        return subtrees.Count == ends.Count ? MerkleFrontier.Of(size, subtrees).Root : null;
    }

    /// <summary>Whether the last entry's stored subtree is the one of a tree that was made of the entries: then, when all before it were, so
    /// is every root.</summary>
    public static async Task<bool> KeepsLastAsync(this ITranscriptStore store, ConversationId conversation, MerkleFrontier tree) =>
        await store.SubtreesAsync(conversation, [tree.Size - 1]).ConfigureAwait(false) is [var stored] && stored == tree.Last;
}
