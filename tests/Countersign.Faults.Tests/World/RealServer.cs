using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Countersign.Authority;
using Countersign.Cryptography;
using Countersign.Protocol;
using Countersign.Server;
using Countersign.Testing;

namespace Countersign.Faults.Tests;

/// <summary>The real server process, <c>countersign serve</c>, on a data directory that outlives it. Its time-stamp authority is its own,
/// so that a conversation can come to the verdict PASSED.</summary>
internal sealed class RealServer : IAsyncDisposable
{
    private static readonly HttpClient Http = new();
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(60);

    private readonly TemporaryDirectory _directory = new();
    private readonly Lock _lock = new();
    private readonly List<JsonObject> _lines = [];
    private readonly List<string> _talk = [];
    private Process? _guard;
    private Task _reading = Task.CompletedTask;
    private int _pid;
    private bool _isDisposed;

    private RealServer(string? place, string? database)
    {
        Data = Path.Combine(place ?? _directory.Path, "data");
        Store = database is null ? StoreChoice.Sqlite : StoreChoice.MySql(database);
    }

    /// <summary>The data directory.</summary>
    public string Data { get; }

    public string Files => Path.Combine(Data, "server");

    public StoreChoice Store { get; }

    public IPEndPoint Endpoint { get; } = new(IPAddress.Loopback, FreePort());

    /// <summary>Where clients connect, if something stands before the server.</summary>
    public IPEndPoint? Front { get; set; }

    public Hash32 Root { get; private set; }

    /// <summary>Settings of the next start, as limits:idleSeconds=2.</summary>
    public List<string> Settings { get; } = [];

    /// <summary>From the next start on it shows its counters.</summary>
    public bool Health { get; set; }

    /// <summary>Of the next start.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    public bool Runs => _guard is not null && !TheProgram.IsGone(_pid);

