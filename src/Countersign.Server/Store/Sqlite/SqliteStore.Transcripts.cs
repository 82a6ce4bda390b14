using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Server;

public sealed partial class SqliteStore
{
    public Task AppendAsync(IReadOnlyList<ConversationAppend> appends) => _writer.WriteAsync("append", session =>
    {
        foreach (var append in appends)
            Append(session, append);
        return appends.Count;
    });

    public Task<ConversationRecord?> FindConversationAsync(ConversationId conversation) => Read("conversation", session => session.First(
        """
        SELECT c.size, c.root, s.size, s.bytes, EXISTS (SELECT 1 FROM held h WHERE h.conversation = c.conversation)
        FROM conversations c JOIN snapshots s ON s.conversation = c.number WHERE c.conversation = $1
        """,
        Rows.Conversation,
        conversation.Column()));

    public Task<IReadOnlyList<ReadOnlyMemory<byte>>> ReadEntriesAsync(ConversationId conversation, ulong from, ulong until, int maxBytes) =>
        Read<IReadOnlyList<ReadOnlyMemory<byte>>>("entries", session =>
        {
            var entries = new List<ReadOnlyMemory<byte>>();
            var left = maxBytes;
            session.While(
                """
                SELECT bytes FROM entries WHERE conversation = (SELECT number FROM conversations WHERE conversation = $1)
                AND position >= $2 AND position < $3 ORDER BY position
                """,
                row =>
                {
                    var bytes = row.Bytes(0);
                    left -= bytes.Length;
                    if (left < 0 && entries.Count > 0)
                        return false;
                    entries.Add(bytes);
                    return true;
                },
                conversation.Column(), from.Bounded(), until.Bounded());
            return entries;
        });

    public Task<IReadOnlyList<Hash32>> SubtreesAsync(ConversationId conversation, IReadOnlyList<ulong> positions) =>
        Read<IReadOnlyList<Hash32>>("subtrees", session =>
        {
            var subtrees = new List<Hash32>(positions.Count);
            foreach (var position in positions)
            {
                if (session.FirstValue(
                        "SELECT subtree FROM entries WHERE conversation = (SELECT number FROM conversations WHERE conversation = $1) AND position = $2",
                        static row => row.Hash(0),
                        conversation.Column(), position.Bounded()) is not { } subtree)
                    break;
                subtrees.Add(subtree);
            }
            return subtrees;
        });

    public Task<PlacedEntry?> FindEntryAsync(ConversationId conversation, DeviceId author, ulong seq) =>
        Read("entry", session => Find(session, conversation, author, seq));

    public Task<IReadOnlyList<(ulong Seq, PlacedEntry Entry)>> FindEntriesAsync(ConversationId conversation, DeviceId author, IReadOnlyCollection<ulong> seqs) =>
        Read<IReadOnlyList<(ulong, PlacedEntry)>>("entries", session =>
            [.. seqs.Select(seq => (seq, Entry: Find(session, conversation, author, seq))).Where(static found => found.Entry is not null)
                .Select(static found => (found.seq, found.Entry!.Value))]);

    private static PlacedEntry? Find(SqliteSession session, ConversationId conversation, DeviceId author, ulong seq) => session.FirstValue(
        """
        SELECT position, hash FROM entries WHERE conversation = (SELECT number FROM conversations WHERE conversation = $1)
        AND device = $2 AND seq = $3
        """,
        Rows.PlacedEntry,
        conversation.Column(), author.Column(), seq.Bounded());

    public Task<MembershipSpan?> FindMembershipAsync(ConversationId conversation, DeviceId device) => Read("membership", session => session.FirstValue(
        "SELECT since, until FROM members WHERE device = $1 AND conversation = $2",
        Rows.Membership,
        device.Column(), conversation.Column()));

    public Task<IReadOnlyList<DeviceId>> MembersAsync(ConversationId conversation) => Read<IReadOnlyList<DeviceId>>("members", session => session.All(
        "SELECT device FROM members WHERE conversation = $1 AND until IS NULL ORDER BY device", static row => row.Device(0), conversation.Column()));

    public Task<IReadOnlyList<ConversationSize>> ConversationsOfAsync(DeviceId device, ConversationId? after, int limit) =>
        Read<IReadOnlyList<ConversationSize>>("conversations of a device", session => session.All(
            """
            SELECT m.conversation, c.size, m.since, m.until FROM members m JOIN conversations c ON c.conversation = m.conversation
            WHERE m.device = $1 AND m.conversation > $2 ORDER BY m.conversation LIMIT $3
            """,
            Rows.ConversationOfDevice,
            device.Column(), after?.Column() ?? [], limit));

