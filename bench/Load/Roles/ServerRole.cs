using System.Globalization;
using System.Net;
using Countersign.Server;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Countersign.Load;

/// <summary>The server under test: the product's own host on a directory that the parent has made.</summary>
internal static class ServerRole
{
    /// <summary>Limits that one address with thousands of links does not meet; everything else is the default.</summary>
    private static readonly ServerLimits Limits = new()
    {
        Links = 20_000,
        LinksPerAddress = 20_000,
        LinksBeforeLogin = 20_000,
        HandshakesPerSecond = 1_000_000,
        EntriesPerSecond = 1_000_000,
        RequestsPerSecond = 1_000_000,
        ConversationsPerUser = 100_000,
        IdleTime = TimeSpan.FromHours(1),
        HandshakeTime = TimeSpan.FromMinutes(5),
    };

    /// <summary>Bytes for the state of conversations where few are to be in memory: some 30 of those with one member.</summary>
    private const int SmallMemory = 80 * 1024;

    /// <param name="path">The server's directory.</param>
    /// <param name="way">quiet; log (every line, to a file); small (state of few conversations in memory); or nolog with the number of a
    /// conversation's first entries that are stored.</param>
    public static async Task RunAsync(string path, string[] way)
    {
        var log = way[0] == "log";
        using var directory = ServerDirectory.Open(path, LoadWorld.Passphrase, TimeProvider.System);
        await using var lines = log ? new StreamWriter(Path.Combine(path, "server.log")) : StreamWriter.Null;
        using var loggers = log ? LoggerFactory.Create(builder => builder.AddProvider(new LineLog(lines)).SetMinimumLevel(LogLevel.Debug)) : null;
        var options = new ServerOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0), Limits = way[0] == "small" ? Limits with { ConversationMemory = SmallMemory } : Limits };
        await using var host = await ServerHost.StartAsync(
            directory, options, OpenStore, TimeProvider.System, loggers ?? (ILoggerFactory)NullLoggerFactory.Instance, CancellationToken.None);
        await Role.ServeAsync(host.Endpoint.ToString());

        async Task<IServerStore> OpenStore(ServerMetrics metrics)
        {
            var store = await ServerStores.OpenAsync(directory.Files, options.Store, metrics);
            return way[0] == "nolog" ? new NoLogStore(store, ulong.Parse(way[1], CultureInfo.InvariantCulture)) : store;
        }
    }

    /// <summary>Every line to a file, flushed, as an operator who wants to see everything has it.</summary>
    private sealed class LineLog(TextWriter output) : ILoggerProvider, ILogger
    {
        private readonly Lock _gate = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_gate)
            {
                output.WriteLine($"{DateTimeOffset.UtcNow:O} {logLevel} {formatter(state, exception)}");
                output.Flush();
            }
        }

        public void Dispose() { }
    }
}