    /// <summary>Makes a server's directory and starts it.</summary>
    /// <param name="place">An existing directory for its data; one of its own if null.</param>
    /// <param name="database">A connection string, for MySQL or MariaDB.</param>
    /// <param name="prepare">Before the start.</param>
    public static async Task<RealServer> StartAsync(string? place = null, string? database = null, Action<RealServer>? prepare = null)
    {
        var server = new RealServer(place, database);
        using var key = TestKeys.Named("root").ExportPkcs8();
        using var root = AuthorityStore.CreateRootInMemory("Faults root", SigningKey.ImportPkcs8(key), TimeProvider.System);
        server.Root = root.Certificate.Fingerprint;
        OwnerOnly.CreateDirectory(server.Data);
        ServerDirectory.Create(server.Files, ServerName.Parse("server.local"), root, TheProgram.Passphrase, TimeProvider.System, keyBits: 2048);
        prepare?.Invoke(server);
        await File.WriteAllTextAsync(Path.Combine(server.Files, "server.json"), new JsonObject
        {
            ["listen"] = server.Endpoint.ToString(),
            ["store"] = database is null ? "sqlite" : "mysql",
            ["connectionString"] = database ?? "",
            ["timeStampAuthority"] = "self",
            ["address"] = (server.Front ?? server.Endpoint).ToString(),
        }.ToJsonString());
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>Starts the server on the data it has; completes when it listens.</summary>
    public async Task StartAgainAsync()
    {
        await BeginAsync();
        await Eventually.True(() => Has("listening") || TheProgram.IsGone(_pid), "the server listens", StartTime);
        Assert.True(Has("listening"), $"the server did not start: {Line("error")}\n{Talk()}");
    }

    /// <summary>The same without waiting until it listens.</summary>
    public async Task BeginAsync()
    {
        Assert.Null(_guard);
        lock (_lock)
            _lines.Clear();
        var settings = Settings.SelectMany(static setting => new[] { "--set", setting });
        _guard = Process.Start(await TheProgram.PrepareAsync(guarded: true, Environment, ["serve", "--data", Data, "--json", .. Health ? ["--health", "127.0.0.1:0"] : Array.Empty<string>(), .. settings]))!;
        _pid = int.Parse((await _guard.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
        _reading = Task.WhenAll(TheProgram.ReadAsync(_guard.StandardOutput, Take), KeepTalkAsync(_guard.StandardError));
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        TheProgram.Signal(_pid, "KILL");
        await EndedAsync();
    }

    /// <summary>Ends it in order.</summary>
    public async Task StopAsync()
    {
        TheProgram.Signal(_pid, "TERM");
        await Eventually.True(() => !Runs, "the server stops", StartTime);
        await EndedAsync();
        Assert.True(Line("ended")!["exit"]!.GetValue<int>() == 0, "the server did not end in order:\n" + Talk());
    }

    /// <summary>The process stays, and does nothing: connections are open and nobody answers.</summary>
    public void Freeze() => TheProgram.Signal(_pid, "STOP");

    public void Thaw() => TheProgram.Signal(_pid, "CONT");

    /// <summary>What it said on standard error: one line for each failure, of all its runs.</summary>
    public string Talk()
    {
        lock (_lock)
            return string.Join('\n', _talk);
    }

    public async Task<Invitation> InviteAsync(UserName user)
    {
        if (Environment.Count == 0)
        {
            await using var administration = await ServerAdministration.OpenAsync(Files, Store, TimeProvider.System);
            return await administration.InviteAsync(user, (Front ?? Endpoint).ToString(), TimeSpan.FromDays(1));
        }
        // On the same machine as the server: what is written to the database is in the same record.
        var (exit, output, talk) = await TheProgram.RunAsync(Environment, "invite", user.ToString(), "--data", Data, "--json");
        Assert.True(exit == 0, talk);
        var word = output.Split('\n').Where(static line => line.StartsWith('{')).Select(static line => JsonNode.Parse(line)!).Single(static line => line["type"]!.ToString() == "invitation");
        return Invitation.Parse(word["invitation"]!.ToString());
    }

    /// <summary>One of its counters, by its name in /metrics; 0 if it has not counted yet.</summary>
    public async Task<long> CountAsync(string name)
    {
        var page = await Http.GetStringAsync(new Uri($"http://{Line("listening")!["health"]}/metrics"));
        var line = page.Split('\n').FirstOrDefault(line => line.StartsWith(name + " ", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line[(name.Length + 1)..], CultureInfo.InvariantCulture);
    }

    /// <summary>What <c>admin check</c> says, which has to be that every root, signature and rule holds.</summary>
    public async Task RequireCheckedAsync()
    {
        var (exit, output, talk) = await TheProgram.RunAsync("admin", "check", "--data", Data, "--json");
        Assert.True(exit == 0, $"admin check: exit {exit}\n{output}\n{talk}");
    }

    private bool Has(string type) => Line(type) is not null;

    private JsonObject? Line(string type)
    {
        lock (_lock)
            return _lines.FirstOrDefault(line => line["type"]?.ToString() == type);
    }

    private void Take(JsonObject line)
    {
        lock (_lock)
            _lines.Add(line);
    }

    private async Task KeepTalkAsync(StreamReader from)
    {
        const int Most = 2000;
        while (await from.ReadLineAsync() is { } line)
            lock (_lock)
                if (_talk.Count < Most)
                    _talk.Add(line);
    }

    private async Task EndedAsync()
    {
        _guard!.StandardInput.Close();
        await _guard.WaitForExitAsync();
        await _reading;
        _guard.Dispose();
        _guard = null;
    }

    // Below the ports that outgoing connections take: the same one has to be free again after each kill.
    private static int FreePort()
    {
        for (var attempt = 0; attempt < 100; attempt++)
        {
            var port = 15_000 + System.Security.Cryptography.RandomNumberGenerator.GetInt32(15_000);
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                continue;
            }
        }
        throw new InvalidOperationException("no port is free");
    }

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        if (_guard is not null)
            await KillAsync();
        _directory.Dispose();
    }
}
