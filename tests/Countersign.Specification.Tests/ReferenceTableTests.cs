using System.Diagnostics;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Countersign.Testing;

namespace Countersign.Specification.Tests;

/// <summary>docs/ARCHITECTURE.md and the build agree on who may reference whom, and the build really refuses the rest.</summary>
public sealed partial class ReferenceTableTests
{
    [Fact]
    public void The_table_of_the_architecture_is_the_one_the_build_enforces()
    {
        var documented = Row().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs/ARCHITECTURE.md")))
            .ToDictionary(m => m.Groups[1].Value, m => Projects(m.Groups[2].Value));
        var enforced = XDocument.Load(Path.Combine(Repository.Root, "Directory.Build.targets")).Descendants("MayReference")
            .ToDictionary(e => e.Attribute("Include")!.Value.Replace("Countersign.", ""), e => Projects(e.Attribute("To")!.Value));
        Assert.Equal(enforced.Keys.Order(), documented.Keys.Order());
        foreach (var (project, references) in enforced)
            Assert.Equal(references, documented[project]);
    }

    [Fact]
    public async Task A_reference_outside_the_table_stops_the_build()
    {
        // Asks the real build: Cryptography, told to reference Evidence, must end with CSN001.
        using var scratch = new TemporaryDirectory();
        var project = Path.Combine(scratch.Path, "src", "Countersign.Cryptography");
        Directory.CreateDirectory(project);
        foreach (var file in new[] { "Directory.Build.targets", "Directory.Build.props", "Directory.Packages.props" })
            File.Copy(Path.Combine(Repository.Root, file), Path.Combine(scratch.Path, file));
        await File.WriteAllTextAsync(Path.Combine(project, "Countersign.Cryptography.csproj"),
            """
            <Project Sdk="Microsoft.NET.Sdk">
              <ItemGroup><ProjectReference Include="../Countersign.Evidence/Countersign.Evidence.csproj" /></ItemGroup>
            </Project>
            """);
        var (code, output) = await Dotnet(project, "msbuild", "-t:CheckReferenceTable", "-nologo");
        Assert.NotEqual(0, code);
        Assert.Contains("CSN001", output, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output)> Dotnet(string directory, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync() + await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output);
    }

    private static string[] Projects(string cell) =>
        [.. ProjectName().Matches(cell).Select(m => m.Groups[1].Value).Order()];

    [GeneratedRegex(@"^\| `Countersign\.([\w.]+)` \| ([^|]*) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"(?:Countersign\.)?\b(Cryptography|Evidence|Protocol|Authority|Client|Server|Cli|Audit)\b")]
    private static partial Regex ProjectName();
}
