using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Server;

public sealed partial class SqliteStore
{
    public Task<IReadOnlyList<StoredConversation>> UnstampedAsync(long after, int limit) => Read<IReadOnlyList<StoredConversation>>("unstamped", session => session.All(
        "SELECT number, conversation, size, root, stamped FROM conversations WHERE stamped < size AND number > $1 ORDER BY number LIMIT $2",
        Rows.Unstamped, after, limit));

    public Task PutStampsAsync(IReadOnlyList<SignedHead> heads, TimeStampToken token) => _writer.WriteAsync("stamps", session =>
    {
        session.Execute("INSERT INTO tokens (bytes) VALUES ($1)", token.Der.ToArray());
        var number = session.Number("SELECT last_insert_rowid()")!.Value;
        foreach (var head in heads)
        {
            var (conversation, size) = (head.Head.Conversation.Column(), head.Head.Size.Bounded());
            if (session.Execute("UPDATE conversations SET stamped = $2 WHERE conversation = $1 AND stamped < $2", conversation, size) > 0)
                session.Execute(
                    "INSERT INTO stamps (conversation, size, head, token) SELECT number, $2, $3, $4 FROM conversations WHERE conversation = $1",
                    conversation, size, head.Encode(), number);
        }
        return heads.Count;
    });

    public Task<IReadOnlyList<StampedHead>> StampsAsync(ConversationId conversation, ulong from, ulong until, int limit) =>
        Read<IReadOnlyList<StampedHead>>("stamps", session => session.All(
            """
            SELECT s.head, t.bytes, s.size FROM stamps s JOIN tokens t ON t.number = s.token
            WHERE s.conversation = (SELECT number FROM conversations WHERE conversation = $1) AND s.size >= $2 AND s.size <= $3
            ORDER BY s.size LIMIT $4
            """,
            Rows.Stamp,
            conversation.Column(), from.Bounded(), until.Bounded(), limit));
}
