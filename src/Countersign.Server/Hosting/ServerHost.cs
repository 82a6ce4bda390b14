using System.Net;
using Microsoft.Extensions.Logging;

namespace Countersign.Server;

/// <summary>A running server: listener, ledger, store and health endpoint of one data directory.</summary>
public sealed class ServerHost : IAsyncDisposable
{
    private ServerHost() { }

    /// <summary>Where links are accepted: the port is the real one even if port 0 was asked for.</summary>
    public IPEndPoint Endpoint => throw new NotImplementedException();

    /// <summary>Where /healthz and /metrics answer, or null.</summary>
    public IPEndPoint? HealthEndpoint => throw new NotImplementedException();

    /// <summary>Starts the server of <paramref name="directory"/>; when the task completes, links are accepted.</summary>
    public static Task<ServerHost> StartAsync(
        ServerDirectory directory, ServerOptions options, TimeProvider clock, ILoggerFactory loggers, CancellationToken cancellation) =>
        throw new NotImplementedException();

    /// <summary>Completes when the server has stopped, by <see cref="StopAsync"/> or by a signal.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Tells every link SHUTDOWN, lets what is queued drain, and stops.</summary>
    public Task StopAsync(CancellationToken cancellation) => throw new NotImplementedException();

    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
