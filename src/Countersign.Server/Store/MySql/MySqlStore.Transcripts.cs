using System.Globalization;
using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Server;

public sealed partial class MySqlStore
{
    private const string OfConversation = "WHERE conversation = (SELECT number FROM conversations WHERE conversation = @1) ";

    private const int EntryColumns = 7;

    private static readonly Dictionary<int, string> InsertEntries = Enumerable.Range(0, 7).Select(static power => 1 << power).ToDictionary(
        static rows => rows,
        static rows => "INSERT INTO entries (conversation, position, device, seq, hash, subtree, bytes) VALUES " + Statements.Values(rows, EntryColumns));

    public Task AppendAsync(IReadOnlyList<ConversationAppend> appends) => _writer.WriteAsync("append", async session =>
    {
        var rows = new List<object[]>();
        foreach (var append in appends)
        {
            var number = await ResizeAsync(session, append).ConfigureAwait(false);
            rows.AddRange(append.Entries.Select((entry, i) => new object[]
            {
                number, (long)append.From + i, entry.Author.Column(), entry.Seq.Bounded(), entry.Hash.Column(), entry.Subtree.Column(), entry.Bytes.ToArray(),
            }));
            await StoreStateAsync(session, append, number).ConfigureAwait(false);
        }
        foreach (var (from, count) in Statements.Runs(rows.Count))
            await session.ExecuteAsync(InsertEntries[count], [.. rows.Skip(from).Take(count).SelectMany(static row => row)]).ConfigureAwait(false);
        return rows.Count;
    });

    public Task<ConversationRecord?> FindConversationAsync(ConversationId conversation) => Read("conversation", session => session.FirstAsync(
        """
        SELECT c.size, c.root, s.size, s.bytes, EXISTS (SELECT 1 FROM held h WHERE h.conversation = c.conversation)
        FROM conversations c JOIN snapshots s ON s.conversation = c.number WHERE c.conversation = @1
        """,
        Rows.Conversation,
        conversation.Column()));

    public Task<IReadOnlyList<ReadOnlyMemory<byte>>> ReadEntriesAsync(ConversationId conversation, ulong from, ulong until, int maxBytes) =>
        Read<IReadOnlyList<ReadOnlyMemory<byte>>>("entries", async session =>
        {
            // In pages: a reader that stops early would otherwise be sent the rest of a long transcript.
            const int Page = 256;
            var entries = new List<ReadOnlyMemory<byte>>();
            var (left, position, full) = ((long)maxBytes, from, false);
            while (!full && position < until)
            {
                var page = await session.AllAsync(
                    "SELECT bytes FROM entries " + OfConversation + "AND position >= @2 AND position < @3 ORDER BY position",
                    static row => row.Bytes(0),
                    conversation.Column(), position.Bounded(), Math.Min(until, position + Page).Bounded()).ConfigureAwait(false);
                foreach (var bytes in page.TakeWhile(bytes => entries.Count == 0 || left >= bytes.Length))
                {
                    left -= bytes.Length;
                    entries.Add(bytes);
                }
                position += Page;
                full = page.Count < Page || (ulong)entries.Count < position - from;
            }
            return entries;
        });

    public Task<IReadOnlyList<Hash32>> SubtreesAsync(ConversationId conversation, IReadOnlyList<ulong> positions) =>
        Read<IReadOnlyList<Hash32>>("subtrees", async session =>
        {
            if (positions.Count == 0)
                return [];
            var places = string.Join(", ", Enumerable.Range(2, positions.Count).Select(static number => string.Create(CultureInfo.InvariantCulture, $"@{number}")));
            var found = await session.AllAsync(
                "SELECT position, subtree FROM entries " + OfConversation + $"AND position IN ({places}) ORDER BY position",
                static row => (Position: (ulong)row.GetInt64(0), Subtree: row.Hash(1)),
                [conversation.Column(), .. positions.Select(static position => (object)position.Bounded())]).ConfigureAwait(false);
            return [.. found.Where((row, index) => row.Position == positions[index]).Select(static row => row.Subtree)];
        });

    public Task<PlacedEntry?> FindEntryAsync(ConversationId conversation, DeviceId author, ulong seq) => Read("entry", session => session.FirstValueAsync(
        "SELECT position, hash FROM entries " + OfConversation + "AND device = @2 AND seq = @3",
        Rows.PlacedEntry,
        conversation.Column(), author.Column(), seq.Bounded()));

    public Task<IReadOnlyList<(ulong Seq, PlacedEntry Entry)>> FindEntriesAsync(ConversationId conversation, DeviceId author, IReadOnlyCollection<ulong> seqs) =>
        Read<IReadOnlyList<(ulong Seq, PlacedEntry Entry)>>("entries", async session =>
        {
            if (seqs.Count == 0)
                return [];
            var places = string.Join(", ", Enumerable.Range(3, seqs.Count).Select(static number => string.Create(CultureInfo.InvariantCulture, $"@{number}")));
            return await session.AllAsync(
                "SELECT position, hash, seq FROM entries " + OfConversation + $"AND device = @2 AND seq IN ({places})",
                static row => ((ulong)row.GetInt64(2), Rows.PlacedEntry(row)),
                [conversation.Column(), author.Column(), .. seqs.Select(static seq => (object)seq.Bounded())]).ConfigureAwait(false);
        });

