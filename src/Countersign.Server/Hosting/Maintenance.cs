using System.Security.Cryptography;
using Countersign.Authority;
using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Countersign.Server;

/// <summary>What a server does of its own accord: revokes what operators ask for, renews revocation lists before they run out and
/// gives them to its clients, and cuts the links of devices that are no longer valid (CE-10).</summary>
internal sealed partial class Maintenance(LinkServices server) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private const int RevocationsAtOnce = 1000;

    private readonly ToldOnce<OpenRevocation> _unreadable = new();
    private readonly ToldOnce<DeviceId> _damaged = new();
    private readonly ToldOnce<DeviceId> _withoutRoom = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, server.Clock);
        do
            await RoundAsync().ConfigureAwait(false);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    // Each step is tried for itself: a root's list that cannot be read keeps no device from being revoked.
    private async Task RoundAsync()
    {
        var revoked = new List<RevocationRequest>();
        await TryAsync(() => RevokeAsync(revoked)).ConfigureAwait(false);
        await TryAsync(TakeRootListAsync).ConfigureAwait(false);
        var isInForce = await TryAsync(RefreshAsync).ConfigureAwait(false);
        CutInvalid();
        if (isInForce)
            await TryAsync(() => CompleteAsync(revoked)).ConfigureAwait(false);
    }

    // What the machine, a file or the store refuses is tried again in the next round; /healthz says when it matters. Anything else is a bug.
    private async Task<bool> TryAsync(Func<Task> step)
    {
        try
        {
            await step().ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is StoreException or AuthorityException or CertificateRefusedException or CryptographicException
            or IOException or UnauthorizedAccessException)
        {
            Failed(server.Log, e);
            return false;
        }
    }

    // One that cannot be carried out stays open, and keeps no other one from being done.
    private async Task RevokeAsync(List<RevocationRequest> revoked)
    {
        var skip = 0;
        IReadOnlyList<OpenRevocation> page;
        do
        {
            page = await server.Store.OpenRevocationsAsync(skip, RevocationsAtOnce).ConfigureAwait(false);
            skip += page.Count;
            foreach (var open in page)
                if (open.Request is { } request)
                    await RevokeAsync(request, revoked).ConfigureAwait(false);
                else if (_unreadable.Find(open))
                    Unreadable(server.Log, open.Place);
        }
        while (page.Count == RevocationsAtOnce);
        _unreadable.EndRound();
        _damaged.EndRound();
        _withoutRoom.EndRound();
    }

    private async Task RevokeAsync(RevocationRequest request, List<RevocationRequest> revoked)
    {
        try
        {
            var devices = await server.Store.FindDevicesAsync([request.Device]).ConfigureAwait(false);
            if (devices.All(device => IsRevoked(device, request)))
                revoked.Add(request);
        }
        catch (StoreException e) when (e.Fault == StoreFault.Damaged)
        {
            if (_damaged.Find(request.Device))
                Damaged(server.Log, request.Device.ToString());
        }
    }

    /// <returns>Whether the authority's list says it, or another's has to; false where the list is full: the request stays open.</returns>
    private bool IsRevoked(DeviceRecord device, RevocationRequest request)
    {
        try
        {
            server.Directory.Authority.Revoke(device.Chain.Leaf, request.Grounds);
            return true;
        }
        catch (AuthorityException e) when (e.Fault is AuthorityFault.Revoked)
        {
            return true; // a published list says all of it
        }
        catch (AuthorityException e) when (e.Fault is AuthorityFault.NotFound)
        {
            Failed(server.Log, e); // certified elsewhere: its own CA revokes it
            return true;
        }
        catch (AuthorityException e) when (e.Fault is AuthorityFault.ListTooLarge)
        {
            if (_withoutRoom.Find(request.Device))
                WithoutRoom(server.Log, request.Device.ToString());
            return false;
        }
    }

    private Task TakeRootListAsync()
    {
        server.Directory.UpdateRootList();
        return Task.CompletedTask;
    }

    private Task RefreshAsync()
    {
        var former = server.Trust.Current;
        if (!server.Trust.Refresh())
            return Task.CompletedTask;
        PushLists(former);
        if (server.Trust.Current.Refusal is { } refusal)
            Refused(server.Log, refusal);
        return Task.CompletedTask;
    }

    // A request is done when the list that names its device is in force here.
    private async Task CompleteAsync(List<RevocationRequest> revoked)
    {
        foreach (var request in revoked)
            await server.Store.CompleteRevocationAsync(request, server.Clock.GetUtcNow()).ConfigureAwait(false);
    }

    // SE-09
    private void PushLists(TrustState former)
    {
        foreach (var list in server.Trust.Current.ListsSince(former))
        {
            var push = Outgoing.Of(new PushCrls([list]));
            foreach (var session in server.Registry.All)
                session.Send(push);
        }
    }

    private void CutInvalid()
    {
        var (now, revocations) = (server.Clock.GetUtcNow(), server.Trust.Current.Revocations);
        foreach (var session in server.Registry.All)
        {
            try
            {
                session.Verified.CheckAt(now, revocations);
            }
            catch (CertificateRefusedException e)
            {
                session.Cut(WireCode.BadCert, e.Message);
            }
        }
    }

    [LoggerMessage(20, LogLevel.Warning, "maintenance failed; it is tried again")]
    private static partial void Failed(ILogger log, Exception fault);

    [LoggerMessage(22, LogLevel.Critical, "the store was changed: {Place} cannot be read, and is not carried out: ask for it again (countersign server revoke)")]
    private static partial void Unreadable(ILogger log, string place);

    [LoggerMessage(23, LogLevel.Critical, "the store was changed: device {Device} cannot be read, and is not revoked until it is restored from a backup (countersign admin check)")]
    private static partial void Damaged(ILogger log, string device);

    [LoggerMessage(24, LogLevel.Error, "the revocation list is full: device {Device} is not revoked (LI-06); whoever shares a conversation with it should remove it there")]
    private static partial void WithoutRoom(ILogger log, string device);

    [LoggerMessage(21, LogLevel.Error, "with the present revocation lists no client accepts this server")]
    private static partial void Refused(ILogger log, Exception fault);
}

/// <summary>Runs the forwarder of receipts with the host.</summary>
internal sealed class ReceiptService(ReceiptForwarder forwarder) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => forwarder.RunAsync(stoppingToken);
}
