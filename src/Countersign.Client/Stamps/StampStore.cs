using Countersign.Evidence;

namespace Countersign.Client;

/// <summary>Stamped heads, verified before they came here (TS-09): all of them, for each proves the time of other entries.</summary>
internal sealed class StampStore(ClientDatabase database)
{
    /// <summary>The exact bytes of a conversation's stamped heads, ascending by size.</summary>
    public IReadOnlyList<byte[]> List(ConversationId id) =>
        database.Query("SELECT bytes FROM stamp WHERE conversation=$1 ORDER BY size", r => r.Blob(0), id.Value);

    /// <summary>Up to this size every stamped head of the server has been kept or refused for good; 0 at first.</summary>
    public ulong Settled(ConversationId id) => (ulong)(database.Number("SELECT size FROM stamps_settled WHERE conversation=$1", id.Value) ?? 0);

    public void Settle(ConversationId id, ulong size) => database.Execute(
        "INSERT INTO stamps_settled VALUES($1,$2) ON CONFLICT(conversation) DO UPDATE SET size=max(size, excluded.size)", id.Value, size);

    /// <summary>Keeps a stamped head unless one of the same size is there: the first proves the earlier time.</summary>
    public void Put(ConversationId id, ulong size, byte[] bytes) =>
        database.Execute("INSERT OR IGNORE INTO stamp VALUES($1,$2,$3)", id.Value, size, bytes);
}
