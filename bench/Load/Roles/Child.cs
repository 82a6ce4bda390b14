using System.Diagnostics;
using System.Net;

namespace Countersign.Load;

/// <summary>A server process of this program, started in one of its roles.</summary>
internal sealed class Child : IAsyncDisposable
{
    /// <summary>How the load generator collects (bench/run): a server collects as the product does.</summary>
    private static readonly string[] Collector = ["DOTNET_GCgen0size", "DOTNET_GCLOHThreshold"];

    private readonly Process _process;

    private Child(Process process, IPEndPoint endpoint) => (_process, Endpoint) = (process, endpoint);

    public IPEndPoint Endpoint { get; }

    public int Id => _process.Id;

    /// <summary>From the process's start until it accepts links.</summary>
    public TimeSpan StartUp { get; private init; }

    public static async Task<Child> StartAsync(params string[] arguments)
    {
        var started = Stopwatch.GetTimestamp();
        var start = new ProcessStartInfo(Environment.ProcessPath!, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var setting in Collector)
            start.Environment.Remove(setting);
        if (arguments[0] == "server")
            start.Environment["DOTNET_ThreadPool_UnfairSemaphoreSpinLimit"] = "A"; // hexadecimal: what Countersign.Cli.csproj sets; the others run as the platform starts them
        var process = Process.Start(start)!;
        var ready = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException($"The role {arguments[0]} did not start.");
        return new Child(process, IPEndPoint.Parse(ready)) { StartUp = Stopwatch.GetElapsedTime(started) };
    }

    public Task<Counters> CountersAsync() => AskAsync("counters");

    /// <summary>The counters after everything that is free has been given back to the system.</summary>
    public async Task<Counters> CollectedAsync()
    {
        await AskAsync("collect");
        return await AskAsync("collect");
    }

    private async Task<Counters> AskAsync(string word)
    {
        await _process.StandardInput.WriteLineAsync(word);
        await _process.StandardInput.FlushAsync();
        return Counters.Parse(await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The child has ended."));
    }

    public async ValueTask DisposeAsync()
    {
        await _process.StandardInput.WriteLineAsync("quit");
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
