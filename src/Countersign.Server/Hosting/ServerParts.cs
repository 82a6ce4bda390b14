using Countersign.Cryptography;
using Microsoft.Extensions.Logging;

namespace Countersign.Server;

/// <summary>The parts of one server, made in the order in which they need each other and ended the other way round.</summary>
internal sealed class ServerParts : IAsyncDisposable
{
    private readonly Belongings _made;

    private ServerParts(LinkServices links, PrometheusText prometheus, Stamper? stamper, ILoggerFactory loggers, Belongings made) =>
        (Links, Prometheus, Stamper, Loggers, _made) = (links, prometheus, stamper, loggers, made);

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
    /// <exception cref="StoreException">The store cannot be opened, or read. Whatever was made before has ended, as with every other failure.</exception>
    public static async Task<ServerParts> CreateAsync(
        ServerDirectory directory, ServerOptions options, Func<ServerMetrics, Task<IServerStore>> open, TimeProvider clock, ILoggerFactory loggers)
    {
        var made = new Belongings();
        try
        {
            return await CreateAsync(directory, options, open, clock, loggers, made).ConfigureAwait(false);
        }
        catch
        {
            await made.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static async Task<ServerParts> CreateAsync(
        ServerDirectory directory, ServerOptions options, Func<ServerMetrics, Task<IServerStore>> open, TimeProvider clock, ILoggerFactory loggers,
        Belongings made)
    {
        var limits = options.Limits;
        var source = TimeStampSources.Of(options.TimeStampAuthority, directory) is { } chosen ? made.Add(chosen) : null;
        var trust = new Trust(directory, clock);
        var metrics = made.Add(new ServerMetrics());
        var harmless = new HarmlessLogs(loggers, metrics);
        var log = harmless.CreateLogger("Countersign.Server");
        var prometheus = made.Add(new PrometheusText(metrics));
        var workers = made.Add(new HandshakeWorkers(limits.HandshakesAtWork));
        var store = made.AddAsync(await open(metrics).ConfigureAwait(false));
        await OwnCertificates.ExchangeAsync(directory, store, log).ConfigureAwait(false);
        var revoker = new Revoker(store, directory.Authority, log);
        await revoker.CarryOutAgainAsync().ConfigureAwait(false);
        trust.Refresh();
        var throttle = made.Add(new LoginThrottle(store, limits, clock));
        var nobody = made.Add(await AccountsOfNobody.LoadAsync(store, limits.PasswordCost).ConfigureAwait(false));
        var registry = new LinkRegistry();
        var signing = made.Add(new SigningClock(store, directory.Chain.Leaf, clock, log));
        var heads = made.AddAsync(new HeadSigner(directory.Key, directory.Chain.Leaf.Fingerprint, signing));
        var watch = new StoreWatch(store, directory.Root, log);
        var stamper = source is null ? null
            : made.Add(new Stamper(source, directory, store, store, watch, trust, registry, metrics, limits.StampInterval, signing, clock, log));
        var links = new LinkServices(
            directory, store, watch, nobody, limits, trust, revoker, new DeviceDirectory(store, directory.Authority.Kept, trust, clock),
            made.AddAsync(new Ledger(store, heads, Committed, limits, metrics)), heads, registry,
            new ReceiptForwarder(store, registry, clock, log), throttle, new LinkCounts(limits, metrics),
            workers, new Rates(limits, clock), new FoundingLimit(store, limits),
            new Shared<UserName, StorageRoom>(StorageRoom.Kept, user => new StorageRoom(user, store, limits.StoredBytesPerUser)), metrics, clock,
            UserName.TryParse(directory.Name.ToString(), out var name) ? name : null,
            new PeerLog(log, limits, metrics, clock), log);
        return new ServerParts(links, prometheus, stamper, harmless, made);

        void Committed(CommittedRun run)
        {
            registry.Push(run);
            stamper?.Committed(run);
        }
    }

    public ValueTask DisposeAsync() => _made.DisposeAsync();
}
