using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Server;

public sealed partial class MySqlStore
{
    private const string InvitationColumns = "SELECT id, `key`, user, expires, created_at, created_by, revoked_at, key_hash, device FROM invitations ";
    private const string DeviceColumns = "SELECT device, user, chain, enrolled_at, invitation FROM devices ";
    private const string RevocationColumns = "SELECT device, reason, suspect_since, requested_at, revoked_at FROM revocations WHERE ";

    public Task CreateInvitationAsync(InvitationRecord invitation) => _writer.WriteAsync("invitation", session => session.ExecuteAsync(
        "INSERT INTO invitations (id, `key`, user, expires, created_at, created_by) VALUES (@1, @2, @3, @4, @5, @6)",
        invitation.Id.Column(), invitation.Key.ToArray(), invitation.User.ToString(),
        invitation.Expires.Column(), invitation.CreatedAt.Column(), invitation.CreatedBy.ToString()));

    public Task<InvitationRecord?> FindInvitationAsync(InvitationId id) => Read("invitation", session => FindInvitationAsync(session, id));

    public Task<IReadOnlyList<InvitationRecord>> InvitationsAsync(int limit) => Read("invitations", session => session.AllAsync(
        InvitationColumns + "ORDER BY expires DESC, id LIMIT @1", Rows.Invitation, limit));

    public Task<InvitationRecord?> RevokeInvitationAsync(InvitationId id, DateTimeOffset at) => _writer.WriteAsync("revocation of an invitation", async session =>
    {
        await session.ExecuteAsync(
            "UPDATE invitations SET revoked_at = @2 WHERE id = @1 AND revoked_at IS NULL AND key_hash IS NULL", id.Column(), at.Column()).ConfigureAwait(false);
        return await FindInvitationAsync(session, id).ConfigureAwait(false);
    });

    public Task<InvitationRecord> RedeemInvitationAsync(InvitationId id, Hash32 keyHash, DeviceRecord device, DateTimeOffset at) =>
        _writer.WriteAsync("enrolment", async session =>
        {
            var won = await session.ExecuteAsync(
                "UPDATE invitations SET key_hash = @2, device = @3 WHERE id = @1 AND key_hash IS NULL AND revoked_at IS NULL",
                id.Column(), keyHash.Column(), device.Device.Column()).ConfigureAwait(false);
            if (won == 1)
                await AddDeviceAsync(session, device).ConfigureAwait(false);
            return await FindInvitationAsync(session, id).ConfigureAwait(false)
                ?? throw new StoreException(StoreFault.Conflict, "The invitation does not exist.");
        });

    public Task AddDeviceAsync(DeviceRecord device) => _writer.WriteAsync("device", session => AddDeviceAsync(session, device));

    public Task<IReadOnlyList<DeviceRecord>> FindDevicesAsync(IReadOnlyCollection<DeviceId> devices) => Read<IReadOnlyList<DeviceRecord>>("devices", async session =>
    {
        var found = new List<DeviceRecord>(devices.Count);
        foreach (var some in devices.Chunk(Statements.LargestRun))
            found.AddRange(await session.AllAsync(
                DeviceColumns + "WHERE device IN " + Statements.List(some.Length), Rows.Device, [.. some.Select(static device => device.Column())]).ConfigureAwait(false));
        return found;
    });

    public Task<IReadOnlyList<DeviceId>> KnownDevicesAsync(IReadOnlyCollection<DeviceId> devices) => Read<IReadOnlyList<DeviceId>>("known devices", async session =>
    {
        var known = new List<DeviceId>(devices.Count);
        foreach (var some in devices.Chunk(Statements.LargestRun))
            known.AddRange(await session.AllAsync(
                "SELECT device FROM devices WHERE device IN " + Statements.List(some.Length), static row => row.Device(0), [.. some.Select(static device => device.Column())]).ConfigureAwait(false));
        return known;
    });

    public Task<IReadOnlyList<DeviceRecord>> DevicesOfAsync(UserName user, int limit) => Read("devices of a user", session => session.AllAsync(
        DeviceColumns + "WHERE user = @1 ORDER BY enrolled_at DESC, number DESC LIMIT @2", Rows.Device, user.ToString(), limit));

    public Task<RevocationRequest> RequestRevocationAsync(RevocationRequest request) => _writer.WriteAsync("request of a revocation", async session =>
    {
        var earlier = await session.FirstAsync(RevocationColumns + "device = @1 FOR UPDATE", Rows.Revocation, request.Device.Column()).ConfigureAwait(false);
        var open = request.After(earlier?.Request);
        await session.ExecuteAsync(
            """
            INSERT INTO revocations (device, reason, suspect_since, requested_at) VALUES (@1, @2, @3, @4)
            ON DUPLICATE KEY UPDATE reason = @2, suspect_since = @3, requested_at = @4, done_at = NULL, set_aside = 0
            """,
            open.Device.Column(), (int)open.Grounds.Reason, open.Grounds.SuspectSince?.Column(), open.RequestedAt.Column()).ConfigureAwait(false);
        return open;
    });

    public Task<IReadOnlyList<AskedRevocation>> OpenRevocationsAsync(int skip, int limit) => Read("revocations", session => session.AllAsync(
        RevocationColumns + "done_at IS NULL AND set_aside = 0 ORDER BY requested_at, device LIMIT @1 OFFSET @2", Rows.Revocation, limit, skip));

    public Task<IReadOnlyList<AskedRevocation>> DoneRevocationsAsync(int skip, int limit) => Read("revocations", session => session.AllAsync(
        RevocationColumns + "done_at IS NOT NULL ORDER BY requested_at, device LIMIT @1 OFFSET @2", Rows.DoneRevocation, limit, skip));

