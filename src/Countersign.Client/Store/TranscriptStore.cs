using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Client;

/// <summary>One stored entry: its exact bytes, and the transcript's root after it.</summary>
internal sealed record StoredEntry(ulong Position, byte[] Bytes, Hash32 Root);

/// <summary>One verified entry, to be stored with the root after it.</summary>
internal sealed record NewEntry(ulong Position, Entry Entry, Hash32 Root);

/// <summary>The transcripts: append-only, by triggers of the database too. Size and root of each are sealed beside it, so that
/// whoever edits the file without the passphrase is found out when the conversation is opened.</summary>
internal sealed class TranscriptStore(ClientDatabase database, Vault vault)
{
    private const string Table = "conversation";

    public IReadOnlyList<ConversationId> List() =>
        database.Query("SELECT id FROM conversation ORDER BY id", r => new ConversationId(r.Hash(0)));

    public long Count() => database.Number("SELECT count(*) FROM conversation") ?? 0;

    public bool Contains(ConversationId id) => database.Number("SELECT 1 FROM conversation WHERE id=$1", id.Value) is not null;

    /// <summary>Begins an empty transcript; nothing happens if it is there.</summary>
    public void Create(ConversationId id) => database.Execute(
        "INSERT OR IGNORE INTO conversation(id, sealed_checkpoint) VALUES($1,$2)", id.Value, Sealed(id, TreeHead.Empty));

    /// <summary>Stores one entry that follows what is stored; <see cref="Seal(ConversationId, TreeHead)"/> comes after the last of a transaction.</summary>
    public void Append(ConversationId id, NewEntry added) => database.Execute(
        "INSERT INTO entry VALUES($1,$2,$3,$4,$5,$6,$7,$8)", id.Value, added.Position, added.Entry.Author.Value, added.Entry.Seq,
        (long)added.Entry.Type, added.Entry.Hash.Value, added.Root, added.Entry.Bytes.ToArray());

    /// <summary>Seals size and root of what is stored now.</summary>
    public void Seal(ConversationId id, TreeHead head) =>
        database.Execute("UPDATE conversation SET sealed_checkpoint=$2 WHERE id=$1", id.Value, Sealed(id, head));

    /// <summary>The root after the first <paramref name="size"/> entries, or null.</summary>
    public Hash32? RootAt(ConversationId id, ulong size) =>
        database.Blob("SELECT root FROM entry WHERE conversation=$1 AND position=$2", id.Value, size - 1) is { } root ? new Hash32(root) : null;

    /// <summary>Where an author used a sequence number.</summary>
    public PlacedEntry? Find(ConversationId id, DeviceId author, ulong seq) => database.Query(
        "SELECT position, hash FROM entry WHERE conversation=$1 AND author=$2 AND seq=$3",
        r => (PlacedEntry?)new PlacedEntry(r.Count(0), new EntryHash(r.Hash(1))), id.Value, author.Value, seq).FirstOrDefault();

    /// <summary>Positions of a device's messages from <paramref name="from"/> up to but without <paramref name="to"/>.</summary>
    public IReadOnlyList<ulong> MessagesOf(ConversationId id, DeviceId author, ulong from, ulong to) => database.Query(
        "SELECT position FROM entry WHERE conversation=$1 AND author=$2 AND type=$3 AND position>=$4 AND position<$5 ORDER BY position",
        r => r.Count(0), id.Value, author.Value, (long)EntryType.Message, from, to);

    /// <summary>Positions of all messages from the first to the last position, both included.</summary>
    public IReadOnlyList<ulong> Messages(ConversationId id, ulong first, ulong last) => database.Query(
        "SELECT position FROM entry WHERE conversation=$1 AND type=$2 AND position>=$3 AND position<=$4 ORDER BY position",
        r => r.Count(0), id.Value, (long)EntryType.Message, first, last);

    public bool IsMessage(ConversationId id, ulong position) => database.Number(
        "SELECT 1 FROM entry WHERE conversation=$1 AND position=$2 AND type=$3", id.Value, position, (long)EntryType.Message) is not null;

