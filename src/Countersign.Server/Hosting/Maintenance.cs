using System.Security.Cryptography;
using Countersign.Authority;
using Countersign.Cryptography;
using Countersign.Protocol;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Countersign.Server;

/// <summary>What a server does of its own accord: revokes what operators ask for, renews revocation lists before they run out and
/// gives them to its clients, and cuts the links of devices that are no longer valid (CE-10).</summary>
internal sealed partial class Maintenance(LinkServices server) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

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
        var revoked = new List<CarriedOut>();
        await TryAsync(() => server.Revoker.CarryOutAsync(revoked)).ConfigureAwait(false);
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
    private async Task CompleteAsync(List<CarriedOut> revoked)
    {
        foreach (var (request, at) in revoked)
            await server.Store.CompleteRevocationAsync(request, at).ConfigureAwait(false);
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

    [LoggerMessage(21, LogLevel.Error, "with the present revocation lists no client accepts this server")]
    private static partial void Refused(ILogger log, Exception fault);
}

/// <summary>Runs the forwarder of receipts with the host.</summary>
internal sealed class ReceiptService(ReceiptForwarder forwarder) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => forwarder.RunAsync(stoppingToken);
}
