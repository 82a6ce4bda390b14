using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Countersign.Testing;

[assembly: AssemblyFixture(typeof(Countersign.EndToEnd.Tests.RunningUp))]

namespace Countersign.EndToEnd.Tests;

/// <summary>One <c>countersign up --json</c> for all tests: alice with an open chat, a server that others can join.</summary>
public sealed class RunningUp : IAsyncLifetime
{
    private readonly Scratch _scratch = new();
    private readonly List<JsonObject> _lines = [];
    private readonly ConcurrentDictionary<string, bool> _joined = new();
    private Process? _process;
    private Task? _reading;

    internal string Data => _scratch["alice"];

    internal IReadOnlyList<JsonObject> FirstRun { get; private set; } = [];

    /// <summary>What the later run said.</summary>
    internal IReadOnlyList<JsonObject> Lines
    {
        get
        {
            lock (_lines)
                return [.. _lines];
        }
    }

    internal string Place(string name) => _scratch[name];

    public async ValueTask InitializeAsync()
    {
        // The first run makes everything and ends with its input; the later one asks for no name and goes straight to the chat.
        var first = await TheProgram.DoneAsync("up", "--data", Data, "--user", "alice", "--invite", "bob", "--listen", FreePort(), "--json");
        FirstRun = first.Lines;
        _process = TheProgram.Start(["up", "--data", Data, "--json"]);
        _reading = ReadAsync(_process);
        await WaitAsync("ready", l => l["type"]!.ToString() == "ready");
    }

    internal async Task<JsonObject> WaitAsync(string what, Func<JsonObject, bool> wanted)
    {
        await Eventually.True(() => _process!.HasExited || Lines.Any(wanted), what, TimeSpan.FromMinutes(2));
        return Lines.FirstOrDefault(wanted) ?? throw new InvalidOperationException("up ended: " + string.Join('\n', Lines.Select(l => l.ToJsonString())));
    }

    internal async Task TypeAsync(string line)
    {
        await _process!.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>A fresh invitation by the verb, on the server's machine.</summary>
    internal async Task<string> InviteAsync(string name, params string[] more) =>
        (await TheProgram.DoneAsync([.. new[] { "invite", name, "--data", Data, "--json" }, .. more])).Line("invitation")["invitation"]!.ToString();

    /// <summary>A new person with a data directory of its own. The server is the same for all tests, so each takes names that no other has.</summary>
    internal async Task<string> JoinAsync(string name)
    {
        Assert.True(_joined.TryAdd(name, true), $"another test has joined as {name}");
        var data = Place(name);
        await TheProgram.DoneAsync("join", await InviteAsync(name), "--data", data, "--json");
        return data;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            if (!process.HasExited)
                process.StandardInput.Close();
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            await process.WaitForExitAsync(limit.Token);
            await _reading!;
        }
        _process?.Dispose();
        _scratch.Dispose();
    }

    private async Task ReadAsync(Process process)
    {
        var talk = process.StandardError.ReadToEndAsync();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
            if (JsonNode.Parse(line) is JsonObject json)
                lock (_lines)
                    _lines.Add(json);
        await talk;
    }

    internal static string FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return listener.LocalEndpoint.ToString()!;
    }
}
