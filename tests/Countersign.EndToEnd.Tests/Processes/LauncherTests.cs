using System.Diagnostics;
using System.Globalization;

namespace Countersign.EndToEnd.Tests;

/// <summary>The launcher by itself, with a stand-in for the SDK that counts its builds.</summary>
public sealed class LauncherTests : IDisposable
{
    private readonly Scratch _scratch = new();

    public LauncherTests()
    {
        Directory.CreateDirectory(_scratch["repo/src/Countersign.Cli"]);
        Directory.CreateDirectory(_scratch["repo/build"]);
        Directory.CreateDirectory(_scratch["bin"]);
        File.WriteAllText(_scratch["repo/src/Countersign.Cli/Program.cs"], "");
        File.WriteAllText(_scratch["repo/global.json"], "{}");
        File.WriteAllText(_scratch["repo/Directory.Build.props"], "");
        File.Copy(TheProgram.Launcher, _scratch["repo/countersign"]);
        // publish … -o DIR: a program that says which arguments it got.
        Tools();
        Script("dotnet", """
            if [ "$1" = --version ]; then echo 10.0.100; exit 0; fi
            echo "$*" >> "$COUNT"
            [ -z "${BROKEN:-}" ] || { echo "Program.cs(1,1): error CS1002: ; expected"; exit 1; }
            while [ "$1" != -o ]; do shift; done
            sleep 0.3
            mkdir -p "$2"
            name=countersign
            case $2 in */audit) name=countersign-audit ;; esac
            printf '#!/bin/sh\necho "%s $*"\n' "$([ $name = countersign ] && echo ran || echo judged)" > "$2/$name"
            chmod +x "$2/$name"
            """);
    }

    [Fact]
    public async Task It_builds_once_even_when_several_start_at_once_and_again_when_a_source_changed()
    {
        var runs = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => RunAsync("verb", i.ToString(CultureInfo.InvariantCulture))));
        Assert.Equal(["ran verb 0", "ran verb 1", "ran verb 2", "ran verb 3"], runs.Select(r => r.Output.Trim()).Order());
        Assert.Equal(1, Builds);

        await RunAsync();
        Assert.Equal(1, Builds);
        Assert.Empty((await RunAsync()).Talk);

        File.SetLastWriteTimeUtc(_scratch["repo/src/Countersign.Cli/Program.cs"], File.GetLastWriteTimeUtc(_scratch["repo/artifacts/countersign.stamp"]).AddSeconds(1));
        await RunAsync();
        Assert.Equal(2, Builds);
    }

    [Fact]
    public async Task It_works_from_another_directory_and_through_a_link()
    {
        File.CreateSymbolicLink(_scratch["bin/csn"], _scratch["repo/countersign"]);
        Assert.Equal("ran a b", (await RunAsync(_scratch["bin/csn"], ["a", "b"], [])).Output.Trim());
    }

    [Fact]
    public async Task Under_the_name_of_the_verifier_it_starts_the_verifier_alone()
    {
        File.CreateSymbolicLink(_scratch["repo/countersign-audit"], "countersign");
        Assert.Equal("judged a b", (await RunAsync(_scratch["repo/countersign-audit"], ["a", "b"], [])).Output.Trim());
        Assert.Equal("ran a b", (await RunAsync(_scratch["repo/countersign"], ["a", "b"], [])).Output.Trim());
        Assert.Equal(1, Builds);
    }

    [Fact]
    public async Task A_build_that_fails_says_so_and_the_next_run_tries_again()
    {
        var broken = await RunAsync(new Dictionary<string, string?> { ["BROKEN"] = "1" });
        Assert.Equal(1, broken.Exit);
        Assert.Empty(broken.Output);
        Assert.Contains("error CS1002", broken.Talk);
        Assert.Contains("countersign: error: the build failed.", broken.Talk);
        Assert.Equal("ran", (await RunAsync()).Output.Trim());
    }

    [Fact]
    public async Task Without_the_SDK_it_says_in_one_sentence_what_is_missing()
    {
        File.Delete(_scratch["bin/dotnet"]);
        var ended = await RunAsync();
        Assert.Equal(1, ended.Exit);
        Assert.Single(ended.Talk.Split('\n'), l => l.StartsWith("countersign: error: the .NET 10 SDK is missing", StringComparison.Ordinal));
        Assert.Contains("countersign: hint: install it", ended.Talk);
    }

    private int Builds => File.Exists(_scratch["count"]) ? File.ReadAllLines(_scratch["count"]).Count(l => l.Contains("src/Countersign.Cli", StringComparison.Ordinal)) : 0;

    private Task<Ended> RunAsync(params string[] arguments) => RunAsync(_scratch["repo/countersign"], arguments, []);

    private Task<Ended> RunAsync(Dictionary<string, string?> environment) => RunAsync(_scratch["repo/countersign"], [], environment);

    private async Task<Ended> RunAsync(string launcher, string[] arguments, Dictionary<string, string?> environment)
    {
        var start = new ProcessStartInfo(launcher, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _scratch.Path,
        };
        // Only the tools a bare machine has: the real SDK stays out of sight.
        start.Environment["PATH"] = _scratch["bin"] + ":" + Tools();
        start.Environment["HOME"] = _scratch.Path;
        start.Environment["COUNT"] = _scratch["count"];
        start.Environment.Remove("DOTNET_ROOT");
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var talk = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new Ended(process.ExitCode, output, await talk);
    }

    private string Tools()
    {
        var tools = _scratch["tools"];
        if (Directory.Exists(tools))
            return tools;
        Directory.CreateDirectory(tools + ".new");
        foreach (var tool in new[] { "bash", "sh", "find", "flock", "mkdir", "rm", "mv", "touch", "uname", "readlink", "grep", "sort", "head", "sleep", "chmod", "env" })
            if (new[] { "/usr/bin/", "/bin/" }.Select(d => d + tool).FirstOrDefault(File.Exists) is { } path)
                File.CreateSymbolicLink(Path.Combine(tools + ".new", tool), path);
        Directory.Move(tools + ".new", tools);
        return tools;
    }

    private void Script(string name, string body)
    {
        File.WriteAllText(_scratch["bin/" + name], "#!/bin/sh\n" + body + "\n");
        File.SetUnixFileMode(_scratch["bin/" + name], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public void Dispose() => _scratch.Dispose();
}
