using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Client;

/// <summary>The private halves of this device's prekeys, from before the public halves are sent until their epoch is stored (CK-04).</summary>
internal sealed class PrekeyStore(ClientDatabase database, Vault vault)
{
    /// <summary>Lets epochs that were sealed to a last-resort key before it was replaced still be opened.</summary>
    private static readonly TimeSpan KeptAfterReplacement = TimeSpan.FromDays(14);

    /// <summary>The setting that holds the id of the last-resort key that the server confirmed last.</summary>
    private const string ConfirmedName = "last-resort prekey";

    public void Add(PrekeyId id, PrekeyKind kind, DateTimeOffset made, EcPrivateKey key)
    {
        using var exported = key.Export();
        database.Execute("INSERT INTO prekey(id, kind, made, sealed) VALUES($1,$2,$3,$4)",
            id.Value, (long)kind, made, vault.Seal(Row(id), exported.Span));
    }

    /// <summary>Erases all one-time keys but the newest: of those that were handed out and whose epochs never came, or that a server
    /// says it does not have (CK-04).</summary>
    public void KeepNewest(int count) => database.Execute(
        "DELETE FROM prekey WHERE kind=$1 AND rowid NOT IN (SELECT rowid FROM prekey WHERE kind=$1 ORDER BY rowid DESC LIMIT $2)",
        (long)PrekeyKind.OneTime, (long)count);

    /// <summary>One-time keys that no epoch was sealed to yet, as far as this device knows.</summary>
    public long CountOneTime() => database.Number("SELECT count(*) FROM prekey WHERE kind=$1", (long)PrekeyKind.OneTime) ?? 0;

    /// <summary>The caller owns the key; null if it was used up, or never was this device's.</summary>
    public EcPrivateKey? Find(PrekeyId id)
    {
        if (database.Blob("SELECT sealed FROM prekey WHERE id=$1", id.Value) is not { } value)
            return null;
        using var key = vault.Open(Row(id), value);
        return EcPrivateKey.Import(key);
    }

    /// <summary>Erases a one-time key; a last-resort key stays (CK-04).</summary>
    public void Use(PrekeyId id) =>
        database.Execute("DELETE FROM prekey WHERE id=$1 AND kind=$2", id.Value, (long)PrekeyKind.OneTime);

    /// <summary>When the last-resort key was made that the server confirmed last; null if it has confirmed none. One that was made later
    /// and not confirmed may never have come there.</summary>
    public DateTimeOffset? LastResortMade() => database.Number(
        "SELECT made FROM prekey WHERE id=(SELECT value FROM setting WHERE name=$1)", ConfirmedName) is { } ms
            ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null;

    /// <summary>The server has confirmed <paramref name="current"/>: marks all other last-resort keys as replaced, and erases those replaced
    /// long ago. Inside a transaction.</summary>
    public void ReplaceLastResort(PrekeyId current, DateTimeOffset now)
    {
        new SettingStore(database).Set(ConfirmedName, current.Value.ToArray());
        database.Execute("UPDATE prekey SET replaced=$3 WHERE kind=$1 AND id<>$2 AND replaced IS NULL", (long)PrekeyKind.LastResort, current.Value, now);
        database.Execute("DELETE FROM prekey WHERE replaced<$1", now - KeptAfterReplacement);
    }

    private static VaultRow Row(PrekeyId id) => VaultRow.Keyed("prekey", id.Value);
}
