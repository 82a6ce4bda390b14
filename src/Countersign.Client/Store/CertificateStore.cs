using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Client;

/// <summary>A device this profile has met, and when. Confirmed: the person at this device met the user with it, or has accepted
/// it since; of the own user this device itself, and what its person has accepted (CK-08).</summary>
internal sealed record KnownDevice(DeviceId Device, UserName User, byte[] Chain, DateTimeOffset FirstSeen, bool Confirmed);

/// <summary>Every device certificate this profile has checked, and the newest CRLs.</summary>
internal sealed class CertificateStore(ClientDatabase database)
{
    private const string Columns = "SELECT device, user, chain, first_seen, confirmed FROM certificate ";

    public KnownDevice? Find(DeviceId device) =>
        database.Query(Columns + "WHERE device=$1", Read, device.Value).FirstOrDefault();

    public IReadOnlyList<KnownDevice> Of(UserName user) =>
        database.Query(Columns + "WHERE user=$1 ORDER BY first_seen, device", Read, user.ToString());

    /// <summary>True if the device was not known.</summary>
    public bool Add(KnownDevice device) => database.Execute(
        "INSERT OR IGNORE INTO certificate VALUES($1,$2,$3,$4,$5)",
        device.Device.Value, device.User.ToString(), device.Chain, device.FirstSeen, device.Confirmed ? 1L : 0L) > 0;

    public void Confirm(DeviceId device) => database.Execute("UPDATE certificate SET confirmed=1 WHERE device=$1", device.Value);

    /// <summary>Nobody has accepted the other devices of this user.</summary>
    public void Doubt(UserName user, DeviceId but) =>
        database.Execute("UPDATE certificate SET confirmed=0 WHERE user=$1 AND device<>$2", user.ToString(), but.Value);

    /// <summary>The chain a server with this certificate proved itself by, for whoever checks its heads later.</summary>
    public CertificateChain? Server(Hash32 certificate) =>
        database.Blob("SELECT chain FROM server WHERE certificate=$1", certificate) is { } chain ? CborInput.Parse(chain, CertificateChain.Read) : null;

    /// <summary>Keeps the chain of a server that has proved itself on a link.</summary>
    public void AddServer(CertificateChain chain) => database.Execute(
        "INSERT OR IGNORE INTO server VALUES($1,$2)", chain.Leaf.Fingerprint, CborOutput.Encode(chain.Write));

    public IReadOnlyList<byte[]> RevocationLists() => database.Query("SELECT der FROM crl", r => r.Blob(0));

    /// <summary>Keeps the newest list of a CA in the place of its former one: by name and key, for several CAs may have one name. One of a
    /// lower number, or another of the same, takes no place (CE-10).</summary>
    public void PutRevocationList(CertificateRevocationList list)
    {
        var held = database.Blob("SELECT der FROM crl WHERE issuer=$1", list.ClaimedIssuer);
        if (held is not null && (list.Der.Span.SequenceEqual(held) || list.Number <= CertificateRevocationList.Parse(held).Number))
            return;
        database.Execute("INSERT INTO crl VALUES($1,$2) ON CONFLICT(issuer) DO UPDATE SET der=excluded.der", list.ClaimedIssuer, list.Der.ToArray());
        // Earlier versions of the program kept one list a name, under the name's hash.
        database.Execute("DELETE FROM crl WHERE issuer=$1", Hash32.Sha256(list.Issuer.Der.Span));
    }

    private static KnownDevice Read(Microsoft.Data.Sqlite.SqliteDataReader row) =>
        new(new DeviceId(row.Hash(0)), UserName.Parse(row.GetString(1)), row.Blob(2), row.Time(3), row.GetInt64(4) != 0);
}
