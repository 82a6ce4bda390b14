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

    private const int RevocationsAtOnce = 1000;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, server.Clock);
        do
            await RoundAsync().ConfigureAwait(false);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    private async Task RoundAsync()
    {
        try
        {
            await RevokeAsync().ConfigureAwait(false);
            if (server.Trust.Refresh())
                PushLists();
            CutInvalid();
        }
        catch (Exception e) when (e is StoreException or AuthorityException or CertificateRefusedException or IOException)
        {
            Failed(server.Log, e); // tried again in the next round; /healthz says when it matters
        }
    }

    private async Task RevokeAsync()
    {
        var requests = await server.Store.OpenRevocationsAsync(RevocationsAtOnce).ConfigureAwait(false);
        foreach (var request in requests)
        {
            var devices = await server.Store.FindDevicesAsync([request.Device]).ConfigureAwait(false);
            if (devices.Any(device => Revoke(device, request) == RevocationOutcome.ListFull))
                continue; // stays open, and keeps no other one and no list's renewal from being done
            await server.Store.CompleteRevocationAsync(request.Device, server.Clock.GetUtcNow()).ConfigureAwait(false);
        }
    }

    private RevocationOutcome Revoke(DeviceRecord device, RevocationRequest request)
    {
        try
        {
            server.Directory.Authority.Revoke(device.Chain.Leaf.Serial, request.Reason, request.SuspectSince);
            return RevocationOutcome.Done;
        }
        catch (AuthorityException e) when (e.Fault is AuthorityFault.Revoked or AuthorityFault.NotFound)
        {
            Failed(server.Log, e); // done before, or certified elsewhere: its own CA revokes it
            return RevocationOutcome.Done;
        }
        catch (AuthorityException e) when (e.Fault is AuthorityFault.ListTooLarge)
        {
            Failed(server.Log, e);
            return RevocationOutcome.ListFull;
        }
    }

    private void PushLists()
    {
        var push = Outgoing.Of(new PushCrls(server.Trust.Current.Lists));
        foreach (var session in server.Registry.All)
            session.Send(push);
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

    private enum RevocationOutcome
    {
        Done,
        ListFull,
    }

    [LoggerMessage(20, LogLevel.Warning, "maintenance failed; it is tried again")]
    private static partial void Failed(ILogger log, Exception fault);
}

/// <summary>Runs the forwarder of receipts with the host.</summary>
internal sealed class ReceiptService(ReceiptForwarder forwarder) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => forwarder.RunAsync(stoppingToken);
}
