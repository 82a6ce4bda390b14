using System.Collections.Concurrent;
using Countersign.Cryptography;
using Countersign.Protocol;
using Countersign.Testing;
using Microsoft.Extensions.Logging;

namespace Countersign.Server.Tests;

/// <summary>A real server on a free loopback port, with a directory of its own.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory;
    private ServerDirectory _files;
    private readonly ILoggerFactory _loggers;
    private readonly Func<IServerStore, IServerStore> _store;
    private ServerHost? _host;
    private bool _faultIsKnown;

    private TestServer(TemporaryDirectory directory, ServerDirectory files, RecordingLog log, Func<IServerStore, IServerStore>? store)
    {
        (_directory, _files, Log, _store) = (directory, files, log, store ?? (static opened => opened));
        _loggers = LoggerFactory.Create(builder => builder.AddProvider(log).SetMinimumLevel(LogLevel.Debug));
        Administration = ServerAdministration.Open(Path, TimeProvider.System);
    }

    public string Path => System.IO.Path.Combine(_directory.Path, "server");

    public RecordingLog Log { get; }

    public ServerAdministration Administration { get; }

    /// <summary>The running server's.</summary>
    public SetClock Clock { get; } = new();

    public ServerHost Host => _host ?? throw new InvalidOperationException("not started");

    /// <param name="options">What the operator decided.</param>
    /// <param name="store">Puts another store before the directory's.</param>
    /// <param name="prepare">Done with the directory before it is opened.</param>
    public static async Task<TestServer> StartAsync(
        ServerOptions? options = null, Func<IServerStore, IServerStore>? store = null, Action<string>? prepare = null)
    {
        var directory = new TemporaryDirectory();
        var path = System.IO.Path.Combine(directory.Path, "server");
        TestWorld.CopyServer(path);
        prepare?.Invoke(path);
        var files = ServerDirectory.Open(path, TestWorld.Passphrase, TimeProvider.System, options?.TimeStampAuthority);
        var server = new TestServer(directory, files, new RecordingLog(), store);
        await server.RestartAsync(options);
        return server;
    }

    /// <summary>Starts the server again on the same directory, at another port.</summary>
    public async Task RestartAsync(ServerOptions? options = null)
    {
        await StopAsync();
        options = (options ?? new ServerOptions()) with { Listen = new(System.Net.IPAddress.Loopback, 0) };
        _host = await ServerHost.StartAsync(
            _files, options, async metrics => _store(await ServerStores.OpenAsync(_files.Files, options.Store, metrics)), Clock, _loggers, CancellationToken.None);
    }

    /// <summary>Ends the server, has something done with its directory, and starts it anew, as another process would.</summary>
    public async Task ReopenAsync(Action<string> meanwhile, ServerOptions? options = null)
    {
        await StopAsync();
        _host = null;
        _files.Dispose();
        meanwhile(Path);
        _files = ServerDirectory.Open(Path, TestWorld.Passphrase, TimeProvider.System, options?.TimeStampAuthority);
        await RestartAsync(options);
    }

    /// <summary>The newest list of its first issuing CA.</summary>
    public CertificateRevocationList OwnList => Authority.AuthorityStore.ReadRevocationList(System.IO.Path.Combine(Path, "authority"));

    /// <summary>Changes its embedded store, in one transaction: the server's round may come at any time.</summary>
    public void Execute(string sql)
    {
        using var session = new SqliteSession(System.IO.Path.Combine(Path, "server.db"), Microsoft.Data.Sqlite.SqliteOpenMode.ReadWrite);
        session.Execute("BEGIN");
        session.Execute(sql);
        session.Execute("COMMIT");
    }

    /// <summary>What an operator has asked for and is not done.</summary>
    public async Task<IReadOnlyList<AskedRevocation>> OpenRevocationsAsync()
    {
        using var metrics = new ServerMetrics();
        await using var store = SqliteStore.Open(System.IO.Path.Combine(Path, "server.db"), metrics);
        return await store.OpenRevocationsAsync(0, 10);
    }

    /// <summary>What has ended the server, which is awaited.</summary>
    public async Task<Exception> FaultAsync()
    {
        _faultIsKnown = true;
        return await Assert.ThrowsAnyAsync<Exception>(() => Host.WaitForShutdownAsync(TestContext.Current.CancellationToken));
    }

    // No test passes on a server that a fault has ended.
    private async Task StopAsync()
    {
        if (_host is null)
            return;
        await _host.StopAsync(CancellationToken.None);
        if (!_faultIsKnown)
            await _host.WaitForShutdownAsync(CancellationToken.None);
    }

    /// <summary>A server with these limits that shows its metrics.</summary>
    public static Task<TestServer> StartAsync(ServerLimits limits) =>
        StartAsync(new ServerOptions { Limits = limits, Health = new(System.Net.IPAddress.Loopback, 0) });

    public Task<TestClient> ConnectAsync() => TestClient.ConnectAsync(Host.Endpoint);

    /// <summary>Connects from 127.0.0.<paramref name="host"/>: to the server, somebody else's address.</summary>
    public Task<TestClient> ConnectFromAsync(byte host) => TestClient.ConnectAsync(Host.Endpoint, new System.Net.IPAddress([127, 0, 0, host]));

    /// <summary>How often somebody met this limit, as the operator's monitoring sees it.</summary>
    public Task<double> TimesMetAsync(string limit) => MetricAsync($"countersign_limits_total{{limit=\"{limit}\"}}");

    /// <summary>A line of the metrics; 0 if there is none.</summary>
    public async Task<double> MetricAsync(string line)
    {
        using var http = new HttpClient();
        var text = await http.GetStringAsync(new Uri($"http://{Host.HealthEndpoint}/metrics"));
        return text.Split('\n').Where(one => one.StartsWith(line + " ", StringComparison.Ordinal))
            .Select(one => double.Parse(one[line.Length..], System.Globalization.CultureInfo.InvariantCulture)).SingleOrDefault();
    }

    public async Task<Invitation> InviteAsync(string user, TimeSpan? lifetime = null) =>
        await Administration.InviteAsync(UserName.Parse(user), Host.Endpoint.ToString(), lifetime ?? TimeSpan.FromDays(1));

    /// <summary>A user with one enrolled device, not yet registered.</summary>
    public async Task<TestUser> EnrolAsync(string user, int key)
    {
        using var invitation = await InviteAsync(user);
        await using var client = await ConnectAsync();
        var enrolled = await client.EnrolAsync(invitation, TestKeys.Get(key));
        return new TestUser(enrolled.Device.User, TestKeys.Get(key), enrolled.Chain);
    }

    /// <summary>A user with one device, enrolled, registered, and ready on a link.</summary>
    public async Task<TestClient> NewReadyAsync(string user, int key)
    {
        var enrolled = await EnrolAsync(user, key);
        var client = await ConnectAsync();
        await client.RegisterAsync(enrolled);
        return client;
    }

    /// <summary>Salt and cost of an account, as the client would learn them from a challenge.</summary>
    public async Task<(Salt16 Salt, PasswordCost Cost)> RecordOfAsync(UserName user)
    {
        using var metrics = new ServerMetrics();
        await using var store = SqliteStore.Open(System.IO.Path.Combine(Path, "server.db"), metrics);
        using var record = await store.FindAccountRecordAsync(user);
        return (record!.Salt, record.Cost);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await StopAsync();
        }
        finally
        {
            await Administration.DisposeAsync();
            _files.Dispose();
            _loggers.Dispose();
            _directory.Dispose();
        }
    }
}

/// <summary>A user's one device, as its owner has it.</summary>
internal sealed record TestUser(UserName User, SigningKey Key, CertificateChain Chain)
{
    public const string Password = "right password";

    public ClientIdentity Identity => new(Chain, Key);

    public Evidence.DeviceId Device => new(Chain.Leaf.Fingerprint);

    public Evidence.EntryAuthor Author => new(Key, Device);
}

/// <summary>Keeps every line the server logs.</summary>
internal sealed class RecordingLog : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>Is told each line before whoever logs it goes on.</summary>
    public Action<string> Told { get; set; } = static _ => { };

    /// <summary>Lines from this level on are kept, and then fail.</summary>
    public LogLevel FailsFrom { get; set; } = LogLevel.None;

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var line = $"{logLevel} {formatter(state, exception)} {exception}";
        _lines.Enqueue(line);
        Told(line);
        if (logLevel >= FailsFrom)
            throw new IOException("the log is full");
    }

    public void Dispose() { }
}
