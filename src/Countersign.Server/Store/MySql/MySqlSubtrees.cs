using Countersign.Evidence;

namespace Countersign.Server;

/// <summary>Part of a migration: computes what is stored with each entry of its transcript's tree from the entries themselves.</summary>
internal static class MySqlSubtrees
{
    private const int EntriesAtOnce = 64;

    public static async Task NameColumnAsync(MySqlSession session)
    {
        if (await session.NumberAsync(
                "SELECT count(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'entries' AND column_name = 'subtree'").ConfigureAwait(false) == 0)
            await session.RunAsync("ALTER TABLE entries RENAME COLUMN root TO subtree").ConfigureAwait(false);
    }

    public static async Task StoreAsync(MySqlSession session)
    {
        for (var number = await NextAsync(session, 0).ConfigureAwait(false); number is { } conversation;
             number = await NextAsync(session, conversation).ConfigureAwait(false))
        {
            var tree = new MerkleFrontier();
            while (await PageAsync(session, conversation, tree.Size).ConfigureAwait(false) is { Count: > 0 } page)
                await StoreAsync(session, conversation, tree, page).ConfigureAwait(false);
        }
    }

    private static async Task StoreAsync(MySqlSession session, long conversation, MerkleFrontier tree, IReadOnlyList<byte[]> page)
    {
        await session.RunAsync("START TRANSACTION").ConfigureAwait(false); // one sync for the page
        foreach (var bytes in page)
        {
            var position = (long)tree.Size;
            tree.Append(MerkleHash.Leaf(bytes));
            await session.ExecuteAsync(
                "UPDATE entries SET subtree = @3 WHERE conversation = @1 AND position = @2", conversation, position, tree.Last.Column()).ConfigureAwait(false);
        }
        await session.RunAsync("COMMIT").ConfigureAwait(false);
    }

    private static Task<long?> NextAsync(MySqlSession session, long after) =>
        session.NumberAsync("SELECT min(number) FROM conversations WHERE number > @1", after);

    private static Task<IReadOnlyList<byte[]>> PageAsync(MySqlSession session, long conversation, ulong from) => session.AllAsync(
        "SELECT bytes FROM entries WHERE conversation = @1 AND position >= @2 ORDER BY position LIMIT @3",
        static row => row.Bytes(0),
        conversation, from.Bounded(), EntriesAtOnce);
}
