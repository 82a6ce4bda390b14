using System.Runtime.CompilerServices;

namespace Countersign.Server;

/// <summary>The conversations of a whole store, page by page, by their numbers: an id that is none ends nothing.</summary>
internal static class StoredConversations
{
    private const int Page = 256;

    /// <exception cref="StoreException">Unavailable.</exception>
    public static async IAsyncEnumerable<StoredConversation> ConversationsAsync(
        this ITranscriptStore store, [EnumeratorCancellation] CancellationToken cancellation)
    {
        for (long? next = long.MinValue; next is { } from;)
        {
            var page = await store.ConversationsAsync(from, Page).ConfigureAwait(false);
            foreach (var stored in page)
            {
                cancellation.ThrowIfCancellationRequested();
                yield return stored;
            }
            next = page is [.., { Number: < long.MaxValue } last] ? last.Number + 1 : null;
        }
    }
}
