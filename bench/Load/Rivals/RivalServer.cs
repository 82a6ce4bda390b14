using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Countersign.Load;

/// <summary>Somebody else's chat or message server, started on loopback with a configuration of its own in a scratch directory; what
/// may be installed and running as a service is left alone.</summary>
internal sealed class RivalServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly string[] Places = ["/usr/sbin", "/usr/local/sbin", "/usr/bin", "/usr/local/bin"];

    private readonly Process _process;

    private RivalServer(Process process, IPEndPoint endpoint) => (_process, Endpoint) = (process, endpoint);

    public IPEndPoint Endpoint { get; }

    /// <summary>CPU time of the server so far, of all its threads.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Where the program is; null if it is not installed.</summary>
    public static string? Find(string program) => Places.Select(place => Path.Combine(place, program)).FirstOrDefault(File.Exists);

    /// <summary>Starts the program and waits until it takes connections.</summary>
    /// <param name="program">Full path.</param>
    /// <param name="directory">Scratch: gets the configuration.</param>
    /// <param name="configuration">Its text for a port.</param>
    /// <param name="arguments">The program's arguments for a configuration file.</param>
    public static async Task<RivalServer> StartAsync(
        string program, string directory, Func<int, string> configuration, Func<string, string[]> arguments)
    {
        var endpoint = FreeEndpoint();
        var file = Path.Combine(directory, Path.GetFileName(program) + ".conf");
        await File.WriteAllTextAsync(file, configuration(endpoint.Port));
        var output = Path.Combine(directory, Path.GetFileName(program) + ".log");
        var process = Process.Start(new ProcessStartInfo(program, arguments(file)) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        process.OutputDataReceived += (_, line) => Log(output, line.Data);
        process.ErrorDataReceived += (_, line) => Log(output, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var server = new RivalServer(process, endpoint);
        if (await server.AcceptsAsync())
            return server;
        await server.DisposeAsync();
        throw new InvalidOperationException($"{program} takes no connections:\n{string.Join('\n', File.Exists(output) ? File.ReadLines(output) : [])}");
    }

    private async Task<bool> AcceptsAsync()
    {
        for (var started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < Patience && !_process.HasExited; await Task.Delay(50))
            try
            {
                using var probe = new TcpClient();
                await probe.ConnectAsync(Endpoint);
                return true;
            }
            catch (SocketException)
            {
                continue; // not yet
            }
        return false;
    }

    // Neither program can be asked to take a free port and say which.
    private static IPEndPoint FreeEndpoint()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return (IPEndPoint)listener.LocalEndpoint;
    }

    private static void Log(string file, string? line)
    {
        if (line is not null)
            lock (Places)
                File.AppendAllText(file, line + "\n");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
