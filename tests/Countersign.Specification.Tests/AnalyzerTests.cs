using System.Diagnostics;
using Countersign.Testing;

namespace Countersign.Specification.Tests;

/// <summary>The analyzers that guard DESIGN's rules really stop a build.</summary>
public sealed class AnalyzerTests
{
    [Fact]
    public async Task Ambient_clock_randomness_sleep_and_nullability_stop_the_build()
    {
        using var scratch = new TemporaryDirectory();
        var project = scratch["src/Bites"];
        Directory.CreateDirectory(project);
        Directory.CreateDirectory(scratch["build"]);
        foreach (var file in new[] { "Directory.Build.props", "Directory.Packages.props", ".editorconfig", "build/BannedSymbols.txt" })
            File.Copy(Path.Combine(Repository.Root, file), scratch[file]);
        await File.WriteAllTextAsync(Path.Combine(project, "Bites.csproj"), """<Project Sdk="Microsoft.NET.Sdk" />""");
        await File.WriteAllTextAsync(Path.Combine(project, "Bites.cs"),
            """
            namespace Bites;

            public static class Offender
            {
                public static System.DateTime Clock() => System.DateTime.UtcNow;
                public static object Dice() => new System.Random();
                public static void Sleep() => System.Threading.Thread.Sleep(1);
                public static string Nothing() => null;
            }
            """);
        var start = new ProcessStartInfo("dotnet", ["build", "-nologo", "-v", "quiet"])
        {
            WorkingDirectory = project, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.NotEqual(0, process.ExitCode);
        Assert.Contains("RS0030", output, StringComparison.Ordinal);
        Assert.Contains("CS8603", output, StringComparison.Ordinal);
        Assert.Contains("DateTime.UtcNow", output, StringComparison.Ordinal);
        Assert.Contains("Random", output, StringComparison.Ordinal);
        Assert.Contains("Thread.Sleep", output, StringComparison.Ordinal);
    }
}
