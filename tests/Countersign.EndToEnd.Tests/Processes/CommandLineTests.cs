namespace Countersign.EndToEnd.Tests;

public sealed class CommandLineTests
{
    [Fact]
    public async Task Version_is_data()
    {
        var ended = await TheProgram.DoneAsync("--version");
        Assert.Matches("^countersign [0-9]+\\.[0-9]+\\.[0-9]+\n$", ended.Output);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("ca", "nonsense")]
    [InlineData("send")]
    [InlineData("invite", "alice", "--nonsense")]
    [InlineData("completion", "powershell")]
    [InlineData("ca", "issue", "x.csr")]
    public async Task Exit_2_a_wrong_command_line_says_what_and_what_next(params string[] arguments)
    {
        var ended = await TheProgram.RunAsync(arguments);
        Assert.Equal(2, ended.Exit);
        Assert.Empty(ended.Output);
        Assert.StartsWith("countersign: error: ", ended.Talk);
        Assert.Contains("countersign: hint: ", ended.Talk);
        Assert.DoesNotContain('\e', ended.Talk);

        var json = await TheProgram.RunAsync([.. arguments, "--json"]);
        Assert.Equal(2, json.Exit);
        Assert.Empty(json.Talk);
        var error = Assert.Single(json.Lines);
        Assert.Equal(("error", 2), (error["type"]!.ToString(), (int)error["exit"]!));
        Assert.NotNull(error["code"]);
        Assert.NotNull(error["message"]);
    }

    [Fact]
    public async Task Exit_14_an_empty_data_directory_is_nobodys_device()
    {
        using var scratch = new Scratch();
        var ended = await TheProgram.RunAsync("chat", "--data", scratch["nothing"], "--json");
        Assert.Equal((14, "not-enrolled"), (ended.Exit, ended.Line("error")["code"]!.ToString()));
        Assert.False(Directory.Exists(scratch["nothing"]));
    }

    [Fact]
    public async Task Without_a_terminal_nothing_is_asked()
    {
        using var scratch = new Scratch();
        var ended = await TheProgram.RunAsync(["up", "--data", scratch["x"]], "", new Dictionary<string, string?> { ["COUNTERSIGN_PASSPHRASE"] = null });
        Assert.Equal(2, ended.Exit);
        Assert.Contains("--user", ended.Talk);
    }

    [Fact]
    public async Task Completion_offers_verbs_and_loads_in_bash()
    {
        Assert.Contains("serve", (await TheProgram.DoneAsync("[suggest:3]", "ser")).Output);
        var script = (await TheProgram.DoneAsync("completion", "bash")).Output;
        using var bash = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("bash",
            ["-c", script + $"\nCOMP_WORDS=('{TheProgram.Launcher}' inv) COMP_CWORD=1 COMP_LINE='{TheProgram.Launcher} inv' COMP_POINT=${{#COMP_LINE}}; _countersign; echo \"${{COMPREPLY[@]}}\""])
        { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Assert.Equal("invite", (await bash.StandardOutput.ReadToEndAsync()).Trim());
    }

    [Fact]
    public async Task The_data_directory_follows_XDG()
    {
        using var scratch = new Scratch();
        var ended = await TheProgram.RunAsync(["whoami", "--json"], "", new Dictionary<string, string?> { ["XDG_DATA_HOME"] = scratch["share"], ["HOME"] = Environment.GetEnvironmentVariable("HOME") });
        Assert.Contains(Path.Combine(scratch["share"], "countersign", "device"), ended.Line("error")["message"]!.ToString());
    }
}
