using System.Net;
using System.Net.Sockets;
using Countersign.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;

namespace Countersign.Server;

/// <summary>A running server: listener, ledger, store and health endpoint of one data directory.</summary>
public sealed partial class ServerHost : IAsyncDisposable
{
    /// <summary>What a peer may send ahead of our reading. A frame that is larger is read piece by piece; strangers, whose frames are
    /// smaller, hold no more of our memory than this and one frame.</summary>
    private const int LargestBacklog = 32 * 1024;

    private readonly WebApplication _application;
    private readonly ServerParts _parts;
    private readonly LinkHandler _handler;
    private readonly ListenOptions _listen;
    private readonly ListenOptions? _health;
    private readonly BackgroundService[] _services;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Exception? _fault;
    private int _stopping;

    private ServerHost(
        WebApplication application, ServerParts parts, BackgroundService[] services, LinkHandler handler, ListenOptions listen, ListenOptions? health)
    {
        (_application, _parts, _services, _handler, _listen, _health) = (application, parts, services, handler, listen, health);
    }

    /// <summary>Where links are accepted: the port is the real one even if port 0 was asked for.</summary>
    public IPEndPoint Endpoint => _listen.IPEndPoint!;

    /// <summary>Where /healthz and /metrics answer, or null.</summary>
    public IPEndPoint? HealthEndpoint => _health?.IPEndPoint;

    /// <summary>Starts the server of <paramref name="directory"/>; when the task completes, links are accepted.</summary>
    /// <param name="directory">Opened, and disposed, by the caller.</param>
    /// <param name="options">What the operator decided.</param>
    /// <param name="clock">The server's clock.</param>
    /// <param name="loggers">Where one line for each failure goes; stays the caller's.</param>
    /// <param name="cancellation">Stops the starting, also in the middle of a migration of the database, which the next start does or goes on with.</param>
    /// <exception cref="StoreException">The database cannot be opened.</exception>
    /// <exception cref="CertificateRefusedException">No client would accept this server.</exception>
    /// <exception cref="IOException">The port is taken.</exception>
    public static Task<ServerHost> StartAsync(
        ServerDirectory directory, ServerOptions options, TimeProvider clock, ILoggerFactory loggers, CancellationToken cancellation) =>
        StartAsync(directory, options, metrics => ServerStores.OpenAsync(directory.Files, options.Store, metrics, cancellation), clock, loggers, cancellation);

