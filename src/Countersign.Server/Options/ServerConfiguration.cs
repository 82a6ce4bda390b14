using System.Net;
using Countersign.Cryptography;
using Countersign.Evidence;
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

    // The names of what chooses the store; they are read together.
    private const string Store = "store", Connection = "connectionString", ConnectionFile = "connectionStringFile";

    private static readonly Setting[] Settings =
    [
        Setting.Endpoint("listen", o => o.Listen, (o, v) => o with { Listen = v }),
        Setting.Text("address", o => o.Address, (o, v) => o with { Address = v }, 255),
        Setting.OptionalEndpoint("health", o => o.Health, (o, v) => o with { Health = v }),
        new(Store, "sqlite or mysql", o => o.Store.Kind.ToString().ToLowerInvariant(), static (o, _) => o),
        new(Connection, "as MySqlConnector reads it", o => o.Store.Kind == StoreKind.MySql ? "(not shown)" : "", static (o, _) => o),
        new(ConnectionFile, "a file whose first line is it", o => o.Store.ConnectionFile ?? "", static (o, _) => o),
        new("timeStampAuthority", "none, self, or a URL", o => o.TimeStampAuthority.ToString(), (o, text) => o with
        {
            TimeStampAuthority = TimeStampChoice.Parse(text) ?? throw new OptionsException("The setting 'timeStampAuthority' must be none, self, or a URL."),
        }),
        Setting.Seconds("limits:handshakeSeconds", l => l.HandshakeTime, (l, v) => l with { HandshakeTime = v }, 1, 600),
        Setting.Seconds("limits:idleSeconds", l => l.IdleTime, (l, v) => l with { IdleTime = v }, 1, 86_400),
        Setting.Number("limits:links", l => l.Links, (l, v) => l with { Links = v }, 1, 1_000_000),
        Setting.Number("limits:linksPerAddress", l => l.LinksPerAddress, (l, v) => l with { LinksPerAddress = v }, 1, 1_000_000),
        Setting.Number("limits:linksPerUser", l => l.LinksPerUser, (l, v) => l with { LinksPerUser = v }, 1, 1_000_000),
        Setting.Number("limits:linksBeforeLogin", l => l.LinksBeforeLogin, (l, v) => l with { LinksBeforeLogin = v }, 1, 1_000_000),
        Setting.Number("limits:handshakesAtWork", l => l.HandshakesAtWork, (l, v) => l with { HandshakesAtWork = v }, 1, 256),
        Setting.Number("limits:handshakesPerSecond", l => l.HandshakesPerSecond, (l, v) => l with { HandshakesPerSecond = v }, 1, 1_000_000),
        Setting.Number("limits:outboundBytes", l => l.OutboundBytes, (l, v) => l with { OutboundBytes = v }, 524_288, 1 << 30),
        Setting.Number("limits:unansweredRequests", l => l.UnansweredRequests, (l, v) => l with { UnansweredRequests = v }, 1, 65_536),
        Setting.Number("limits:entriesPerSecond", l => l.EntriesPerSecond, (l, v) => l with { EntriesPerSecond = v }, 1, 1_000_000),
        Setting.Number("limits:requestsPerSecond", l => l.RequestsPerSecond, (l, v) => l with { RequestsPerSecond = v }, 10, 1_000_000),
        Setting.Number("limits:conversationsPerUser", l => l.ConversationsPerUser, (l, v) => l with { ConversationsPerUser = v }, 1, 1_000_000),
        Setting.Number("limits:storedMiBPerUser", l => (int)(l.StoredBytesPerUser / ServerLimits.MiB), (l, v) => l with { StoredBytesPerUser = v * ServerLimits.MiB }, 1, 1_048_576),
        Setting.Number("limits:membersPerConversation", l => l.MembersPerConversation, (l, v) => l with { MembersPerConversation = v }, 1, ConversationLimits.MaxMembers),
        Setting.Number("limits:changesPerConversation", l => l.ChangesPerConversation, (l, v) => l with { ChangesPerConversation = v }, 1000, ConversationRoom.MaxChanges),
        Setting.Number("limits:loginFailuresPerAccount", l => l.LoginFailuresPerAccount, (l, v) => l with { LoginFailuresPerAccount = v }, 1, 1000),
        Setting.Number("limits:loginFailuresPerAddress", l => l.LoginFailuresPerAddress, (l, v) => l with { LoginFailuresPerAddress = v }, 1, 100_000),
        Setting.Seconds("limits:loginWindowSeconds", l => l.LoginWindow, (l, v) => l with { LoginWindow = v }, 1, 86_400),
        Setting.Number("limits:passwordMemoryKiB", l => l.PasswordCost.MemoryKiB, (l, v) => l with { PasswordCost = new(v, l.PasswordCost.Passes) },
            PasswordCost.Default.MemoryKiB, PasswordCost.MaxMemoryKiB),
        Setting.Number("limits:passwordPasses", l => l.PasswordCost.Passes, (l, v) => l with { PasswordCost = new(l.PasswordCost.MemoryKiB, v) },
            PasswordCost.Default.Passes, PasswordCost.MaxPasses),
        Setting.Number("limits:prekeysPerDevice", l => l.PrekeysPerDevice, (l, v) => l with { PrekeysPerDevice = v }, 1, 10_000),
        Setting.Number("limits:prekeysTakenPerHour", l => l.PrekeysTakenPerHour, (l, v) => l with { PrekeysTakenPerHour = v }, 1, 10_000),
        Setting.Number("limits:devicesPerUser", l => l.DevicesPerUser, (l, v) => l with { DevicesPerUser = v }, 1, 16),
        Setting.Seconds("limits:invitationSeconds", l => l.InvitationTime, (l, v) => l with { InvitationTime = v }, 60, 30 * 86_400),
        Setting.Number("limits:conversationMemoryMiB", l => (int)(l.ConversationMemory / ServerLimits.MiB), (l, v) => l with { ConversationMemory = v * ServerLimits.MiB }, 1, 1_048_576),
        Setting.Number("limits:queuedEntries", l => l.QueuedEntries, (l, v) => l with { QueuedEntries = v }, 1, 1_000_000),
        Setting.Number("limits:entriesPerCommit", l => l.EntriesPerCommit, (l, v) => l with { EntriesPerCommit = v }, 1, 16_384),
        Setting.Number("limits:logLinesPerSecond", l => l.LogLinesPerSecond, (l, v) => l with { LogLinesPerSecond = v }, 1, 100_000),
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
        options = options with { Store = ReadStore(configuration) };
        if (options.Health is { } health && !IPAddress.IsLoopback(health.Address))
            throw new OptionsException("The setting 'health' must be a loopback address: it answers without asking who calls.");
        return options;
    }

    /// <summary>The names and bounds of all settings, for the test that compares the documentation.</summary>
    internal static IEnumerable<(string Name, string Default, string Allowed)> Table =>
        Settings.Select(static s => (s.Name, s.Get(new ServerOptions()), s.Allowed));

    private static StoreChoice ReadStore(IConfiguration configuration)
    {
        var (connection, file) = configuration[Connection] is { Length: > 0 } given ? (given, null)
            : configuration[ConnectionFile] is { Length: > 0 } path ? (StoreChoice.ReadConnection(path), path)
            : (null, (string?)null);
        return configuration[Store]?.ToLowerInvariant() switch
        {
            null or "" or "sqlite" when connection is null => StoreChoice.Sqlite,
            null or "" or "sqlite" => throw new OptionsException("The setting 'connectionString' needs the setting 'store' to be mysql."),
            "mysql" => StoreChoice.MySql(
                connection ?? throw new OptionsException("The setting 'store' is mysql: 'connectionString' or 'connectionStringFile' is missing."), file),
            _ => throw new OptionsException("The setting 'store' must be sqlite or mysql."),
        };
    }

    /// <summary>The effective configuration for `--print-config`, as (name, value) in the table's order. The connection string is a
    /// secret, and not shown.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Print(ServerOptions options) =>
        [.. Settings.Select(s => KeyValuePair.Create(s.Name, s.Get(options)))];
}