    public bool HasEntryOfOthers(ConversationId id, DeviceId own, ulong from, ulong to) => database.Number(
        "SELECT 1 FROM entry WHERE conversation=$1 AND author<>$2 AND position>=$3 AND position<$4 LIMIT 1", id.Value, own.Value, from, to) is not null;

    /// <summary>Messages of other devices from a position on.</summary>
    public int CountMessagesOfOthers(ConversationId id, DeviceId own, ulong from) => (int)(database.Number(
        "SELECT count(*) FROM entry WHERE conversation=$1 AND author<>$2 AND type=$3 AND position>=$4",
        id.Value, own.Value, (long)EntryType.Message, from) ?? 0);

    public List<StoredEntry> Read(ConversationId id, ulong from, int count) => database.Query(
        "SELECT position, bytes, root FROM entry WHERE conversation=$1 AND position>=$2 ORDER BY position LIMIT $3",
        r => new StoredEntry(r.Count(0), r.Blob(1), r.Hash(2)), id.Value, from, count);

    /// <summary>Size and root that this device stored last.</summary>
    /// <exception cref="ProfileDamagedException">The checkpoint was changed.</exception>
    public TreeHead Checkpoint(ConversationId id)
    {
        var value = database.Blob("SELECT sealed_checkpoint FROM conversation WHERE id=$1", id.Value)
            ?? throw new ProfileDamagedException("a conversation is missing");
        using var head = vault.Open(Row(id), value);
        return CborInput.Parse(head.Span.ToArray(), TreeHead.Read);
    }

    public byte[]? SignedHead(ConversationId id) => database.Blob("SELECT signed_head FROM conversation WHERE id=$1", id.Value);

    /// <summary>Keeps the newest head the server signed and this device verified.</summary>
    public void SetSignedHead(ConversationId id, byte[] signedHead, ulong size) => database.Execute(
        "UPDATE conversation SET signed_head=$2, head_size=$3 WHERE id=$1 AND head_size<=$3", id.Value, signedHead, size);

    public ulong ReadPosition(ConversationId id) =>
        (ulong)(database.Number("SELECT read_position FROM conversation WHERE id=$1", id.Value) ?? 0);

    public void SetReadPosition(ConversationId id, ulong position) => database.Execute(
        "UPDATE conversation SET read_position=$2 WHERE id=$1 AND read_position<$2", id.Value, position);

    /// <summary>The rule whose breach ended the trust in this conversation, or null.</summary>
    public string? Distrust(ConversationId id) => database.Query(
        "SELECT distrust FROM conversation WHERE id=$1", r => r.IsDBNull(0) ? null : r.GetString(0), id.Value).FirstOrDefault();

    /// <summary>The first breach stays.</summary>
    public void SetDistrust(ConversationId id, string rule) => database.Execute(
        "UPDATE conversation SET distrust=$2 WHERE id=$1 AND distrust IS NULL", id.Value, rule);

    public void Mark(ConversationId id, ulong position, string rule) =>
        database.Execute("INSERT OR IGNORE INTO mark VALUES($1,$2,$3)", id.Value, position, rule);

    /// <summary>The mark of an epoch to whose key this device has no private half (CK-04).</summary>
    public const string Lost = "CK-04";

    /// <summary>The epoch at this position has that mark.</summary>
    public bool IsLost(ConversationId id, ulong position) =>
        database.Number("SELECT count(*) FROM mark WHERE conversation=$1 AND position=$2 AND reason=$3", id.Value, position, Lost) > 0;

    public IReadOnlyDictionary<ulong, string> Marks(ConversationId id) => database.Query(
        "SELECT position, reason FROM mark WHERE conversation=$1", r => (r.Count(0), r.GetString(1)), id.Value)
        .ToDictionary(m => m.Item1, m => m.Item2);

    private static VaultRow Row(ConversationId id) => VaultRow.Keyed(Table, id.Value);

    private byte[] Sealed(ConversationId id, TreeHead head)
    {
        var output = new CborOutput();
        head.Write(output);
        return vault.Seal(Row(id), output.ToArray());
    }
}
