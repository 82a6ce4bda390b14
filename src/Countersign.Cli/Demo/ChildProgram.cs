using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Countersign.Cli;

/// <summary>This same program, or its verifier alone, as a child process with <c>--json</c>: its lines can be waited for.</summary>
internal sealed class ChildProgram : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private const int Terminate = 15;

    private readonly Lock _gate = new();
    private readonly List<JsonObject> _lines = [];
    private readonly List<string> _talk = [];
    private readonly Process _process;
    private readonly TimeProvider _clock;
    private readonly Task _reading;
    private bool _disposed;
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ChildProgram(Process process, string name, TimeProvider clock)
    {
        _process = process;
        _clock = clock;
        Name = name;
        _reading = Task.WhenAll(ReadLinesAsync(), ReadTalkAsync());
    }

    /// <summary>Who it plays, for messages.</summary>
    public string Name { get; }

    public int ProcessId => _process.Id;

    /// <summary>countersign-audit, which the launcher builds beside this program.</summary>
    public static string Verifier { get; } = Path.Combine(AppContext.BaseDirectory, "audit", "countersign-audit");

    /// <summary>Starts the program with <c>--json --no-input</c> and the passphrase in its environment.</summary>
    public static ChildProgram Start(string name, string passphrase, TimeProvider clock, params IEnumerable<string> arguments) =>
        new(Process.Start(With(Environment.ProcessPath!, passphrase, [.. arguments, "--json", "--no-input"]))!, name, clock);

    /// <summary>Starts <see cref="Verifier"/> with <c>--json</c> and without any secret.</summary>
    public static ChildProgram StartVerifier(TimeProvider clock, params IEnumerable<string> arguments) =>
        new(Process.Start(With(Verifier, null, [.. arguments, "--json"]))!, "countersign-audit", clock);

    /// <summary>Runs the program to its end and gives what it wrote for people, byte by byte.</summary>
    /// <exception cref="DemoException">It failed.</exception>
    public static async Task<string> ShownAsync(string passphrase, CancellationToken cancellation, params IEnumerable<string> arguments)
    {
        using var process = Process.Start(With(Environment.ProcessPath!, passphrase, [.. arguments, "--no-input"]))!;
        var (shown, talk) = (process.StandardOutput.ReadToEndAsync(cancellation), process.StandardError.ReadToEndAsync(cancellation));
        await process.WaitForExitAsync(cancellation);
        return process.ExitCode == 0 ? await shown : throw new DemoException($"ended with {process.ExitCode}: {await talk}");
    }

    private static ProcessStartInfo With(string program, string? passphrase, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment.Remove("COUNTERSIGN_DATA");
        start.Environment.Remove("COUNTERSIGN_PASSPHRASE");
        if (passphrase is not null)
            start.Environment["COUNTERSIGN_PASSPHRASE"] = passphrase;
        return start;
    }

    /// <summary>Everything it has said so far.</summary>
    public IReadOnlyList<JsonObject> Lines
    {
        get
        {
            lock (_gate)
                return [.. _lines];
        }
    }

    /// <summary>Types a line.</summary>
    public async Task TypeAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Waits for a line for which <paramref name="wanted"/> holds, among all it has said or will say.</summary>
    /// <exception cref="DemoException">An error line came first, or the line did not come in time.</exception>
    public Task<JsonObject> WaitAsync(string what, Func<JsonObject, bool> wanted, CancellationToken cancellation) => WaitAsync(what, wanted, Patience, cancellation);

    /// <summary>Waits without a limit, for what a person decides.</summary>
    public Task<JsonObject> WaitForeverAsync(Func<JsonObject, bool> wanted, CancellationToken cancellation) =>
        WaitAsync("", wanted, Timeout.InfiniteTimeSpan, cancellation);

    private async Task<JsonObject> WaitAsync(string what, Func<JsonObject, bool> wanted, TimeSpan patience, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(patience, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        for (var seen = 0; ;)
        {
            Task more;
            lock (_gate)
            {
                for (; seen < _lines.Count; seen++)
                    if (wanted(_lines[seen]))
                        return _lines[seen];
                    else if (Text(_lines[seen], "type") == "error")
                        throw new DemoException($"{Name}: {Text(_lines[seen], "message")} (waiting for: {what})");
                more = _more.Task;
            }
            try
            {
                await more.WaitAsync(either.Token);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                throw new DemoException($"{Name}: did not happen in time: {what}{Talk()}");
            }
            if (_process.HasExited && _reading.IsCompleted && Lines.Count == seen)
                throw new DemoException($"{Name}: ended with {_process.ExitCode} before: {what}{Talk()}");
        }
    }

    /// <summary>Waits for the line of a type.</summary>
    public Task<JsonObject> WaitAsync(string type, CancellationToken cancellation) => WaitAsync(type, l => Text(l, "type") == type, cancellation);

    /// <summary>A field as text; null if it is not there.</summary>
    public static string? Text(JsonObject line, string field) => line[field] is JsonValue value ? value.ToString() : null;

    /// <summary>A field as text, which has to be there.</summary>
    /// <exception cref="DemoException">It is not.</exception>
    public static string Field(JsonObject line, string field) => Text(line, field) ?? throw new DemoException($"a line lacks {field}");

    public static bool Is(JsonObject line, string type) => Text(line, "type") == type;

    /// <summary>Waits for its end with the exit code expected.</summary>
    public async Task EndAsync(CancellationToken cancellation, ExitCode expected = ExitCode.Done)
    {
        using var limit = new CancellationTokenSource(Patience, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        await _process.WaitForExitAsync(either.Token);
        await _reading;
        if (_process.ExitCode != (int)expected)
            throw new DemoException($"{Name}: ended with {_process.ExitCode}: {Lines.LastOrDefault()?["message"]}{Talk()}");
    }

    /// <summary>Asks it to end, as an operator would: SIGTERM.</summary>
    public void AskToEnd() => _ = kill(_process.Id, Terminate);

    /// <summary>Ends it at once (SIGKILL), if it has not ended.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        await _reading;
        _process.Dispose();
    }

    private async Task ReadLinesAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Length > 0 && JsonNode.Parse(line) is JsonObject json)
                lock (_gate)
                    _lines.Add(json);
            Pulse();
        }
        Pulse();
    }

    private async Task ReadTalkAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
            lock (_gate)
                _talk.Add(line);
    }

    private void Pulse()
    {
        TaskCompletionSource waiting;
        lock (_gate)
        {
            waiting = _more;
            _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        waiting.SetResult();
    }

    private string Talk()
    {
        lock (_gate)
            return _talk.Count == 0 ? "" : "; it said: " + string.Join(" / ", _talk.TakeLast(5));
    }

    [DllImport("libc")]
    private static extern int kill(int process, int signal);
}

/// <summary>A step of the demonstration did not happen.</summary>
internal sealed class DemoException(string what) : Exception(what);
