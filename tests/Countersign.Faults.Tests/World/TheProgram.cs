using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Countersign.Testing;

namespace Countersign.Faults.Tests;

/// <summary>The program as people have it: what the launcher at the repository's root publishes, started directly, so that the process
/// that is killed is the program's own.</summary>
internal static class TheProgram
{
    public const string Passphrase = "correct horse battery";

    private static readonly Lazy<Task> Built = new(static async () =>
    {
        using var launcher = Process.Start(new ProcessStartInfo(Path.Combine(Repository.Root, "countersign"), ["--version"]) { RedirectStandardOutput = true })!;
        await launcher.StandardOutput.ReadToEndAsync();
        await launcher.WaitForExitAsync();
        Assert.Equal(0, launcher.ExitCode);
    });

    private static string Artifacts => Path.Combine(Repository.Root, "artifacts");

    /// <summary>Ready to start <paramref name="arguments"/>; all streams are the caller's.</summary>
    /// <param name="guarded">A shell stands before the program and kills it when its own input ends, with the tests at the latest. The
    /// first line of output is the program's process id, the last one <c>{"type":"ended","exit":…}</c>.</param>
    /// <param name="environment">Besides the usual.</param>
    /// <param name="arguments">Of the program.</param>
    public static async Task<ProcessStartInfo> PrepareAsync(bool guarded, IReadOnlyDictionary<string, string> environment, IEnumerable<string> arguments)
    {
        await Built.Value;
        const string Guard = "\"$@\" </dev/null & echo $!; cat >/dev/null; kill -9 $! 2>/dev/null; wait $!; echo '{\"type\":\"ended\",\"exit\":'$?'}'";
        var program = Path.Combine(Artifacts, "countersign", "countersign");
        var given = environment.Select(pair => $"{pair.Key}={pair.Value}");
        var start = new ProcessStartInfo("/usr/bin/env", guarded
            ? ["sh", "-c", Guard, "guard", "env", .. given, program, .. arguments]
            : [.. given, program, .. arguments])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["COUNTERSIGN_PASSPHRASE"] = Passphrase;
        start.Environment.Remove("COUNTERSIGN_DATA");
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("DOTNET_ROOT")) && await File.ReadAllTextAsync(Path.Combine(Artifacts, "countersign.stamp.at")) is { } at && at.Trim() is { Length: > 0 } root)
            start.Environment["DOTNET_ROOT"] = root;
        return start;
    }

    /// <summary>Runs to its end.</summary>
    public static Task<(int Exit, string Output, string Talk)> RunAsync(params string[] arguments) => RunAsync(new Dictionary<string, string>(), arguments);

    /// <inheritdoc cref="RunAsync(string[])"/>
    public static async Task<(int Exit, string Output, string Talk)> RunAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        using var process = Process.Start(await PrepareAsync(false, environment, arguments))!;
        process.StandardInput.Close();
        var (output, talk) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output, await talk);
    }

    public static void Signal(int pid, string signal)
    {
        using var kill = Process.Start(new ProcessStartInfo("/bin/kill", [$"-{signal}", pid.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardError = true })!;
        kill.WaitForExit();
    }

    /// <summary>The process does nothing any more, whether or not its parent has heard of it.</summary>
    public static bool IsGone(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>The JSON lines of a stream, as they come, to <paramref name="take"/>; others are passed over.</summary>
    public static async Task ReadAsync(StreamReader from, Action<JsonObject> take)
    {
        while (await from.ReadLineAsync() is { } line)
            if (line.StartsWith('{') && JsonNode.Parse(line) is JsonObject json)
                take(json);
    }
}
