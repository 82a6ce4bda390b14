using System.Buffers.Binary;
using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>Sender chains, and the keys of messages this device has opened or written.</summary>
internal sealed class MessageKeyStore(ClientDatabase database, Vault vault)
{
    private const string ChainTable = "sender_chain";
    private const string KeyTable = "message_key";

    /// <summary>A sender's chain where it stands; the caller owns it.</summary>
    public SenderChain? Chain(ConversationId id, EntryHash epoch, DeviceId device)
    {
        if (database.Blob("SELECT sealed FROM sender_chain WHERE conversation=$1 AND epoch=$2 AND device=$3",
            id.Value, epoch.Value, device.Value) is not { } value)
            return null;
        using var stored = vault.Open(ChainRow(id, epoch, device), value);
        using var chain = Secret.CopyOf(stored.Span[..SenderChain.Size]);
        return SenderChain.Import(chain, BinaryPrimitives.ReadUInt64BigEndian(stored.Span[SenderChain.Size..]));
    }

    /// <summary>Replaces the chain's state; the one before is gone (CK-01).</summary>
    public void SetChain(ConversationId id, EntryHash epoch, DeviceId device, SenderChain chain)
    {
        using var exported = chain.Export();
        using var stored = Secret.Create(SenderChain.Size + sizeof(ulong), (exported, chain.Index), static (output, state) =>
        {
            state.exported.Span.CopyTo(output);
            BinaryPrimitives.WriteUInt64BigEndian(output[SenderChain.Size..], state.Index);
        });
        database.Execute(
            "INSERT INTO sender_chain VALUES($1,$2,$3,$4) ON CONFLICT(conversation, epoch, device) DO UPDATE SET sealed=excluded.sealed",
            id.Value, epoch.Value, device.Value, vault.Seal(ChainRow(id, epoch, device), stored.Span));
    }

    public bool HasChain(ConversationId id, EntryHash epoch, DeviceId device) => database.Number(
        "SELECT 1 FROM sender_chain WHERE conversation=$1 AND epoch=$2 AND device=$3", id.Value, epoch.Value, device.Value) is not null;

    /// <summary>Ends a chain: nothing is written with it again.</summary>
    public void RemoveChain(ConversationId id, EntryHash epoch, DeviceId device) => database.Execute(
        "DELETE FROM sender_chain WHERE conversation=$1 AND epoch=$2 AND device=$3", id.Value, epoch.Value, device.Value);

    /// <summary>The key of the message at a position; the caller owns it.</summary>
    public MessageKey? Find(ConversationId id, ulong position)
    {
        if (database.Blob("SELECT sealed FROM message_key WHERE conversation=$1 AND position=$2", id.Value, position) is not { } value)
            return null;
        if (value.Length == 0)
            return null;
        using var key = vault.Open(KeyRow(id, position), value);
        return MessageKey.Import(key);
    }

    /// <param name="id">The conversation.</param>
    /// <param name="position">The message's position.</param>
    /// <param name="key">Stays the caller's.</param>
    /// <param name="local">The local id of a message of this device.</param>
    public void Add(ConversationId id, ulong position, MessageKey key, long? local)
    {
        using var exported = key.Export();
        database.Execute("INSERT INTO message_key VALUES($1,$2,$3,$4)", id.Value, position, local, vault.Seal(KeyRow(id, position), exported.Span));
    }

    /// <summary>Destroys a message's key for good (EN-19); without effect on an entry that is no message. Own messages keep their local id.</summary>
    /// <remarks>The database overwrites what it frees; <see cref="ClientDatabase.Settle"/>, after the transaction, does so for its log.</remarks>
    public void Erase(ConversationId id, ulong position)
    {
        database.Execute("INSERT OR IGNORE INTO erased VALUES($1,$2)", id.Value, position);
        database.Execute("UPDATE message_key SET sealed=x'' WHERE conversation=$1 AND position=$2", id.Value, position);
    }

    public bool IsErased(ConversationId id, ulong position) =>
        database.Number("SELECT 1 FROM erased WHERE conversation=$1 AND position=$2", id.Value, position) is not null;

    /// <summary>Where a message of this device stands, once it is accepted.</summary>
    public ulong? PositionOf(ConversationId id, long local) =>
        (ulong?)database.Number("SELECT position FROM message_key WHERE local=$2 AND conversation=$1", id.Value, local);

    /// <summary>The local id of a message of this device.</summary>
    public long? LocalOf(ConversationId id, ulong position) =>
        database.Number("SELECT local FROM message_key WHERE conversation=$1 AND position=$2", id.Value, position);

    private static VaultRow ChainRow(ConversationId id, EntryHash epoch, DeviceId device) =>
        VaultRow.Keyed(ChainTable, id.Value, epoch.Value, device.Value);

    private static VaultRow KeyRow(ConversationId id, ulong position) => VaultRow.Keyed(KeyTable, id.Value, position);
}
