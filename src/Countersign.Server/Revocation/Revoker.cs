using Countersign.Authority;
using Countersign.Cryptography;
using Countersign.Evidence;
using Microsoft.Extensions.Logging;

namespace Countersign.Server;

/// <summary>Has the issuing CAs revoke what operators ask for (CE-10, CE-15), and once more what they have no record of any more (CE-16).
/// What cannot be carried out stays open, is told of once, and keeps nothing else from being done.</summary>
/// <remarks>Used by one at a time.</remarks>
internal sealed partial class Revoker(IEnrolmentStore store, IssuingAuthority authority, ILogger log)
{
    private const int RevocationsAtOnce = 1000;

    private readonly ToldOnce<OpenRevocation> _unreadable = new();
    private readonly ToldOnce<DeviceId> _damaged = new();
    private readonly ToldOnce<DeviceId> _withoutRoom = new();
    private readonly ToldOnce<DeviceId> _elsewhere = new();

    /// <summary>Carries out what is asked for.</summary>
    /// <param name="revoked">Gets what is done when the authority's list is in force.</param>
    public async Task CarryOutAsync(List<RevocationRequest> revoked)
    {
        var skip = 0;
        IReadOnlyList<OpenRevocation> page;
        do
        {
            page = await store.OpenRevocationsAsync(skip, RevocationsAtOnce).ConfigureAwait(false);
            skip += page.Count;
            foreach (var open in page)
                if (open.Request is not { } request)
                    TellUnreadable(open);
                else if (await IsRevokedAsync(request, null).ConfigureAwait(false))
                    revoked.Add(request);
        }
        while (page.Count == RevocationsAtOnce);
        EndRound();
    }

    /// <summary>Carries out once more what was done, where the authority has no record of it, or of less: its directory may be an older copy.
    /// For before anybody is let in: what was revoked would be good meanwhile, and what it signed then stand under a revoked key.</summary>
    public async Task CarryOutAgainAsync()
    {
        var (skip, again) = (0, new List<RevocationRequest>());
        IReadOnlyList<DoneRevocation> page;
        do
        {
            page = await store.DoneRevocationsAsync(skip, RevocationsAtOnce).ConfigureAwait(false);
            skip += page.Count;
            foreach (var done in page)
                if (done.Asked.Request is not { } request)
                    TellUnreadable(done.Asked);
                else if (!await IsRevokedAsync(request, done.At).ConfigureAwait(false))
                    again.Add(request);
        }
        while (page.Count == RevocationsAtOnce);
        EndRound();
        foreach (var request in again)
            await store.RequestRevocationAsync(request).ConfigureAwait(false); // open again: it is tried until it can be done
    }

    private async Task<bool> IsRevokedAsync(RevocationRequest request, DateTimeOffset? at)
    {
        try
        {
            if ((await store.FindDevicesAsync([request.Device]).ConfigureAwait(false)) is [var device] && device.Chain.Leaf.Fingerprint == request.Device.Value)
                return IsRevoked(PathValidator.ValidateRecordedDevice(device.Chain, TrustAnchor.FromCertificate(authority.Root)), request, at);
        }
        catch (Exception e) when (e is StoreException { Fault: StoreFault.Damaged } or CertificateRefusedException)
        {
            // Told of like a device that is not there.
        }
        if (_damaged.Find(request.Device))
            Damaged(log, request.Device.ToString());
        return false;
    }

    /// <returns>Whether the authority's list says it.</returns>
    private bool IsRevoked(VerifiedDevice device, RevocationRequest request, DateTimeOffset? at)
    {
        if (!authority.Knows(device))
        {
            if (_elsewhere.Find(request.Device))
                Elsewhere(log, request.Device.ToString());
            return false;
        }
        try
        {
            authority.Revoke(device.Leaf, request.Grounds, at);
            if (at is not null)
                CarriedOutAgain(log, request.Device.ToString());
            return true;
        }
        catch (AuthorityException e) when (e.Fault is AuthorityFault.Revoked)
        {
            return true; // a published list says all of it
        }
        catch (AuthorityException e) when (e.Fault is AuthorityFault.ListTooLarge)
        {
            if (_withoutRoom.Find(request.Device))
                WithoutRoom(log, request.Device.ToString());
            return false;
        }
    }

    private void TellUnreadable(OpenRevocation asked)
    {
        if (_unreadable.Find(asked))
            Unreadable(log, asked.Place);
    }

    private void EndRound()
    {
        _unreadable.EndRound();
        _damaged.EndRound();
        _withoutRoom.EndRound();
        _elsewhere.EndRound();
    }

    [LoggerMessage(22, LogLevel.Critical, "the store was changed: {Place} cannot be read, and is not carried out: ask for it again (countersign server revoke)")]
    private static partial void Unreadable(ILogger log, string place);

    [LoggerMessage(23, LogLevel.Critical, "the store was changed: device {Device} cannot be read, and is not revoked until it is restored from a backup (countersign admin check)")]
    private static partial void Damaged(ILogger log, string device);

    [LoggerMessage(24, LogLevel.Error, "the revocation list is full: device {Device} is not revoked (LI-06); whoever shares a conversation with it should remove it there")]
    private static partial void WithoutRoom(ILogger log, string device);

    [LoggerMessage(25, LogLevel.Error, "device {Device} is not revoked: another CA has certified it, and has to revoke it (countersign ca revoke)")]
    private static partial void Elsewhere(ILogger log, string device);

    [LoggerMessage(26, LogLevel.Warning, "device {Device} is revoked again: the issuing CA had no record of all that was done; is its directory an older copy?")]
    private static partial void CarriedOutAgain(ILogger log, string device);
}
