using System.Globalization;
using System.Net;
using Microsoft.Extensions.Configuration;

namespace Countersign.Server;

/// <summary>Reads <see cref="ServerOptions"/> from `server.json` in the data directory, then the environment, then flags: the later
/// wins. One table names every setting, so that reading, checking and `--print-config` cannot drift apart.</summary>
public static class ServerConfiguration
{
    /// <summary>The configuration file's name inside the data directory. It need not exist.</summary>
    public const string FileName = "server.json";

    /// <summary>COUNTERSIGN_SERVER_LISTEN sets `listen`, COUNTERSIGN_SERVER_LIMITS__LINKS sets `limits:links`.</summary>
    public const string EnvironmentPrefix = "COUNTERSIGN_SERVER_";

    private static readonly Setting[] Settings =
    [
        Setting.Endpoint("listen", o => o.Listen, (o, v) => o with { Listen = v }),
        Setting.Text("address", o => o.Address, (o, v) => o with { Address = v }, 255),
        Setting.OptionalEndpoint("health", o => o.Health, (o, v) => o with { Health = v }),
        new("timeStampAuthority", o => o.TimeStampAuthority.ToString(), (o, text) => o with
        {
            TimeStampAuthority = TimeStampChoice.Parse(text) ?? throw new OptionsException("The setting 'timeStampAuthority' must be none, self, or a URL."),
        }),
        Setting.Seconds("limits:handshakeSeconds", l => l.HandshakeTime, (l, v) => l with { HandshakeTime = v }, 1, 600),
        Setting.Seconds("limits:idleSeconds", l => l.IdleTime, (l, v) => l with { IdleTime = v }, 1, 86_400),
        Setting.Number("limits:links", l => l.Links, (l, v) => l with { Links = v }, 1, 1_000_000),
        Setting.Number("limits:linksPerAddress", l => l.LinksPerAddress, (l, v) => l with { LinksPerAddress = v }, 1, 1_000_000),
        Setting.Number("limits:handshakesAtWork", l => l.HandshakesAtWork, (l, v) => l with { HandshakesAtWork = v }, 1, 4096),
        Setting.Number("limits:outboundBytes", l => l.OutboundBytes, (l, v) => l with { OutboundBytes = v }, 524_288, 1 << 30),
        Setting.Number("limits:unansweredRequests", l => l.UnansweredRequests, (l, v) => l with { UnansweredRequests = v }, 1, 65_536),
        Setting.Number("limits:loginFailuresPerAccount", l => l.LoginFailuresPerAccount, (l, v) => l with { LoginFailuresPerAccount = v }, 1, 1000),
        Setting.Number("limits:loginFailuresPerAddress", l => l.LoginFailuresPerAddress, (l, v) => l with { LoginFailuresPerAddress = v }, 1, 100_000),
        Setting.Seconds("limits:loginWindowSeconds", l => l.LoginWindow, (l, v) => l with { LoginWindow = v }, 1, 86_400),
        Setting.Number("limits:prekeysPerDevice", l => l.PrekeysPerDevice, (l, v) => l with { PrekeysPerDevice = v }, 1, 10_000),
        Setting.Number("limits:devicesPerUser", l => l.DevicesPerUser, (l, v) => l with { DevicesPerUser = v }, 1, 16),
        Setting.Seconds("limits:invitationSeconds", l => l.InvitationTime, (l, v) => l with { InvitationTime = v }, 60, 30 * 86_400),
        Setting.Number("limits:cachedConversations", l => l.CachedConversations, (l, v) => l with { CachedConversations = v }, 1, 1_000_000),
        Setting.Number("limits:queuedEntries", l => l.QueuedEntries, (l, v) => l with { QueuedEntries = v }, 1, 1_000_000),
        Setting.Number("limits:entriesPerCommit", l => l.EntriesPerCommit, (l, v) => l with { EntriesPerCommit = v }, 1, 16_384),
        Setting.Seconds("limits:stampSeconds", l => l.StampInterval, (l, v) => l with { StampInterval = v }, 1, 60),
        Setting.Seconds("limits:drainSeconds", l => l.DrainTime, (l, v) => l with { DrainTime = v }, 0, 300),
    ];

