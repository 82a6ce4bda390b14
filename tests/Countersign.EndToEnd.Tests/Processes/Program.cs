using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Countersign.Testing;

namespace Countersign.EndToEnd.Tests;

/// <param name="Exit">The exit code.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Talk">Standard error.</param>
internal sealed record Ended(int Exit, string Output, string Talk)
{
    /// <summary>The lines of <c>--json</c>.</summary>
    public IReadOnlyList<JsonObject> Lines => [.. Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!.AsObject())];

    public JsonObject Line(string type) => Lines.Last(l => l["type"]!.ToString() == type);
}

/// <summary>The program as people start it: the launcher at the repository's root.</summary>
internal static class TheProgram
{
    public const string Passphrase = "correct horse battery";

    public static string Launcher { get; } = Path.Combine(Repository.Root, "countersign");

    public static Process Start(IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var start = new ProcessStartInfo(Launcher, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            StandardInputEncoding = new UTF8Encoding(false),
        };
        start.Environment["COUNTERSIGN_PASSPHRASE"] = Passphrase;
        start.Environment["COUNTERSIGN_COMMAND"] = "countersign";
        foreach (var name in new[] { "COUNTERSIGN_DATA", "NO_COLOR", "ACCESSIBLE" })
            start.Environment.Remove(name);
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
            if (value is null)
                start.Environment.Remove(name);
            else
                start.Environment[name] = value;
        return Process.Start(start)!;
    }

    public static Task<Ended> RunAsync(params IEnumerable<string> arguments) => RunAsync(arguments, "");

    public static async Task<Ended> RunAsync(IEnumerable<string> arguments, string input, IReadOnlyDictionary<string, string?>? environment = null)
    {
        using var process = Start(arguments, environment);
        var output = process.StandardOutput.ReadToEndAsync();
        var talk = process.StandardError.ReadToEndAsync();
        try
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading its input.
        }
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(6));
        await process.WaitForExitAsync(limit.Token);
        return new Ended(process.ExitCode, await output, await talk);
    }

    /// <summary>Runs and requires exit code 0.</summary>
    public static async Task<Ended> DoneAsync(params IEnumerable<string> arguments)
    {
        var ended = await RunAsync(arguments, "");
        Assert.True(ended.Exit == 0, $"exit {ended.Exit}\n{ended.Output}\n{ended.Talk}");
        return ended;
    }
}

/// <summary>A directory of one test, gone after it.</summary>
internal sealed class Scratch : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("countersign-test-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
