using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Server;

public sealed partial class SqliteStore
{
    private const string InvitationColumns = "SELECT id, key, user, expires, created_at, created_by, revoked_at, key_hash, device FROM invitations ";
    private const string DeviceColumns = "SELECT device, user, chain, enrolled_at, invitation FROM devices ";
    private const string RevocationColumns = "SELECT device, reason, suspect_since, requested_at, revoked_at FROM revocations WHERE ";

    public Task CreateInvitationAsync(InvitationRecord invitation) => _writer.WriteAsync("invitation", session => session.Execute(
        "INSERT INTO invitations (id, key, user, expires, created_at, created_by) VALUES ($1, $2, $3, $4, $5, $6)",
        invitation.Id.Column(), invitation.Key.ToArray(), invitation.User.ToString(),
        invitation.Expires.Column(), invitation.CreatedAt.Column(), invitation.CreatedBy.ToString()));

    public Task<InvitationRecord?> FindInvitationAsync(InvitationId id) => Read("invitation", session => FindInvitation(session, id));

    public Task<IReadOnlyList<InvitationRecord>> InvitationsAsync(int limit) => Read<IReadOnlyList<InvitationRecord>>(
        "invitations", session => session.All(InvitationColumns + "ORDER BY expires DESC, id LIMIT $1", Rows.Invitation, limit));

    public Task<InvitationRecord?> RevokeInvitationAsync(InvitationId id, DateTimeOffset at) => _writer.WriteAsync("revocation of an invitation", session =>
    {
        session.Execute(
            "UPDATE invitations SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL AND key_hash IS NULL", id.Column(), at.Column());
        return FindInvitation(session, id);
    });

    public Task<InvitationRecord> RedeemInvitationAsync(InvitationId id, Hash32 keyHash, DeviceRecord device, DateTimeOffset at) =>
        _writer.WriteAsync("enrolment", session =>
        {
            var won = session.Execute(
                "UPDATE invitations SET key_hash = $2, device = $3 WHERE id = $1 AND key_hash IS NULL AND revoked_at IS NULL",
                id.Column(), keyHash.Column(), device.Device.Column());
            if (won == 1)
                AddDevice(session, device);
            return FindInvitation(session, id) ?? throw new StoreException(StoreFault.Conflict, "The invitation does not exist.");
        });

    public Task AddDeviceAsync(DeviceRecord device) => _writer.WriteAsync("device", session => AddDevice(session, device));

    public Task<IReadOnlyList<DeviceRecord>> FindDevicesAsync(IReadOnlyCollection<DeviceId> devices) => Read<IReadOnlyList<DeviceRecord>>("devices", session =>
    {
        var found = new List<DeviceRecord>(devices.Count);
        foreach (var device in devices)
            if (session.First(DeviceColumns + "WHERE device = $1", Rows.Device, device.Column()) is { } record)
                found.Add(record);
        return found;
    });

    public Task<IReadOnlyList<DeviceId>> KnownDevicesAsync(IReadOnlyCollection<DeviceId> devices) => Read<IReadOnlyList<DeviceId>>("known devices", session =>
        [.. devices.Where(device => session.Number("SELECT 1 FROM devices WHERE device = $1", device.Column()) is not null)]);

    public Task<IReadOnlyList<DeviceRecord>> DevicesOfAsync(UserName user, int limit) => Read<IReadOnlyList<DeviceRecord>>("devices of a user", session =>
        session.All(DeviceColumns + "WHERE user = $1 ORDER BY enrolled_at DESC, number DESC LIMIT $2", Rows.Device, user.ToString(), limit));

    public Task<RevocationRequest> RequestRevocationAsync(RevocationRequest request) => _writer.WriteAsync("request of a revocation", session =>
    {
        var earlier = session.First(RevocationColumns + "device = $1", Rows.Revocation, request.Device.Column());
        var open = request.After(earlier?.Request);
        session.Execute(
            """
            INSERT INTO revocations (device, reason, suspect_since, requested_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (device) DO UPDATE SET reason = $2, suspect_since = $3, requested_at = $4, done_at = NULL, set_aside = 0
            """,
            open.Device.Column(), (int)open.Grounds.Reason, open.Grounds.SuspectSince?.Column(), open.RequestedAt.Column());
        return open;
    });

    public Task<IReadOnlyList<AskedRevocation>> OpenRevocationsAsync(int skip, int limit) => Read<IReadOnlyList<AskedRevocation>>(
        "revocations", session => session.All(RevocationColumns + "done_at IS NULL AND set_aside = 0 ORDER BY requested_at, device LIMIT $1 OFFSET $2", Rows.Revocation, limit, skip));

    public Task<IReadOnlyList<AskedRevocation>> DoneRevocationsAsync(int skip, int limit) => Read<IReadOnlyList<AskedRevocation>>(
        "revocations", session => session.All(RevocationColumns + "done_at IS NOT NULL ORDER BY requested_at, device LIMIT $1 OFFSET $2", Rows.DoneRevocation, limit, skip));

