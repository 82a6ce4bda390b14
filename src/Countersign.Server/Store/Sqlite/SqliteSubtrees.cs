using Countersign.Evidence;

namespace Countersign.Server;

/// <summary>Part of a migration: computes what is stored with each entry of its transcript's tree from the entries themselves.</summary>
internal static class SqliteSubtrees
{
    private const int EntriesAtOnce = 64;

    public static void Store(SqliteSession session)
    {
        for (var number = Next(session, 0); number is { } conversation; number = Next(session, conversation))
        {
            var tree = new MerkleFrontier();
            while (Page(session, conversation, tree.Size) is { Count: > 0 } page)
                foreach (var bytes in page)
                {
                    var position = (long)tree.Size;
                    tree.Append(MerkleHash.Leaf(bytes));
                    session.Execute("UPDATE entries SET subtree = $3 WHERE conversation = $1 AND position = $2", conversation, position, tree.Last.Column());
                }
        }
    }

    private static long? Next(SqliteSession session, long after) =>
        session.Number("SELECT min(number) FROM conversations WHERE number > $1", after);

    private static List<byte[]> Page(SqliteSession session, long conversation, ulong from) => session.All(
        "SELECT bytes FROM entries WHERE conversation = $1 AND position >= $2 ORDER BY position LIMIT $3",
        static row => row.Bytes(0),
        conversation, from.Bounded(), EntriesAtOnce);
}
