using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Server;

/// <summary>put_prekeys and take_prekeys (SE-08, CK-05).</summary>
internal sealed class PrekeyRequests(Session session, LinkServices server)
{
    /// <summary>A device with fewer one-time keys than this is told.</summary>
    private const int Low = 20;

    public async Task<Answer> PutAsync(PutPrekeys request)
    {
        var records = request.Prekeys.Select(Verify).ToList();
        var held = await server.Store.PutPrekeysAsync(session.Device, records, server.Limits.PrekeysPerDevice).ConfigureAwait(false);
        return new PrekeysHeld(request.Id, held);
    }

    public async Task<Answer> TakeAsync(TakePrekeys request)
    {
        // Nothing is remembered of devices that somebody made up. Those that are not valid any more have their keys, for members must be sealed for
        // (EN-14); whether a certificate can be read is not asked, for one that cannot would keep everybody from all the others.
        HashSet<DeviceId> known = [.. await server.Store.KnownDevicesAsync([.. request.Wanted.Distinct()]).ConfigureAwait(false)];
        var mayTake = request.Wanted.Select(device => known.Contains(device) && MayTake(device)).ToList();
        var (within, beyond) = (Those(true), Those(false));
        var taken = within.Length == 0 ? [] : await server.Store.TakePrekeysAsync(within).ConfigureAwait(false);
        var shown = beyond.Length == 0 ? [] : await server.Store.LastResortPrekeysAsync(beyond).ConfigureAwait(false);
        foreach (var device in within.Distinct())
            await TellIfLowAsync(device).ConfigureAwait(false);
        var (nextTaken, nextShown) = (0, 0);
        return new PrekeysTaken(
            request.Id, mayTake.Select(may => AsPrekey(may ? taken[nextTaken++] : shown[nextShown++])).ToEquatableList());

        DeviceId[] Those(bool may) => [.. request.Wanted.Where((_, i) => mayTake[i] == may)];
    }

    // SE-08: one user alone does not use up what another device has laid in.
    private bool MayTake(DeviceId device)
    {
        if (server.Rates.AllPrekeys.Of(session.User).TryTake(1) == BudgetOutcome.Taken
            && server.Rates.Prekeys.Of((session.User, device)).TryTake(1) == BudgetOutcome.Taken)
            return true;
        server.Metrics.LimitMet(LimitNames.PrekeysTakenPerHour);
        return false;
    }

    private static Encoded<Prekey>? AsPrekey(ReadOnlyMemory<byte>? bytes) => bytes is { } held ? new Encoded<Prekey>(held) : null;

    private async Task TellIfLowAsync(DeviceId device)
    {
        var sessions = server.Registry.Of(device);
        if (sessions.Count == 0)
            return;
        var left = await server.Store.OneTimePrekeysAsync(device).ConfigureAwait(false);
        if (left >= Low)
            return;
        var push = Outgoing.Of(new PushPrekeysLow(left));
        foreach (var open in sessions)
            open.Send(push);
    }

    private PrekeyRecord Verify(Encoded<Prekey> encoded)
    {
        try
        {
            var prekey = Prekey.Parse(encoded.Bytes).Verify(session.Verified).Prekey;
            return new PrekeyRecord(prekey.Id.Value, prekey.Kind == PrekeyKind.LastResort, prekey.Bytes);
        }
        catch (PrekeyRefusedException refused)
        {
            throw new PeerFaultException(refused.Fault.Code(), "CK-05", refused);
        }
    }
}
