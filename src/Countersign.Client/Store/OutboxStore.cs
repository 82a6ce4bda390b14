using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>Something this device has written and the server has not accepted.</summary>
/// <remarks>Local ids ascend in the order of writing. Bytes, Seq and Seen are null for a text that waits for an epoch. Failed is why it
/// is not accepted now: REPLAY for good, since a copy of the profile took its place; STALE for good, since it was for one person alone
/// (IsAlone) and others have come.</remarks>
internal sealed record OutboxItem(
    long Local, ConversationId Conversation, EntryType Type, DateTimeOffset Queued, ulong? Seq, ulong? Seen, byte[]? Bytes, WireCode? Failed, bool IsAlone);

/// <summary>The outbox: signed bytes are stored before they are sent and never change (EN-17).</summary>
internal sealed class OutboxStore(ClientDatabase database, Vault vault)
{
    private const string Columns = "SELECT local, conversation, type, queued, seq, seen, bytes, failed, alone FROM outbox ";
    private const string TextTable = "outbox text";
    private const string KeyTable = "outbox key";

    public long AddText(ConversationId id, ReadOnlySpan<byte> text, DateTimeOffset now, bool isAlone)
    {
        var copy = text.ToArray();
        long local = 0;
        database.InTransaction(() =>
        {
            database.Execute("INSERT INTO outbox(conversation, type, queued, alone) VALUES($1,$2,$3,$4)", id.Value, (long)EntryType.Message, now, isAlone ? 1L : 0L);
            local = database.LastRow();
            database.Execute("UPDATE outbox SET sealed_text=$2 WHERE local=$1", local, vault.Seal(VaultRow.Numbered(TextTable, local), copy));
        });
        return local;
    }

    /// <summary>Stores an entry that is no message, signed.</summary>
    public long AddSigned(Entry entry, DateTimeOffset now)
    {
        long local = 0;
        database.InTransaction(() =>
        {
            Author(entry);
            database.Execute("INSERT INTO outbox(conversation, type, queued, seq, seen, bytes) VALUES($1,$2,$3,$4,$5,$6)",
                entry.Conversation.Value, (long)entry.Type, now, entry.Seq, entry.Seen.Size, entry.Bytes.ToArray());
            local = database.LastRow();
        });
        return local;
    }

    /// <summary>Gives a waiting text its signed entry and keeps the entry's key.</summary>
    public void Sign(long local, Entry entry, MessageKey key) => database.InTransaction(() =>
    {
        Author(entry);
        using var exported = key.Export();
        database.Execute("UPDATE outbox SET seq=$2, seen=$3, bytes=$4, sealed_key=$5 WHERE local=$1 AND bytes IS NULL",
            local, entry.Seq, entry.Seen.Size, entry.Bytes.ToArray(), vault.Seal(VaultRow.Numbered(KeyTable, local), exported.Span));
    });

    /// <summary>In the order of writing.</summary>
    public List<OutboxItem> List(ConversationId id) => database.Query(Columns + "WHERE conversation=$1 ORDER BY local", Read, id.Value);

    public OutboxItem? Find(long local) => database.Query(Columns + "WHERE local=$1", Read, local).FirstOrDefault();

    public IReadOnlyList<ConversationId> Conversations() =>
        database.Query("SELECT DISTINCT conversation FROM outbox WHERE failed IS NULL", r => new ConversationId(r.Hash(0)));

    /// <summary>The text; the caller owns it.</summary>
    public Secret? Text(long local) => database.Blob("SELECT sealed_text FROM outbox WHERE local=$1", local) is { } value
        ? vault.Open(VaultRow.Numbered(TextTable, local), value) : null;

    /// <summary>The key of a signed message; the caller owns it.</summary>
    public MessageKey? Key(long local)
    {
        if (database.Blob("SELECT sealed_key FROM outbox WHERE local=$1", local) is not { } value)
            return null;
        using var key = vault.Open(VaultRow.Numbered(KeyTable, local), value);
        return MessageKey.Import(key);
    }

    public void Remove(long local) => database.Execute("DELETE FROM outbox WHERE local=$1", local);

    public void Fail(long local, WireCode code) => database.Execute("UPDATE outbox SET failed=$2 WHERE local=$1", local, (long)code);

    public void Revive(long local) => database.Execute("UPDATE outbox SET failed=NULL WHERE local=$1", local);

    /// <summary>A device that is a member again sends the same bytes again: they are as good as they were (EN-15, EN-17).</summary>
    public void Revive(ConversationId id) => database.Execute(
        "UPDATE outbox SET failed=NULL WHERE conversation=$1 AND failed=$2", id.Value, (long)WireCode.NotMember);

    /// <summary>The last (seq, seen size) this device signed in the conversation.</summary>
    public (ulong Seq, ulong Seen)? LastAuthored(ConversationId id) => database.Query(
        "SELECT seq, seen FROM authored WHERE conversation=$1", r => ((ulong, ulong)?)(r.Count(0), r.Count(1)), id.Value).FirstOrDefault();

    // EN-17: written ahead, in the transaction that stores the bytes. A seq again, after a stale entry, needs a larger `seen`.
    private void Author(Entry entry)
    {
        if (LastAuthored(entry.Conversation) is { } last && (entry.Seq < last.Seq || entry.Seq == last.Seq && entry.Seen.Size <= last.Seen))
            throw new InvalidOperationException("EN-17: this device has signed another entry for this place.");
        database.Execute("INSERT INTO authored VALUES($1,$2,$3) ON CONFLICT(conversation) DO UPDATE SET seq=excluded.seq, seen=excluded.seen",
            entry.Conversation.Value, entry.Seq, entry.Seen.Size);
    }

    private static OutboxItem Read(Microsoft.Data.Sqlite.SqliteDataReader row) => new(
        row.GetInt64(0), new ConversationId(row.Hash(1)), (EntryType)row.GetInt64(2), row.Time(3),
        row.IsDBNull(4) ? null : row.Count(4), row.IsDBNull(5) ? null : row.Count(5), row.BlobOrNull(6),
        row.IsDBNull(7) ? null : (WireCode)row.GetInt64(7), row.GetInt64(8) != 0);
}