    /// <summary>The same on another store than the directory's.</summary>
    internal static async Task<ServerHost> StartAsync(
        ServerDirectory directory, ServerOptions options, Func<ServerMetrics, Task<IServerStore>> open, TimeProvider clock, ILoggerFactory loggers,
        CancellationToken cancellation)
    {
        var parts = await ServerParts.CreateAsync(directory, options, open, clock, loggers).ConfigureAwait(false);
        ServerHost? host = null;
        try
        {
            host = Build(parts, options);
            await host._application.StartAsync(cancellation).ConfigureAwait(false);
            host.WatchParts();
            host.SayReady();
            return host;
        }
        catch
        {
            // The services, and one of the listeners, may have begun: they end before what they work on is closed.
            if (host is null)
                await parts.DisposeAsync().ConfigureAwait(false);
            else
                await host.StopAsync(CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // why it did not start is what is told
            throw;
        }
    }

    // Type=notify. The package's lifetime looks whether the parent process is systemd, whom ProtectProc hides: who is given a socket, answers on it.
    // It may be another program's, inherited, and gone: nobody waits there.
    private void SayReady()
    {
        try
        {
            new SystemdNotifier().Notify(ServiceState.Ready);
        }
        catch (SocketException e)
        {
            NotTold(_parts.Links.Log, e);
        }
    }

    /// <summary>Completes when the server has stopped by <see cref="StopAsync"/>. If a part of it has ended by a fault, the server stops with it,
    /// and this ends with that fault.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellation) => _stopped.Task.WaitAsync(cancellation);

    /// <summary>Tells every link SHUTDOWN, lets what is queued drain, and stops. Who calls while it stops waits for that.</summary>
    public async Task StopAsync(CancellationToken cancellation)
    {
        if (Interlocked.Exchange(ref _stopping, 1) != 0)
        {
            await _stopped.Task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // a fault is told to who waits for the shutdown
            return;
        }
        try
        {
            await EndAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            _stopped.TrySetException(e); // however it ends, nobody waits for ever
            throw;
        }
        if ((Volatile.Read(ref _fault) ?? Parts().Select(FaultOf).FirstOrDefault(static fault => fault is not null)) is { } first)
            _stopped.TrySetException(first);
        else
            _stopped.TrySetResult();
    }

    private async Task EndAsync(CancellationToken cancellation)
    {
        try
        {
            _handler.Stop();
            await _application.StopAsync(cancellation).ConfigureAwait(false); // takes no new links, and waits for the open ones
            await _application.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            await _parts.DisposeAsync().ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None).ConfigureAwait(false);

    private static ServerHost Build(ServerParts parts, ServerOptions options)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        var handler = new LinkHandler(parts.Links);
        BackgroundService[] services = [new Maintenance(parts.Links), parts.Links.Watch, new ReceiptService(parts.Links.Receipts),
            .. parts.Stamper is { } stamper ? [new StamperService(stamper)] : Array.Empty<BackgroundService>()];
        ListenOptions? listen = null, health = null;
        builder.WebHost.UseKestrelCore().UseSockets(static sockets =>
        {
            sockets.MaxReadBufferSize = LargestBacklog;
            // What has arrived is handled, and what was sealed is sent, on the thread that has it: each hand-over costs more than a small
            // message. The runtime has left the thread that polls the sockets before that; signatures of strangers have their own threads.
            sockets.UnsafePreferInlineScheduling = true;
        }).ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(options.Listen, endpoint =>
            {
                listen = endpoint;
                endpoint.Run(handler.OnConnectedAsync);
            });
            if (options.Health is { } at)
                kestrel.Listen(at, endpoint => (health = endpoint).Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddSingleton(parts.Loggers);
        builder.Services.AddSingleton<IHostLifetime, CallersLifetime>();
        builder.Services.Configure<HostOptions>(host =>
        {
            host.ShutdownTimeout = options.Limits.DrainTime + TimeSpan.FromSeconds(5);
            host.BackgroundServiceExceptionBehavior = BackgroundServiceExceptionBehavior.Ignore; // the host would stop as if it had been told to
        });
        foreach (var service in services)
            builder.Services.AddSingleton<IHostedService>(_ => service);
        var application = builder.Build();
        application.Run(new HealthPages(parts.Links.Store, parts.Links.Ledger, parts.Links.Heads, parts.Links.Trust, parts.Prometheus, parts.Links.Clock).AnswerAsync);
        _ = application.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>(); // binds the options above
        return new ServerHost(application, parts, services, handler, listen!, health);
    }

    private IEnumerable<Part> Parts() =>
        [new(nameof(Ledger), _parts.Links.Ledger.Completion, false),
            .. _services.Where(static service => service.ExecuteTask is not null).Select(static service => new Part(service.GetType().Name, service.ExecuteTask!, true))];

    // A server without its ledger can accept nothing, and one without a service only seems to do its work: better none, and a supervisor
    // that sees it.
    private void WatchParts()
    {
        foreach (var part in Parts())
            part.Running.ContinueWith(_ => EndedAsync(part), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private async Task EndedAsync(Part part)
    {
        if (FaultOf(part) is not { } fault)
            return;
        Interlocked.CompareExchange(ref _fault, fault, null);
        try
        {
            PartFault(_parts.Links.Log, part.Name, fault);
        }
        finally
        {
            await StopAsync(CancellationToken.None).ConfigureAwait(false); // whether or not the log takes a line
        }
    }

    // Only a service ends by cancellation, and only when the server is told to stop.
    private Exception? FaultOf(Part part) => part.Running switch
    {
        { Exception.InnerException: { } fault } => fault,
        { IsCanceled: true } when !part.IsCancelledToStop || Volatile.Read(ref _stopping) == 0 =>
            new InvalidOperationException($"{part.Name} was cancelled, and nobody had told the server to stop."),
        _ => null,
    };

    private readonly record struct Part(string Name, Task Running, bool IsCancelledToStop);

    [LoggerMessage(42, LogLevel.Warning, "who started this server could not be told that it is ready: nobody is at NOTIFY_SOCKET; it serves")]
    private static partial void NotTold(ILogger log, Exception fault);

    [LoggerMessage(41, LogLevel.Critical, "{Part} has ended by a fault of this server, which stops")]
    private static partial void PartFault(ILogger log, string part, Exception fault);
}