    public Task<IReadOnlyList<StoredConversation>> ConversationsAsync(long from, int limit) => Read<IReadOnlyList<StoredConversation>>("conversations", session => session.All(
        "SELECT number, conversation, size, root FROM conversations WHERE number >= $1 ORDER BY number LIMIT $2", Rows.Stored, from, limit));

    public Task<int> ConversationsFoundedAsync(UserName user, int limit) => Read("conversations founded", session => (int)session.Number(
        """
        SELECT count(*) FROM (
            SELECT 1 FROM devices d
            JOIN members m ON m.device = d.device
            JOIN conversations c ON c.conversation = m.conversation
            JOIN entries e ON e.conversation = c.number AND e.position = 0 AND e.device = d.device
            WHERE d.user = $1 LIMIT $2)
        """,
        user.ToString(), limit)!);

    public Task<ReceiptOutcome> PutReceiptAsync(ReceiptRecord receipt) => _writer.WriteAsync("receipt", session => session.Execute(
        """
        INSERT INTO receipts (conversation, device, final, size, bytes) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (conversation, device, final) DO UPDATE SET size = excluded.size, bytes = excluded.bytes WHERE excluded.size > receipts.size
        """,
        receipt.Conversation.Column(), receipt.Device.Column(), receipt.IsFinal ? 1 : 0, receipt.Size.Bounded(), receipt.Bytes.ToArray()) == 1
            ? ReceiptOutcome.Kept
            : ReceiptOutcome.NotNewer);

    public Task<IReadOnlyList<ReceiptRecord>> ReceiptsAsync(ConversationId conversation, DeviceId? after, ulong? until, int devices) =>
        Read<IReadOnlyList<ReceiptRecord>>("receipts", session => session.All(
            """
            SELECT conversation, device, final, size, bytes FROM receipts WHERE conversation = $1 AND ($3 IS NULL OR size <= $3) AND device IN
            (SELECT DISTINCT device FROM receipts WHERE conversation = $1 AND device > $2 AND ($3 IS NULL OR size <= $3) ORDER BY device LIMIT $4)
            ORDER BY device, final
            """,
            Rows.Receipt,
            conversation.Column(), after?.Column() ?? [], until?.Bounded(), devices));

    private static void Append(SqliteSession session, ConversationAppend append)
    {
        var size = (long)append.From + append.Entries.Count;
        var root = append.Root.Column();
        var number = append.From == 0 ? Create(session, append, size, root) : Grow(session, append, size, root);
        var position = (long)append.From;
        foreach (var entry in append.Entries)
            session.Entries.Run(number, position++, entry);
        if (append.Snapshot is { } snapshot)
            session.Execute(
                "INSERT OR REPLACE INTO snapshots (conversation, size, bytes) VALUES ($1, $2, $3)", number, size, snapshot.ToArray());
        foreach (var change in append.Memberships)
            Change(session, append.Conversation, change);
    }

    private static long Create(SqliteSession session, ConversationAppend append, long size, byte[] root)
    {
        session.Execute("INSERT INTO conversations (conversation, size, root) VALUES ($1, $2, $3)", append.Conversation.Column(), size, root);
        return session.Number("SELECT last_insert_rowid()")!.Value;
    }

    // The old size in the condition is what notices a second server on the same database.
    private static long Grow(SqliteSession session, ConversationAppend append, long size, byte[] root) =>
        session.Number(
            "UPDATE conversations SET size = $3, root = $4 WHERE conversation = $1 AND size = $2 RETURNING number",
            append.Conversation.Column(), (long)append.From, size, root)
        ?? throw new StoreException(StoreFault.Conflict, "The conversation does not have the expected size.");

    private static void Change(SqliteSession session, ConversationId conversation, MembershipChange change)
    {
        if (change.IsMember)
            session.Execute(
                """
                INSERT INTO members (device, conversation, since, until) VALUES ($1, $2, $3, NULL)
                ON CONFLICT (device, conversation) DO UPDATE SET since = excluded.since, until = NULL
                """,
                change.Device.Column(), conversation.Column(), (long)change.At);
        else
            session.Execute(
                "UPDATE members SET until = $3 WHERE device = $1 AND conversation = $2 AND until IS NULL",
                change.Device.Column(), conversation.Column(), (long)change.At);
    }
}
