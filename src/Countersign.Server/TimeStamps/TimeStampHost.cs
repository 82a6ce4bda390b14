using System.Net;
using Countersign.Authority;
using Countersign.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Countersign.Server;

/// <summary>A time-stamp authority that answers by HTTP (RFC 3161 section 3.4), in the clear: its answers prove themselves.</summary>
public sealed class TimeStampHost : IAsyncDisposable
{
    // Whoever asks is not known: what one can hold is bounded, in bytes and in time.
    private const int Connections = 256;
    private const int HeaderBytes = 8192;
    private static readonly TimeSpan Headers = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(2);
    private static readonly MinDataRate SlowestBody = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));

    private readonly WebApplication _application;
    private readonly ListenOptions _listen;

    private TimeStampHost(WebApplication application, ListenOptions listen) => (_application, _listen) = (application, listen);

    /// <summary>Where requests are answered: the port is the real one even if port 0 was asked for.</summary>
    public IPEndPoint Endpoint => _listen.IPEndPoint!;

    /// <summary>Starts answering.</summary>
    /// <param name="authority">Stays the caller's.</param>
    /// <param name="listen">Where.</param>
    /// <param name="loggers">Stays the caller's.</param>
    /// <param name="cancellation">Stops the starting.</param>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<TimeStampHost> StartAsync(
        TimeStampAuthority authority, IPEndPoint listen, ILoggerFactory loggers, CancellationToken cancellation)
    {
        ListenOptions? bound = null;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = TimeStampAuthority.MaxRequest;
            kestrel.Limits.MaxRequestHeadersTotalSize = HeaderBytes;
            kestrel.Limits.MaxRequestLineSize = HeaderBytes;
            kestrel.Limits.MaxConcurrentConnections = Connections;
            kestrel.Limits.RequestHeadersTimeout = Headers;
            kestrel.Limits.KeepAliveTimeout = KeepAlive;
            kestrel.Limits.MinRequestBodyDataRate = SlowestBody;
            kestrel.Limits.MinResponseDataRate = SlowestBody;
            kestrel.Listen(listen, endpoint => (bound = endpoint).Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddSingleton(loggers);
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(static host => host.ShutdownTimeout = Drain);
        builder.Services.AddSingleton<Microsoft.Extensions.Hosting.IHostLifetime, CallersLifetime>();
        var application = builder.Build();
        application.Run(context => AnswerAsync(authority, context));
        try
        {
            await application.StartAsync(cancellation).ConfigureAwait(false);
            return new TimeStampHost(application, bound!);
        }
        catch
        {
            await application.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    // Whatever the body holds, the authority answers with a response that says so; only what is no such request is HTTP's matter.
    private static async Task AnswerAsync(TimeStampAuthority authority, HttpContext context)
    {
        if (!HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return;
        }
        if (context.Request.ContentType != TimeStampRequest.MediaType)
        {
            context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }
        var body = new MemoryStream();
        try
        {
            await context.Request.Body.CopyToAsync(body, context.RequestAborted).ConfigureAwait(false);
        }
        catch (Microsoft.AspNetCore.Http.BadHttpRequestException e)
        {
            context.Response.StatusCode = e.StatusCode;
            return;
        }
        var response = authority.Respond(body.ToArray());
        context.Response.ContentType = TimeStampRequest.ResponseMediaType;
        context.Response.ContentLength = response.Length;
        await context.Response.Body.WriteAsync(response, context.RequestAborted).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync(CancellationToken.None).ConfigureAwait(false);
        await _application.DisposeAsync().ConfigureAwait(false);
    }
}

/// <summary>Signals are the caller's business: a host may live inside another program.</summary>
internal sealed class CallersLifetime : Microsoft.Extensions.Hosting.IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
