using System.Diagnostics;
using Countersign.Testing;

namespace Countersign.Specification.Tests;

/// <summary>The formal models hold, and each mutant (one rule switched off) is caught: formal/README.md.</summary>
public sealed class ModelCheckTests
{
    [Fact]
    public async Task R14_the_models_hold_and_every_mutant_is_caught()
    {
        var start = new ProcessStartInfo(Path.Combine(Repository.Root, "formal/check"), ["--quick"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, output + await errors);
        Assert.Contains("all as they should be", output, StringComparison.Ordinal);
        Assert.DoesNotContain("FAILED", output, StringComparison.Ordinal);
    }
}
