using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Client;

/// <summary>The newest receipt of each device and kind (RC-05).</summary>
internal sealed record StoredReceipt(DeviceId Device, ReceiptKind Kind, ulong Size, byte[] Bytes);

internal sealed class ReceiptStore(ClientDatabase database)
{
    public IReadOnlyList<StoredReceipt> List(ConversationId id) => database.Query(
        "SELECT device, kind, size, bytes FROM receipt WHERE conversation=$1",
        r => new StoredReceipt(new DeviceId(r.Hash(0)), (ReceiptKind)r.GetInt64(1), r.Count(2), r.Blob(3)), id.Value);

    /// <summary>Stores a receipt unless one of the same or a larger size is there; true if it was news.</summary>
    public bool Put(ConversationId id, StoredReceipt receipt) => database.Execute(
        "INSERT INTO receipt VALUES($1,$2,$3,$4,$5) ON CONFLICT(conversation, device, kind) DO UPDATE SET size=excluded.size, bytes=excluded.bytes "
        + "WHERE excluded.size>receipt.size", id.Value, receipt.Device.Value, (long)receipt.Kind, receipt.Size, receipt.Bytes) > 0;
}
