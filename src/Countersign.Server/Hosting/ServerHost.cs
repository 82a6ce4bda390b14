using System.Net;
using Countersign.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
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
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _stopping;

    private ServerHost(WebApplication application, ServerParts parts, LinkHandler handler, ListenOptions listen, ListenOptions? health)
    {
        (_application, _parts, _handler, _listen, _health) = (application, parts, handler, listen, health);
        application.Lifetime.ApplicationStopping.Register(() => _ = StopAsync(CancellationToken.None)); // systemd's word
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
    /// <param name="cancellation">Stops the starting.</param>
    /// <exception cref="StoreException">The database cannot be opened.</exception>
    /// <exception cref="CertificateRefusedException">No client would accept this server.</exception>
    /// <exception cref="IOException">The port is taken.</exception>
    public static Task<ServerHost> StartAsync(
        ServerDirectory directory, ServerOptions options, TimeProvider clock, ILoggerFactory loggers, CancellationToken cancellation) =>
        StartAsync(directory, options, metrics => ServerStores.OpenAsync(directory.Files, options.Store, metrics), clock, loggers, cancellation);

    /// <summary>The same on another store than the directory's.</summary>
    internal static async Task<ServerHost> StartAsync(
        ServerDirectory directory, ServerOptions options, Func<ServerMetrics, Task<IServerStore>> open, TimeProvider clock, ILoggerFactory loggers,
        CancellationToken cancellation)
    {
        var parts = await ServerParts.CreateAsync(directory, options, open, clock, loggers).ConfigureAwait(false);
        try
        {
            var host = Build(parts, options);
            await host._application.StartAsync(cancellation).ConfigureAwait(false);
            host.WatchLedger();
            return host;
        }
        catch
        {
            await parts.DisposeAsync().ConfigureAwait(false);
            throw;
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
            _handler.Stop();
            await _application.StopAsync(cancellation).ConfigureAwait(false); // takes no new links, and waits for the open ones
            await _application.DisposeAsync().ConfigureAwait(false);
            await _parts.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            _stopped.TrySetException(e); // however it ends, nobody waits for ever
            throw;
        }
        if (_parts.Links.Ledger.Completion.Exception?.InnerException is { } fault)
            _stopped.TrySetException(fault);
        else
            _stopped.TrySetResult();
    }

    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None).ConfigureAwait(false);

    private static ServerHost Build(ServerParts parts, ServerOptions options)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        var handler = new LinkHandler(parts.Links);
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
        builder.Services.AddSystemd(); // does nothing unless systemd has started this process
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.Limits.DrainTime + TimeSpan.FromSeconds(5));
        builder.Services.AddHostedService(_ => new Maintenance(parts.Links));
        builder.Services.AddHostedService(_ => parts.Links.Watch);
        builder.Services.AddHostedService(_ => new ReceiptService(parts.Links.Receipts));
        if (parts.Stamper is { } stamper)
            builder.Services.AddHostedService(_ => new StamperService(stamper));
        var application = builder.Build();
        application.Run(new HealthPages(parts.Links.Store, parts.Links.Ledger, parts.Links.Heads, parts.Links.Trust, parts.Prometheus, parts.Links.Clock).AnswerAsync);
        _ = application.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>(); // binds the options above
        return new ServerHost(application, parts, handler, listen!, health);
    }

    // A ledger that has ended by a bug leaves a server that can accept nothing: better none, and a supervisor that sees it.
    private void WatchLedger() => _parts.Links.Ledger.Completion.ContinueWith(
        async ended =>
        {
            if (ended.Exception?.InnerException is not { } fault)
                return;
            LedgerFault(_parts.Links.Log, fault);
            await StopAsync(CancellationToken.None).ConfigureAwait(false);
        },
        CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);

    [LoggerMessage(41, LogLevel.Critical, "the ledger has ended by a fault of this server, which stops")]
    private static partial void LedgerFault(ILogger log, Exception fault);
}
