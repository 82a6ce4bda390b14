namespace Countersign.EndToEnd.Tests;

public sealed class DemoTests
{
    [Fact]
    public async Task R6_R8_R12_the_demonstration_really_happens()
    {
        using var scratch = new Scratch();
        var ended = await TheProgram.RunAsync("demo", "--script", "--json", "--data", scratch["demo"]);
        Assert.True(ended.Exit == 0, ended.Output + ended.Talk);
        var last = ended.Lines[^1];
        Assert.Equal(("demo", true), (last["type"]!.ToString(), (bool)last["ok"]!));
        Assert.Equal(scratch["demo"], last["data"]!.ToString());
        var steps = ended.Lines.Where(l => l["type"]!.ToString() == "step").Select(l => l["step"]!.ToString()).ToList();
        foreach (var step in new[]
        {
            "authority", "server", "invitations", "alice-server-verified", "alice-certified", "alice-k_auth", "alice-registered", "alice-k_chat", "genesis",
            "bob-offline", "stored", "caught-up", "member-added", "not-before", "member-left", "not-after", "same-transcript", "closed", "export", "verified", "agreed", "report", "tampered", "shutdown",
        })
            Assert.Contains(step, steps);
        var (bundle, tampered, root) = (last["bundle"]!.ToString(), last["tampered"]!.ToString(), last["root"]!.ToString());
        var passed = await TheProgram.RunAsync("verify", bundle, "--root", root, "--json");
        Assert.Equal((0, "operator"), (passed.Exit, passed.Line("verdict")["time_stamps"]!.ToString())); // the server's own authority: said as what it is
        // The same page again, byte for byte; and never over a file.
        var report = last["report"]!.ToString();
        Assert.Equal(0, (await TheProgram.RunAsync("verify", bundle, "--root", root, "--html", scratch["again.html"])).Exit);
        Assert.Equal(await File.ReadAllTextAsync(report), await File.ReadAllTextAsync(scratch["again.html"]));
        Assert.Contains("<h2 id=\"h-verdict\">PASSED</h2>", await File.ReadAllTextAsync(report), StringComparison.Ordinal);
        Assert.Equal(2, (await TheProgram.RunAsync("verify", bundle, "--root", root, "--html", report)).Exit);
        Assert.Equal(4, (await TheProgram.RunAsync("verify", bundle)).Exit); // NO_ROOT
        var other = await TheProgram.RunAsync("verify", bundle, "--root", new string('0', 64));
        Assert.Equal(3, other.Exit);
        Assert.Contains("nothing in this bundle leads to the root you named", other.Output, StringComparison.Ordinal);
        var failed = await TheProgram.RunAsync("verify", tampered, "--root", root);
        Assert.Equal(3, failed.Exit);
        Assert.StartsWith("✗ FAILED", failed.Output, StringComparison.Ordinal);
        Assert.Contains("EDITED at entry", failed.Output, StringComparison.Ordinal);
        // The server's own process and two clients' were different ones.
        Assert.True(ended.Lines.Where(l => l["pid"] is not null).Select(l => (int)l["pid"]!).Distinct().Count() >= 4);
        Assert.True(Directory.Exists(Path.Combine(scratch["demo"], "people", "alice", "device")));
    }

    [Fact]
    public async Task A_demonstration_that_cannot_happen_does_not_succeed()
    {
        using var scratch = new Scratch();
        await File.WriteAllTextAsync(scratch["something"], "here already");
        Assert.Equal(2, (await TheProgram.RunAsync("demo", "--script", "--data", scratch.Path)).Exit);
    }
}
