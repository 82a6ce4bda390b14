using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Client;

/// <summary>A contradiction that was seen (RC-07, RC-08).</summary>
/// <param name="Contradiction">SHA-256 over what contradicts what: the same one is kept once.</param>
/// <param name="Conversation">Where.</param>
/// <param name="Who">A server's or a user's name.</param>
/// <param name="First">The signed value held before; empty if there was none.</param>
/// <param name="Second">The signed value that contradicts it, or the transcript.</param>
/// <param name="File">A misconduct file (BU-21); null where the two convince only who holds the transcript.</param>
internal sealed record StoredMisconduct(Hash32 Contradiction, ConversationId Conversation, string Who, byte[] First, byte[] Second, byte[]? File);

internal sealed class MisconductStore(ClientDatabase database)
{
    private const string Columns = "SELECT contradiction, conversation, who, first, second, file FROM misconduct ";

    /// <summary>True if the contradiction was not known.</summary>
    public bool Add(StoredMisconduct seen, DateTimeOffset found) => database.Execute(
        "INSERT OR IGNORE INTO misconduct VALUES($1,$2,$3,$4,$5,$6,$7)",
        seen.Contradiction, seen.Conversation.Value, seen.Who, seen.First, seen.Second, seen.File, found) > 0;

    public IReadOnlyList<StoredMisconduct> List() => database.Query(Columns + "ORDER BY found, contradiction", Read);

    public IReadOnlyList<StoredMisconduct> Of(ConversationId id) =>
        database.Query(Columns + "WHERE conversation=$1 ORDER BY found, contradiction", Read, id.Value);

    private static StoredMisconduct Read(Microsoft.Data.Sqlite.SqliteDataReader row) => new(
        row.Hash(0), new ConversationId(row.Hash(1)), row.GetString(2), row.Blob(3), row.Blob(4), row.IsDBNull(5) ? null : row.Blob(5));
}
