using Countersign.Authority;
using Countersign.Cryptography;
using Countersign.Evidence;
using Microsoft.Extensions.Logging;

namespace Countersign.Server;

/// <summary>What was revoked, by the list of the issuing CA.</summary>
/// <param name="Request">What was asked for.</param>
/// <param name="RevokedAt">As of when the list says it.</param>
internal readonly record struct CarriedOut(RevocationRequest Request, DateTimeOffset RevokedAt);

/// <summary>Has the issuing CAs revoke what operators ask for (CE-10, CE-15), and once more what they have no record of any more (CE-16).
/// What cannot be carried out stays open, is told of once, and keeps nothing else from being done. What no CA here has certified is told of
/// once, and set aside: it is tried again only when the server starts, for then the CA may be back.</summary>
/// <remarks>Used by one at a time.</remarks>
internal sealed partial class Revoker(IEnrolmentStore store, IssuingAuthority authority, ILogger log)
{
    private const int RevocationsAtOnce = 1000;

    private readonly ToldOnce<AskedRevocation> _unreadable = new();
    private readonly ToldOnce<DeviceId> _damaged = new();
    private readonly ToldOnce<DeviceId> _withoutRoom = new();
    private readonly List<DeviceId> _elsewhere = []; // certified by no CA here, as far as this round has come

    /// <summary>Carries out what is asked for.</summary>
    /// <param name="revoked">Gets what is done when the authority's list is in force.</param>
    public async Task CarryOutAsync(List<CarriedOut> revoked)
    {
        _elsewhere.Clear(); // of a round that the store has ended
        await foreach (var asked in AllAsync(store.OpenRevocationsAsync).ConfigureAwait(false))
            if (asked.Request is not { } request)
                TellUnreadable(asked);
            else if (await RevokeAsync(request, asked.RevokedAt).ConfigureAwait(false) is { } at)
                revoked.Add(new(request, at));
        await SetAsideAsync().ConfigureAwait(false);
        EndRound();
    }

    /// <summary>Carries out once more what was done, where the authority has no record of it, or of less: its directory may be an older copy;
    /// and what was set aside, where the authority is back. For before anybody is let in: what was revoked would be good meanwhile, and what it
    /// signed then stand under a revoked key.</summary>
    public async Task CarryOutAgainAsync()
    {
        var reopened = new List<RevocationRequest>();
        await foreach (var done in AllAsync(store.DoneRevocationsAsync).ConfigureAwait(false))
            if (done.Request is not { } request)
                TellUnreadable(done);
            else if (await RevokeAsync(request, done.RevokedAt, wasDone: true).ConfigureAwait(false) is null && !_elsewhere.Contains(request.Device))
                reopened.Add(request); // it is tried until it can be done
        await SetAsideAsync().ConfigureAwait(false);
        await foreach (var open in AllAsync(store.OpenRevocationsAsync).ConfigureAwait(false))
            if (open is { Request: { } request, RevokedAt: { } before })
                await RevokeAsync(request, before).ConfigureAwait(false); // more was asked for, and is done in the next round
        _elsewhere.Clear(); // that round tells of them
        await foreach (var aside in AllAsync(store.SetAsideRevocationsAsync).ConfigureAwait(false))
            if (aside.Request is { } request && await RevokeAsync(request, aside.RevokedAt).ConfigureAwait(false) is not null)
                reopened.Add(request); // the next round finds it done
        _elsewhere.Clear(); // told of when they were set aside
        EndRound();
        foreach (var request in reopened)
            await store.RequestRevocationAsync(request).ConfigureAwait(false);
    }

    private static async IAsyncEnumerable<AskedRevocation> AllAsync(Func<int, int, Task<IReadOnlyList<AskedRevocation>>> read)
    {
        var skip = 0;
        IReadOnlyList<AskedRevocation> page;
        do
        {
            page = await read(skip, RevocationsAtOnce).ConfigureAwait(false);
            skip += page.Count;
            foreach (var asked in page)
                yield return asked;
        }
        while (page.Count == RevocationsAtOnce);
    }

    // After everything was read page by page: what is set aside is on no page any more.
    private async Task SetAsideAsync()
    {
        foreach (var device in _elsewhere)
        {
            await store.SetRevocationAsideAsync(device).ConfigureAwait(false);
            Elsewhere(log, device.ToString());
        }
        _elsewhere.Clear();
    }

    /// <returns>As of when the authority's list says it; null if it does not.</returns>
    private async Task<DateTimeOffset?> RevokeAsync(RevocationRequest request, DateTimeOffset? at, bool wasDone = false)
    {
        try
        {
            if ((await store.FindDevicesAsync([request.Device]).ConfigureAwait(false)) is [var device] && device.Chain.Leaf.Fingerprint == request.Device.Value)
                return Revoke(PathValidator.ValidateRecordedDevice(device.Chain, TrustAnchor.FromCertificate(authority.Root)), request, at, wasDone);
        }
        catch (Exception e) when (e is StoreException { Fault: StoreFault.Damaged } or CertificateRefusedException)
        {
            // Told of like a device that is not there.
        }
        if (_damaged.Find(request.Device))
            Damaged(log, request.Device.ToString());
        return null;
    }

    private DateTimeOffset? Revoke(VerifiedDevice device, RevocationRequest request, DateTimeOffset? at, bool wasDone)
    {
        if (!authority.Knows(device))
        {
            _elsewhere.Add(request.Device);
            return null;
        }
        var isForgotten = at is not null && authority.RevocationOf(device.Leaf) is null;
        try
        {
            authority.Revoke(device.Leaf, request.Grounds, at);
            if (wasDone || isForgotten)
                CarriedOutAgain(log, request.Device.ToString());
        }
        catch (AuthorityException e) when (e.Fault is AuthorityFault.Revoked)
        {
            // A published list says all of it.
        }
        catch (AuthorityException e) when (e.Fault is AuthorityFault.ListTooLarge)
        {
            if (_withoutRoom.Find(request.Device))
                WithoutRoom(log, request.Device.ToString());
            return null;
        }
        return authority.RevocationOf(device.Leaf)?.RevokedAt;
    }

    private void TellUnreadable(AskedRevocation asked)
    {
        if (_unreadable.Find(asked))
            Unreadable(log, asked.Place);
    }

    private void EndRound()
    {
        _unreadable.EndRound();
        _damaged.EndRound();
        _withoutRoom.EndRound();
    }

    [LoggerMessage(22, LogLevel.Critical, "the store was changed: {Place} cannot be read, and is not carried out: ask for it again (countersign server revoke)")]
    private static partial void Unreadable(ILogger log, string place);

    [LoggerMessage(23, LogLevel.Critical, "the store was changed: device {Device} cannot be read, and is not revoked until it is restored from a backup (countersign admin check)")]
    private static partial void Damaged(ILogger log, string device);

    [LoggerMessage(24, LogLevel.Error, "the revocation list is full: device {Device} is not revoked (LI-06); whoever shares a conversation with it should remove it there")]
    private static partial void WithoutRoom(ILogger log, string device);

    [LoggerMessage(25, LogLevel.Error, "device {Device} is not revoked: no issuing CA of this server has certified it; the CA that has must revoke it (countersign ca revoke). The request is set aside, and looked at again when the server starts")]
    private static partial void Elsewhere(ILogger log, string device);

    [LoggerMessage(26, LogLevel.Warning, "device {Device} is revoked again: the issuing CA had no record of all that was done; is its directory an older copy?")]
    private static partial void CarriedOutAgain(ILogger log, string device);
}