    public Task<MembershipSpan?> FindMembershipAsync(ConversationId conversation, DeviceId device) => Read("membership", session => session.FirstValueAsync(
        "SELECT since, until FROM members WHERE device = @1 AND conversation = @2", Rows.Membership, device.Column(), conversation.Column()));

    public Task<IReadOnlyList<DeviceId>> MembersAsync(ConversationId conversation) => Read("members", session => session.AllAsync(
        "SELECT device FROM members WHERE conversation = @1 AND until IS NULL ORDER BY device", static row => row.Device(0), conversation.Column()));

    public Task<IReadOnlyList<ConversationSize>> ConversationsOfAsync(DeviceId device, ConversationId? after, int limit) =>
        Read("conversations of a device", session => session.AllAsync(
            """
            SELECT m.conversation, c.size, m.since, m.until FROM members m JOIN conversations c ON c.conversation = m.conversation
            WHERE m.device = @1 AND m.conversation > @2 ORDER BY m.conversation LIMIT @3
            """,
            Rows.ConversationOfDevice,
            device.Column(), after?.Column() ?? [], limit));

    public Task<IReadOnlyList<StoredConversation>> ConversationsAsync(long from, int limit) => Read("conversations", session => session.AllAsync(
        "SELECT number, conversation, size, root FROM conversations WHERE number >= @1 ORDER BY number LIMIT @2", Rows.Stored, from, limit));

    public Task<int> ConversationsFoundedAsync(UserName user, int limit) => Read("conversations founded", async session => (int)(await session.NumberAsync(
        """
        SELECT count(*) FROM (
            SELECT 1 FROM devices d
            JOIN members m ON m.device = d.device
            JOIN conversations c ON c.conversation = m.conversation
            JOIN entries e ON e.conversation = c.number AND e.position = 0 AND e.device = d.device
            WHERE d.user = @1 LIMIT @2) founded
        """,
        user.ToString(), limit).ConfigureAwait(false))!);

    public Task<ReceiptOutcome> PutReceiptAsync(ReceiptRecord receipt) => _writer.WriteAsync("receipt", async session => await session.ExecuteAsync(
        """
        INSERT INTO receipts (conversation, device, final, size, bytes) VALUES (@1, @2, @3, @4, @5)
        ON DUPLICATE KEY UPDATE bytes = IF(VALUES(size) > size, VALUES(bytes), bytes), size = GREATEST(size, VALUES(size))
        """,
        receipt.Conversation.Column(), receipt.Device.Column(), receipt.IsFinal ? 1 : 0, receipt.Size.Bounded(), receipt.Bytes.ToArray()).ConfigureAwait(false) > 0
            ? ReceiptOutcome.Kept
            : ReceiptOutcome.NotNewer);

    public Task<IReadOnlyList<ReceiptRecord>> ReceiptsAsync(ConversationId conversation, DeviceId? after, ulong? until, int devices) => Read("receipts", session => session.AllAsync(
        """
        SELECT r.conversation, r.device, r.final, r.size, r.bytes FROM receipts r JOIN
        (SELECT DISTINCT device FROM receipts WHERE conversation = @1 AND device > @2 AND (@3 IS NULL OR size <= @3) ORDER BY device LIMIT @4) page
        ON page.device = r.device WHERE r.conversation = @1 AND (@3 IS NULL OR r.size <= @3) ORDER BY r.device, r.final
        """,
        Rows.Receipt,
        conversation.Column(), after?.Column() ?? [], until?.Bounded(), devices));

    // The old size in the condition is what notices a second server on the same database.
    private static async Task<long> ResizeAsync(MySqlSession session, ConversationAppend append)
    {
        var (size, root) = ((long)append.From + append.Entries.Count, append.Root.Column());
        var changed = append.From == 0
            ? await session.ExecuteAsync("INSERT INTO conversations (conversation, size, root) VALUES (@1, @2, @3)", append.Conversation.Column(), size, root).ConfigureAwait(false)
            : await session.ExecuteAsync(
                "UPDATE conversations SET size = @3, root = @4, number = LAST_INSERT_ID(number) WHERE conversation = @1 AND size = @2",
                append.Conversation.Column(), (long)append.From, size, root).ConfigureAwait(false);
        return changed == 1 ? session.LastNumber : throw new StoreException(StoreFault.Conflict, "The conversation does not have the expected size.");
    }

    private static async Task StoreStateAsync(MySqlSession session, ConversationAppend append, long number)
    {
        if (append.Snapshot is { } snapshot)
            await session.ExecuteAsync(
                """
                INSERT INTO snapshots (conversation, size, bytes) VALUES (@1, @2, @3) ON DUPLICATE KEY UPDATE size = VALUES(size), bytes = VALUES(bytes)
                """,
                number, (long)append.From + append.Entries.Count, snapshot.ToArray()).ConfigureAwait(false);
        foreach (var change in append.Memberships)
            await session.ExecuteAsync(
                change.IsMember
                    ? "INSERT INTO members (device, conversation, since, until) VALUES (@1, @2, @3, NULL) ON DUPLICATE KEY UPDATE since = VALUES(since), until = NULL"
                    : "UPDATE members SET until = @3 WHERE device = @1 AND conversation = @2 AND until IS NULL",
                change.Device.Column(), append.Conversation.Column(), (long)change.At).ConfigureAwait(false);
    }
}
