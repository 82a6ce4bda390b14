using Countersign.Cryptography;
using Microsoft.Extensions.Logging;

namespace Countersign.Server;

/// <summary>The parts of one server, made in the order in which they need each other and ended the other way round.</summary>
internal sealed class ServerParts : IAsyncDisposable
{
    private readonly SigningClock _signing;

    private ServerParts(LinkServices links, PrometheusText prometheus, Stamper? stamper, SigningClock signing, ILoggerFactory loggers) =>
        (Links, Prometheus, Stamper, _signing, Loggers) = (links, prometheus, stamper, signing, loggers);

    public LinkServices Links { get; }

    public PrometheusText Prometheus { get; }

    /// <summary>For whatever else runs in this server.</summary>
    public ILoggerFactory Loggers { get; }

    /// <summary>Has heads stamped; null if the operator wants none.</summary>
    public Stamper? Stamper { get; }

    /// <param name="directory">The server's files.</param>
    /// <param name="options">What the operator decided.</param>
    /// <param name="open">Opens the store, which then belongs to these parts.</param>
    /// <param name="clock">The server's clock.</param>
    /// <param name="loggers">For one line for each failure.</param>
    public static async Task<ServerParts> CreateAsync(
        ServerDirectory directory, ServerOptions options, Func<ServerMetrics, Task<IServerStore>> open, TimeProvider clock, ILoggerFactory loggers)
    {
        var limits = options.Limits;
        var source = TimeStampSources.Of(options.TimeStampAuthority, directory);
        var trust = new Trust(directory, clock);
        var metrics = new ServerMetrics();
        var harmless = new HarmlessLogs(loggers, metrics);
        var log = harmless.CreateLogger("Countersign.Server");
        var prometheus = new PrometheusText(metrics);
        var store = await open(metrics).ConfigureAwait(false);
        var nobody = await AccountsOfNobody.LoadAsync(store, limits.PasswordCost).ConfigureAwait(false);
        var registry = new LinkRegistry();
        var signing = new SigningClock(store, directory.Chain.Leaf, clock, log);
        var heads = new HeadSigner(directory.Key, directory.Chain.Leaf.Fingerprint, signing);
        var watch = new StoreWatch(store, directory.Root, log);
        var stamper = source is null ? null
            : new Stamper(source, directory, store, store, watch, trust, registry, limits.StampInterval, signing, clock, log);
        var links = new LinkServices(
            directory, store, watch, nobody, limits, trust, new DeviceDirectory(store, directory.Authority.Kept, trust, clock),
            new Ledger(store, heads, Committed, clock, limits, metrics), heads, registry,
            new ReceiptForwarder(store, registry, clock, log), new LoginThrottle(store, limits, clock), new LinkCounts(limits, metrics),
            new HandshakeWorkers(limits.HandshakesAtWork), new Rates(limits, clock), new FoundingLimit(store, limits),
            new Shared<UserName, StorageRoom>(StorageRoom.Kept, user => new StorageRoom(user, store, limits.StoredBytesPerUser)), metrics, clock,
            UserName.TryParse(directory.Name.ToString(), out var name) ? name : null,
            new PeerLog(log, limits, metrics, clock), log);
        return new ServerParts(links, prometheus, stamper, signing, harmless);

        void Committed(CommittedRun run)
        {
            registry.Push(run);
            stamper?.Committed(run);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Links.Ledger.DisposeAsync().ConfigureAwait(false);
        Stamper?.Dispose();
        await Links.Heads.DisposeAsync().ConfigureAwait(false);
        _signing.Dispose();
        await Links.Store.DisposeAsync().ConfigureAwait(false);
        Links.Nobody.Dispose();
        Links.Throttle.Dispose();
        Links.Workers.Dispose();
        Prometheus.Dispose();
        Links.Metrics.Dispose();
    }
}
