using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Countersign.Faults.Tests;

/// <summary>The real client process, <c>chat PERSON --json</c>, on a device's data directory.</summary>
internal sealed class ChatProcess : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<JsonObject> _lines = [];
    private readonly Process _process;
    private readonly Task _reading;
    private readonly Task<string> _talk;

    private ChatProcess(Process process)
    {
        _process = process;
        _reading = TheProgram.ReadAsync(process.StandardOutput, line =>
        {
            lock (_lock)
                _lines.Add(line);
        });
        _talk = process.StandardError.ReadToEndAsync();
    }

    public bool HasExited => _process.HasExited;

    public static async Task<ChatProcess> StartAsync(string data, string person) =>
        new(Process.Start(await TheProgram.PrepareAsync(false, new Dictionary<string, string>(), ["chat", person, "--data", data, "--json"]))!);

    /// <summary>Lines of a type, so far.</summary>
    public IReadOnlyList<JsonObject> Lines(string type)
    {
        lock (_lock)
            return [.. _lines.Where(line => line["type"]?.ToString() == type)];
    }

    public bool IsReady => Lines("ready").Count > 0;

    /// <summary>Types lines without waiting for anything; false when the process has gone.</summary>
    public async Task<bool> TypeAsync(string line)
    {
        try
        {
            await _process.StandardInput.WriteLineAsync(line);
            await _process.StandardInput.FlushAsync();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await EndedAsync();
    }

    /// <summary>Ends its input, and waits for its end in order.</summary>
    public async Task EndAsync()
    {
        _process.StandardInput.Close();
        await EndedAsync();
        var talk = await _talk;
        Assert.True(_process.ExitCode == 0, talk);
    }

    private async Task EndedAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await _process.WaitForExitAsync(limit.Token);
        await _reading;
    }

    public void Freeze() => TheProgram.Signal(_process.Id, "STOP");

    public void Thaw() => TheProgram.Signal(_process.Id, "CONT");

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}
