using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace Countersign.Specification.Tests;

/// <summary>The bill of materials in CycloneDX 1.6, made of what the lock files of the two programs pin and of what the restored
/// packages say of themselves. Without serial number and time, so that the same dependencies give the same bytes.</summary>
internal sealed class Sbom(string repository)
{
    // Analyzers run in the compiler and are in no program.
    private static readonly string[] BuildOnly = ["Microsoft.CodeAnalysis.BannedApiAnalyzers"];

    private readonly SortedDictionary<string, Package> _packages = new(StringComparer.Ordinal);

    private sealed record Package(string Name, string Version, string ContentHash, string[] Needs)
    {
        public string Purl => $"pkg:nuget/{Name}@{Version}";
    }

    public string Write()
    {
        foreach (var program in new[] { "Countersign.Cli", "Countersign.Audit" })
            Read(Path.Combine(repository, "src", program, "packages.lock.json"));
        var page = new JsonObject
        {
            ["bomFormat"] = "CycloneDX",
            ["specVersion"] = "1.6",
            ["version"] = 1,
            ["metadata"] = new JsonObject { ["component"] = new JsonObject { ["type"] = "application", ["bom-ref"] = "countersign", ["name"] = "countersign", ["version"] = ProductVersion() } },
            ["components"] = new JsonArray([.. _packages.Values.Select(Component)]),
            ["dependencies"] = new JsonArray([.. _packages.Values.Select(Needs)]),
        };
        return page.ToJsonString(new JsonSerializerOptions { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n";
    }

    private void Read(string lockFile)
    {
        var all = JsonNode.Parse(File.ReadAllText(lockFile))!["dependencies"]!["net10.0"]!.AsObject();
        foreach (var (name, entry) in all)
        {
            if ((string)entry!["type"]! == "Project" || BuildOnly.Contains(name))
                continue;
            var needs = entry["dependencies"]?.AsObject().Select(static n => n.Key) ?? [];
            _packages[name] = new(name, (string)entry["resolved"]!, (string)entry["contentHash"]!, [.. needs.Order(StringComparer.Ordinal)]);
        }
    }

    private string ProductVersion() =>
        XDocument.Load(Path.Combine(repository, "Directory.Build.props")).Descendants("Version").Single().Value;

    private static JsonObject Component(Package package) => new()
    {
        ["type"] = "library",
        ["bom-ref"] = package.Purl,
        ["name"] = package.Name,
        ["version"] = package.Version,
        ["licenses"] = new JsonArray(Licence(package)),
        ["purl"] = package.Purl,
        // NuGet's content hash leaves a package's own signature out; it is not the hash of the file.
        ["properties"] = new JsonArray(new JsonObject { ["name"] = "nuget:contentHash", ["value"] = package.ContentHash }),
    };

    private JsonObject Needs(Package package) => new()
    {
        ["ref"] = package.Purl,
        ["dependsOn"] = new JsonArray([.. package.Needs.Where(_packages.ContainsKey).Select(n => JsonValue.Create(_packages[n].Purl))]),
    };

    private static JsonObject Licence(Package package)
    {
        var folder = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        var name = package.Name.ToLowerInvariant();
        var licence = XDocument.Load(Path.Combine(folder, name, package.Version, name + ".nuspec"))
            .Descendants().FirstOrDefault(static e => e.Name.LocalName == "license");
        return licence?.Attribute("type")?.Value == "expression"
            ? new JsonObject { ["expression"] = licence.Value }
            : new JsonObject { ["license"] = new JsonObject { ["name"] = $"as in the package: {licence?.Value ?? "no file named"}" } };
    }
}
