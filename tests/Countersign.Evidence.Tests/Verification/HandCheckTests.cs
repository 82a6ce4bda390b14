using System.Diagnostics;
using Countersign.Audit;
using Countersign.Testing;

namespace Countersign.Evidence.Tests;

/// <summary>Runs exactly the commands that the explanation gives.</summary>
public sealed class HandCheckTests
{
    [Fact]
    public async Task BU_23_entries_of_a_true_bundle_are_checked_by_openssl_and_sha256sum_alone()
    {
        using var world = new BundleWorld();
        using var folder = new TemporaryDirectory();
        File.WriteAllBytes(folder["it's a bundle.zip"], BundleWorld.Write(world.Contents()));
        foreach (var position in new[] { 0, 3, 8 }) // the first, a disclosed one, the last: some forty processes each
        {
            var (exit, output) = await Run(folder, "it's a bundle.zip", position);
            Assert.True(exit == 0 && output.Contains("All steps hold", StringComparison.Ordinal), $"{position}: {output}");
            Assert.Equal(position == 3, output.Contains("V   a   l   v   e", StringComparison.Ordinal));
            Assert.Contains("Verification: OK", output, StringComparison.Ordinal); // the time stamp
            foreach (var said in new[] { "DNS:server.local", "URI:countersign:", "Not looked up: whether a certificate was revoked." })
                Assert.Contains(said, output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task BU_23_the_compact_form_and_a_head_without_stamp_are_checked_too()
    {
        using var world = new BundleWorld();
        using var folder = new TemporaryDirectory();
        File.WriteAllBytes(folder["compact.zip"], BundleWorld.Write(world.Contents(compact: true, keysAt: [6])));
        var tampered = new Tampered(world);
        tampered.Stamps.Clear();
        File.WriteAllBytes(folder["unstamped.zip"], tampered.Write());
        Assert.Equal(0, (await Run(folder, "compact.zip", 6)).Exit);
        Assert.Equal(0, (await Run(folder, "unstamped.zip", 4)).Exit);
        Assert.Equal(2, AuditCommand.Run([folder["compact.zip"], "--explain", "4"], TextWriter.Null, TextWriter.Null)); // withheld
        Assert.Equal(2, AuditCommand.Run([folder["compact.zip"], "--explain", "9"], TextWriter.Null, TextWriter.Null));
    }

    [Fact]
    public async Task BU_23_an_edited_entry_or_head_stops_the_check()
    {
        using var world = new BundleWorld();
        using var folder = new TemporaryDirectory();
        var tampered = new Tampered(world);
        var ciphertext = ((MessageBody)world.Entries[4].Body).Ciphertext.Span;
        tampered.Entries[4][world.Entries[4].Bytes.Span.IndexOf(ciphertext)] ^= 1;
        File.WriteAllBytes(folder["edited.zip"], tampered.Write());
        Assert.NotEqual(0, (await Run(folder, "edited.zip", 4)).Exit);
        Assert.NotEqual(0, (await Run(folder, "edited.zip", 5)).Exit); // its own signature holds; the tree is another
    }

    [Fact]
    public async Task BU_23_CE_07_a_head_that_a_member_signed_is_no_servers_by_hand_either()
    {
        using var world = new BundleWorld();
        using var folder = new TemporaryDirectory();
        var tampered = new Tampered(world);
        tampered.Stamps.Clear();
        tampered.Heads.Clear();
        tampered.Heads.Add(HeadBatch.Sign(TestDevice.Alice.Key, TestDevice.Alice.Id.Value, [world.Head], world.Clock)[0]);
        File.WriteAllBytes(folder["own.zip"], tampered.Write());
        var (exit, output) = await Run(folder, "own.zip", 4);
        Assert.NotEqual(0, exit);
        Assert.Contains("server.pem: verification failed", output, StringComparison.Ordinal); // all before it holds
        Assert.DoesNotContain("All steps hold", output, StringComparison.Ordinal);
    }

    private static async Task<(int Exit, string Output)> Run(TemporaryDirectory folder, string bundle, int position)
    {
        var script = new StringWriter();
        Assert.Equal(0, AuditCommand.Run([folder[bundle], "--root", TestDevice.Server.Root.Fingerprint.ToString(), "--explain", $"{position}"], script, script));
        File.WriteAllText(folder["check.sh"], script.ToString());
        var start = new ProcessStartInfo("sh", [folder["check.sh"]]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["TMPDIR"] = folder.Path;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await error);
    }
}
