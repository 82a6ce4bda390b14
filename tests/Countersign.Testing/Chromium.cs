using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Countersign.Testing;

/// <summary>A real browser without a window, spoken to by the DevTools protocol: one process with one page.</summary>
public sealed class Chromium : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly TemporaryDirectory _profile;
    private readonly ClientWebSocket _socket = new();
    private readonly List<JsonObject> _events = [];
    private string _session = "";
    private int _last;

    private Chromium(Process process, TemporaryDirectory profile) => (_process, _profile) = (process, profile);

    /// <summary>What happened since the last navigation: requests, exceptions, messages of the console and of the browser itself.</summary>
    public IReadOnlyList<JsonObject> Events => _events;

    public static async Task<Chromium> StartAsync()
    {
        var profile = new TemporaryDirectory();
        var start = new ProcessStartInfo("chromium",
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-port=0",
            "--user-data-dir=" + profile.Path, "about:blank",
        ]) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment.Remove("DBUS_SESSION_BUS_ADDRESS");
        var browser = new Chromium(Process.Start(start)!, profile);
        try
        {
            await browser.ConnectAsync();
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sets the size of the window in CSS pixels and the reader's wishes.</summary>
    public async Task LookAsync(int width, int height, bool dark = false, bool print = false)
    {
        await CallAsync("Emulation.setDeviceMetricsOverride", new() { ["width"] = width, ["height"] = height, ["deviceScaleFactor"] = 1, ["mobile"] = width < 600 });
        await CallAsync("Emulation.setEmulatedMedia", new()
        {
            ["media"] = print ? "print" : "screen",
            ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = dark ? "dark" : "light" }),
        });
    }

    /// <summary>Opens a file.</summary>
    public async Task NavigateAsync(string file)
    {
        _events.Clear();
        await CallAsync("Page.navigate", new() { ["url"] = new Uri(file).AbsoluteUri });
    }

    /// <summary>Opens a file and waits until it has loaded.</summary>
    public async Task OpenAsync(string file)
    {
        await NavigateAsync(file);
        while (!_events.Any(static e => (string?)e["method"] == "Page.loadEventFired"))
            await ReadAsync();
    }

    /// <summary>The value of an expression in the page.</summary>
    public async Task<JsonNode?> EvaluateAsync(string expression)
    {
        var answer = await CallAsync("Runtime.evaluate", new() { ["expression"] = expression, ["returnByValue"] = true, ["awaitPromise"] = true });
        return answer["exceptionDetails"] is { } thrown ? throw new InvalidOperationException(thrown.ToJsonString()) : answer["result"]!["value"]?.DeepClone();
    }

    /// <summary>A picture (PNG) of the page, from its top to its end but at most this high.</summary>
    public async Task<byte[]> PictureAsync(int width, int mostHeight)
    {
        var height = Math.Min(mostHeight, (int)(await EvaluateAsync("document.documentElement.scrollHeight"))!);
        var answer = await CallAsync("Page.captureScreenshot", new()
        {
            ["format"] = "png",
            ["captureBeyondViewport"] = true,
            ["clip"] = new JsonObject { ["x"] = 0, ["y"] = 0, ["width"] = width, ["height"] = height, ["scale"] = 1 },
        });
        return Convert.FromBase64String((string)answer["data"]!);
    }

    /// <summary>The page on paper (A4) as PDF.</summary>
    public async Task<byte[]> PrintAsync()
    {
        var answer = await CallAsync("Page.printToPDF", new() { ["preferCSSPageSize"] = true, ["paperWidth"] = 8.27, ["paperHeight"] = 11.69, ["printBackground"] = false });
        return Convert.FromBase64String((string)answer["data"]!);
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _profile.Dispose();
    }

    private async Task ConnectAsync()
    {
        const string announcement = "DevTools listening on ";
        using var limit = new CancellationTokenSource(Patience);
        string? line;
        do
            line = await _process.StandardError.ReadLineAsync(limit.Token) ?? throw new InvalidOperationException("chromium ended at once");
        while (!line.StartsWith(announcement, StringComparison.Ordinal));
        _ = _process.StandardError.ReadToEndAsync(CancellationToken.None);
        _ = _process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        await _socket.ConnectAsync(new Uri(line[announcement.Length..]), limit.Token);
        var targets = await CallAsync("Target.getTargets", []);
        var page = targets["targetInfos"]!.AsArray().First(t => (string?)t!["type"] == "page")!["targetId"]!.DeepClone();
        _session = (string)(await CallAsync("Target.attachToTarget", new() { ["targetId"] = page, ["flatten"] = true }))["sessionId"]!;
        foreach (var domain in new[] { "Page", "Network", "Runtime", "Log" })
            await CallAsync(domain + ".enable", []);
    }

    private async Task<JsonObject> CallAsync(string method, JsonObject parameters)
    {
        var id = ++_last;
        var call = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters };
        if (_session.Length > 0)
            call["sessionId"] = _session;
        using var limit = new CancellationTokenSource(Patience);
        await _socket.SendAsync(Encoding.UTF8.GetBytes(call.ToJsonString()), WebSocketMessageType.Text, true, limit.Token);
        while (true)
        {
            var answer = await ReadAsync();
            if ((int?)answer["id"] != id)
                continue;
            return answer["error"] is { } error ? throw new InvalidOperationException(method + ": " + error.ToJsonString()) : answer["result"]!.AsObject();
        }
    }

    private async Task<JsonObject> ReadAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        using var message = new MemoryStream();
        var buffer = new byte[1 << 16];
        ValueWebSocketReceiveResult part;
        do
        {
            part = await _socket.ReceiveAsync(buffer.AsMemory(), limit.Token);
            message.Write(buffer, 0, part.Count);
        }
        while (!part.EndOfMessage);
        var read = JsonNode.Parse(message.ToArray())!.AsObject();
        if (read["method"] is not null)
            _events.Add(read);
        return read;
    }
}