    public Task<IReadOnlyList<AskedRevocation>> SetAsideRevocationsAsync(int skip, int limit) => Read<IReadOnlyList<AskedRevocation>>(
        "revocations", session => session.All(RevocationColumns + "set_aside = 1 ORDER BY requested_at, device LIMIT $1 OFFSET $2", Rows.Revocation, limit, skip));

    public Task SetRevocationAsideAsync(DeviceId device) => _writer.WriteAsync("revocation", session => session.Execute(
        "UPDATE revocations SET done_at = NULL, set_aside = 1 WHERE device = $1", device.Column()));

    public Task CompleteRevocationAsync(RevocationRequest done, DateTimeOffset revokedAt) => _writer.WriteAsync("revocation", session => session.Execute(
        "UPDATE revocations SET done_at = $4, revoked_at = coalesce(revoked_at, $4) WHERE device = $1 AND reason = $2 AND suspect_since IS $3 AND done_at IS NULL",
        done.Device.Column(), (int)done.Grounds.Reason, done.Grounds.SuspectSince?.Column(), revokedAt.Column()));

    public Task<int> PutPrekeysAsync(DeviceId device, IReadOnlyList<PrekeyRecord> prekeys, int limit) => _writer.WriteAsync("prekeys", session =>
    {
        var held = CountOneTime(session, device);
        foreach (var prekey in prekeys)
        {
            if (!prekey.IsLastResort && held >= limit)
                continue;
            var added = session.Execute(
                "INSERT OR IGNORE INTO prekeys (id, device, last_resort, bytes) VALUES ($1, $2, $3, $4)",
                prekey.Id.Column(), device.Column(), prekey.IsLastResort ? 1 : 0, prekey.Bytes.ToArray());
            if (added == 1 && prekey.IsLastResort)
                session.Execute("DELETE FROM prekeys WHERE device = $1 AND last_resort = 1 AND id <> $2 AND bytes IS NOT NULL", device.Column(), prekey.Id.Column());
            else
                held += added;
        }
        return held;
    });

    public Task<IReadOnlyList<ReadOnlyMemory<byte>?>> TakePrekeysAsync(IReadOnlyList<DeviceId> devices) =>
        _writer.WriteAsync<IReadOnlyList<ReadOnlyMemory<byte>?>>("taking of prekeys", session =>
        {
            var taken = new ReadOnlyMemory<byte>?[devices.Count];
            for (var i = 0; i < devices.Count; i++)
                taken[i] = TakePrekey(session, devices[i].Column());
            return taken;
        });

    public Task<IReadOnlyList<ReadOnlyMemory<byte>?>> LastResortPrekeysAsync(IReadOnlyList<DeviceId> devices) =>
        Read<IReadOnlyList<ReadOnlyMemory<byte>?>>("last-resort prekeys", session => [.. devices.Select(device => session.FirstValue(
            "SELECT bytes FROM prekeys WHERE device = $1 AND last_resort = 1 AND bytes IS NOT NULL",
            static row => (ReadOnlyMemory<byte>)row.Bytes(0),
            device.Column()))]);

    public Task<int> OneTimePrekeysAsync(DeviceId device) => Read("prekeys of a device", session => CountOneTime(session, device));

    // One-time keys stand before the last-resort key: last_resort is 0 for them.
    private static ReadOnlyMemory<byte>? TakePrekey(SqliteSession session, byte[] device)
    {
        var found = session.First(
            "SELECT number, last_resort, bytes FROM prekeys WHERE device = $1 AND bytes IS NOT NULL ORDER BY last_resort, number LIMIT 1",
            static row => new { Number = row.GetInt64(0), IsLastResort = row.Flag(1), Bytes = row.Bytes(2) },
            device);
        if (found is null)
            return null;
        if (!found.IsLastResort)
            session.Execute("UPDATE prekeys SET bytes = NULL WHERE number = $1", found.Number); // SE-08
        return found.Bytes;
    }

    private static int CountOneTime(SqliteSession session, DeviceId device) => (int)session.Number(
        "SELECT count(*) FROM prekeys WHERE device = $1 AND last_resort = 0 AND bytes IS NOT NULL", device.Column())!;

    private static int AddDevice(SqliteSession session, DeviceRecord device) => session.Execute(
        "INSERT OR IGNORE INTO devices (device, user, chain, enrolled_at, invitation) VALUES ($1, $2, $3, $4, $5)",
        device.Device.Column(), device.User.ToString(), CborOutput.Encode(device.Chain.Write), device.EnrolledAt.Column(), device.Invitation?.Column());

    private static InvitationRecord? FindInvitation(SqliteSession session, InvitationId id) =>
        session.First(InvitationColumns + "WHERE id = $1", Rows.Invitation, id.Column());
}