    public Task<IReadOnlyList<AskedRevocation>> SetAsideRevocationsAsync(int skip, int limit) => Read("revocations", session => session.AllAsync(
        RevocationColumns + "set_aside = 1 ORDER BY requested_at, device LIMIT @1 OFFSET @2", Rows.Revocation, limit, skip));

    public Task SetRevocationAsideAsync(DeviceId device) => _writer.WriteAsync("revocation", session => session.ExecuteAsync(
        "UPDATE revocations SET done_at = NULL, set_aside = 1 WHERE device = @1", device.Column()));

    public Task CompleteRevocationAsync(RevocationRequest done, DateTimeOffset revokedAt) => _writer.WriteAsync("revocation", session => session.ExecuteAsync(
        "UPDATE revocations SET done_at = @4, revoked_at = coalesce(revoked_at, @4) WHERE device = @1 AND reason = @2 AND suspect_since <=> @3 AND done_at IS NULL",
        done.Device.Column(), (int)done.Grounds.Reason, done.Grounds.SuspectSince?.Column(), revokedAt.Column()));

    public Task<int> PutPrekeysAsync(DeviceId device, IReadOnlyList<PrekeyRecord> prekeys, int limit) => _writer.WriteAsync("prekeys", async session =>
    {
        var held = await CountOneTimeAsync(session, device).ConfigureAwait(false);
        foreach (var prekey in prekeys)
        {
            if (!prekey.IsLastResort && held >= limit)
                continue;
            var added = await session.ExecuteAsync(
                "INSERT INTO prekeys (id, device, last_resort, bytes) VALUES (@1, @2, @3, @4) ON DUPLICATE KEY UPDATE id = prekeys.id",
                prekey.Id.Column(), device.Column(), prekey.IsLastResort ? 1 : 0, prekey.Bytes.ToArray()).ConfigureAwait(false);
            if (added == 1 && prekey.IsLastResort)
                await session.ExecuteAsync(
                    "DELETE FROM prekeys WHERE device = @1 AND last_resort = 1 AND id <> @2 AND held = 1",
                    device.Column(), prekey.Id.Column()).ConfigureAwait(false);
            else
                held += added;
        }
        return held;
    });

    public Task<IReadOnlyList<ReadOnlyMemory<byte>?>> TakePrekeysAsync(IReadOnlyList<DeviceId> devices) =>
        _writer.WriteAsync<IReadOnlyList<ReadOnlyMemory<byte>?>>("taking of prekeys", async session =>
        {
            var taken = new ReadOnlyMemory<byte>?[devices.Count];
            for (var i = 0; i < devices.Count; i++)
                taken[i] = await TakePrekeyAsync(session, devices[i].Column()).ConfigureAwait(false);
            return taken;
        });

    public Task<IReadOnlyList<ReadOnlyMemory<byte>?>> LastResortPrekeysAsync(IReadOnlyList<DeviceId> devices) =>
        Read<IReadOnlyList<ReadOnlyMemory<byte>?>>("last-resort prekeys", async session =>
        {
            var found = new ReadOnlyMemory<byte>?[devices.Count];
            for (var i = 0; i < found.Length; i++)
                found[i] = await session.FirstValueAsync(
                    "SELECT bytes FROM prekeys WHERE device = @1 AND last_resort = 1 AND held = 1",
                    static row => (ReadOnlyMemory<byte>)row.Bytes(0),
                    devices[i].Column()).ConfigureAwait(false);
            return found;
        });

    public Task<int> OneTimePrekeysAsync(DeviceId device) => Read("prekeys of a device", session => CountOneTimeAsync(session, device));

    // One-time keys stand before the last-resort key: last_resort is 0 for them.
    private static async Task<ReadOnlyMemory<byte>?> TakePrekeyAsync(MySqlSession session, byte[] device)
    {
        var found = await session.FirstAsync(
            "SELECT number, last_resort, bytes FROM prekeys WHERE device = @1 AND held = 1 ORDER BY last_resort, number LIMIT 1 FOR UPDATE",
            static row => new { Number = row.GetInt64(0), IsLastResort = row.Flag(1), Bytes = row.Bytes(2) },
            device).ConfigureAwait(false);
        if (found is null)
            return null;
        if (!found.IsLastResort)
            await session.ExecuteAsync("UPDATE prekeys SET bytes = NULL WHERE number = @1", found.Number).ConfigureAwait(false); // SE-08
        return found.Bytes;
    }

    private static async Task<int> CountOneTimeAsync(MySqlSession session, DeviceId device) => (int)(await session.NumberAsync(
        "SELECT count(*) FROM prekeys WHERE device = @1 AND last_resort = 0 AND held = 1", device.Column()).ConfigureAwait(false))!;

    private static Task<int> AddDeviceAsync(MySqlSession session, DeviceRecord device) => session.ExecuteAsync(
        "INSERT INTO devices (device, user, chain, enrolled_at, invitation) VALUES (@1, @2, @3, @4, @5) ON DUPLICATE KEY UPDATE device = devices.device",
        device.Device.Column(), device.User.ToString(), CborOutput.Encode(device.Chain.Write), device.EnrolledAt.Column(), device.Invitation?.Column());

    private static Task<InvitationRecord?> FindInvitationAsync(MySqlSession session, InvitationId id) =>
        session.FirstAsync(InvitationColumns + "WHERE id = @1", Rows.Invitation, id.Column());
}