    /// <summary>The effective options for the server in <paramref name="dataDirectory"/>.</summary>
    /// <param name="dataDirectory">The server's directory; its server.json is read if it is there.</param>
    /// <param name="flags">Settings given on the command line, by the names of the file (`limits:links`).</param>
    /// <exception cref="OptionsException">A setting is unknown or wrong, or the file is not JSON.</exception>
    public static ServerOptions Load(string dataDirectory, IReadOnlyDictionary<string, string?>? flags = null)
    {
        var builder = new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(Path.GetFullPath(dataDirectory), FileName), optional: true)
            .AddEnvironmentVariables(EnvironmentPrefix);
        if (flags is not null)
            builder.AddInMemoryCollection(flags.Where(f => f.Value is not null));
        try
        {
            return Read(builder.Build());
        }
        catch (InvalidDataException)
        {
            throw new OptionsException($"{FileName} is not valid JSON.");
        }
    }

    /// <summary>Reads every known setting; an unknown one is an error, because a misspelt limit would silently be none.</summary>
    /// <exception cref="OptionsException">A setting is unknown or wrong.</exception>
    public static ServerOptions Read(IConfiguration configuration)
    {
        var given = configuration.AsEnumerable().Where(pair => pair.Value is not null).ToList();
        foreach (var (key, _) in given)
            if (!Settings.Any(s => s.Name.Equals(key, StringComparison.OrdinalIgnoreCase)))
                throw new OptionsException($"The setting '{key}' does not exist.");
        var options = new ServerOptions();
        foreach (var setting in Settings)
            if (configuration[setting.Name] is { } text)
                options = setting.Set(options, text);
        if (options.Health is { } health && !IPAddress.IsLoopback(health.Address))
            throw new OptionsException("The setting 'health' must be a loopback address: it answers without asking who calls.");
        return options;
    }

    /// <summary>The effective configuration for `--print-config`, as (name, value) in the table's order. No setting is a secret.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Print(ServerOptions options) =>
        [.. Settings.Select(s => KeyValuePair.Create(s.Name, s.Get(options)))];

    private sealed record Setting(string Name, Func<ServerOptions, string> Get, Func<ServerOptions, string, ServerOptions> Set)
    {
        public static Setting Text(string name, Func<ServerOptions, string> get, Func<ServerOptions, string, ServerOptions> set, int max) =>
            new(name, get, (o, text) => text.Length <= max ? set(o, text) : throw Wrong(name, $"at most {max} characters"));

        public static Setting Endpoint(string name, Func<ServerOptions, IPEndPoint> get, Func<ServerOptions, IPEndPoint, ServerOptions> set) =>
            new(name, o => get(o).ToString(), (o, text) => set(o, ParseEndpoint(name, text)));

        public static Setting OptionalEndpoint(string name, Func<ServerOptions, IPEndPoint?> get, Func<ServerOptions, IPEndPoint?, ServerOptions> set) =>
            new(name, o => get(o)?.ToString() ?? "", (o, text) => set(o, text.Length == 0 ? null : ParseEndpoint(name, text)));

        public static Setting Number(string name, Func<ServerLimits, int> get, Func<ServerLimits, int, ServerLimits> set, int min, int max) =>
            new(name,
                o => get(o.Limits).ToString(CultureInfo.InvariantCulture),
                (o, text) => o with { Limits = set(o.Limits, ParseNumber(name, text, min, max)) });

        public static Setting Seconds(string name, Func<ServerLimits, TimeSpan> get, Func<ServerLimits, TimeSpan, ServerLimits> set, int min, int max) =>
            Number(name, l => (int)get(l).TotalSeconds, (l, v) => set(l, TimeSpan.FromSeconds(v)), min, max);

        // TryParse takes "7450" for the address 0.0.29.26: without a colon it is nobody's intention.
        private static IPEndPoint ParseEndpoint(string name, string text) =>
            text.Contains(':') && IPEndPoint.TryParse(text, out var endpoint)
                ? endpoint
                : throw Wrong(name, "an address and a port, as in 127.0.0.1:7450 or [::]:7450");

        private static int ParseNumber(string name, string text, int min, int max) =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max
                ? value
                : throw Wrong(name, $"a whole number from {min} to {max}");

        private static OptionsException Wrong(string name, string allowed) => new($"The setting '{name}' must be {allowed}.");
    }
}
