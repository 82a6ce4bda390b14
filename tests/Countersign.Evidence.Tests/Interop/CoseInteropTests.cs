using System.Diagnostics;
using System.Text.Json;
using Countersign.Testing;

namespace Countersign.Evidence.Tests;

/// <summary>tests/interop/cose: a COSE implementation from the npm registry judges what this code signs.</summary>
public sealed class CoseInteropTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests/interop/cose");
    private static readonly string Vectors = Path.Combine(Repository.Root, "vectors");

    [Fact]
    public async Task EN_01_EN_02_EN_03_another_COSE_implementation_verifies_entries_heads_receipts_and_prekeys_and_refuses_changed_ones()
    {
        await InstallAsync();
        using var world = new BundleWorld();
        using var folder = new TemporaryDirectory();
        File.WriteAllBytes(folder["bundle.zip"], BundleWorld.Write(world.Contents()));

        var fresh = await JudgeAsync(folder["bundle.zip"]);
        Assert.Equal((9, 2, 2, 0), fresh.Verified);
        var recorded = await JudgeAsync(Path.Combine(Vectors, "bundles/passed.zip"), Path.Combine(Vectors, "session.json"));
        Assert.Equal((12, 5, 2, 2), recorded.Verified);
        // For each object: a bit in header, payload and signature; three other purposes; each other certificate's key.
        Assert.True(recorded.Refused is ( >= 12 * 9, >= 5 * 9, >= 2 * 9, >= 2 * 9), $"{recorded.Refused}");

        Assert.Equal(1, (await RunAsync("node", "verify.mjs", Path.Combine(Vectors, "bundles/edited.zip"))).Exit); // it can say no
    }

    // The lock file pins every package by its hash; npm's own note of what it installed tells whether that is still the case.
    private static async Task InstallAsync()
    {
        var installed = Path.Combine(Folder, "node_modules/.package-lock.json");
        if (File.Exists(installed) && File.GetLastWriteTimeUtc(installed) >= File.GetLastWriteTimeUtc(Path.Combine(Folder, "package-lock.json")))
            return;
        var (exit, _, error) = await RunAsync("npm", "ci");
        Assert.True(exit == 0, error);
    }

    private static async Task<((int, int, int, int) Verified, (int, int, int, int) Refused)> JudgeAsync(params string[] files)
    {
        var (exit, output, error) = await RunAsync("node", ["verify.mjs", .. files]);
        Assert.True(exit == 0, error);
        var counts = JsonDocument.Parse(output).RootElement;
        return (Of("verified"), Of("refused"));

        (int, int, int, int) Of(string name)
        {
            var kinds = counts.GetProperty(name);
            int Count(string kind) => kinds.GetProperty(kind).GetInt32();
            return (Count("entry"), Count("head batch"), Count("receipt"), Count("prekey"));
        }
    }

    private static async Task<(int Exit, string Output, string Error)> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await error);
    }
}
