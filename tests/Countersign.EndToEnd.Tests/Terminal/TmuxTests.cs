using System.Diagnostics;
using Countersign.Testing;

namespace Countersign.EndToEnd.Tests;

/// <summary>The chat on a real terminal, as a person sees it: tmux holds the screen.</summary>
public sealed class TmuxTests(RunningUp up) : IDisposable
{
    private readonly string _socket = "countersign-test-" + Guid.NewGuid().ToString("N")[..8];

    [Fact]
    public async Task A25_experience_8_the_chat_survives_what_arrives_and_what_is_pasted()
    {
        var tess = await up.JoinAsync("tess");
        Tmux("new-session", "-d", "-x", "100", "-y", "30", $"COUNTERSIGN_PASSPHRASE='{TheProgram.Passphrase}' {TheProgram.Launcher} chat alice --data {tess}; echo chat ended with $?; cat");
        await SeesAsync("\n@alice>");
        Tmux("send-keys", "-l", "half a thou");
        await SeesAsync("@alice> half a thou");

        await up.TypeAsync("/dm tess");
        await up.TypeAsync("\e]0;owned\a arrives");
        await SeesAsync("alice  ␛]0;owned␇ arrives");
        Assert.Contains("@alice> half a thou", Screen());
        Tmux("send-keys", "-l", "ght");
        Tmux("send-keys", "Enter");
        await up.WaitAsync("the typed line", l => l["text"]?.ToString() == "half a thought");
        await SeesAsync("you  half a thought  ✓");

        Tmux("set-buffer", "rm -rf /\nyes\n");
        Tmux("paste-buffer", "-p");
        await SeesAsync("@alice> rm -rf /⏎yes");
        Assert.DoesNotContain(up.Lines, l => l["text"]?.ToString().Contains("rm -rf", StringComparison.Ordinal) == true);
        Tmux("send-keys", "C-c");
        Tmux("resize-window", "-x", "60", "-y", "20");
        Tmux("send-keys", "-l", "/saf");
        Tmux("send-keys", "Tab");
        await SeesAsync("@alice> /safety");
        Tmux("send-keys", "Enter");
        await SeesAsync("in words ");
        Tmux("send-keys", "-l", "/quit");
        Tmux("send-keys", "Enter");
        await SeesAsync("chat ended with 0");
    }

    [Fact]
    public async Task A_new_passphrase_that_is_too_short_or_mistyped_is_asked_for_again()
    {
        using var directory = new TemporaryDirectory();
        Tmux("new-session", "-d", "-x", "130", "-y", "30", $"unset COUNTERSIGN_PASSPHRASE; {TheProgram.Launcher} ca init --dir {directory["ca"]}; echo ended with $?; cat");
        await AnswerAsync("at least 8 characters):", "short");
        await AnswerAsync("hard to guess.\nNew passphrase", "correct horse");
        await AnswerAsync("The same again:", "correct mule");
        await AnswerAsync("They differ; once more.\nNew passphrase", "correct horse");
        await AnswerAsync("The same again:", "correct horse", times: 2);
        await SeesAsync("ended with 0");
        Assert.DoesNotContain("horse", Screen(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_is_none_is_asked_for_again()
    {
        using var directory = new TemporaryDirectory();
        Tmux("new-session", "-d", "-x", "130", "-y", "30",
            $"COUNTERSIGN_PASSPHRASE='{TheProgram.Passphrase}' {TheProgram.Launcher} up --data {directory["data"]} --listen 127.0.0.1:0; echo up ended with $?; cat");
        await AnswerAsync("Your name", "Al ice!!");
        await AnswerAsync("'Al ice!!' is no user name; once more.", "alice");
        await AnswerAsync("A second person to invite [guest]:", "@bob");
        await AnswerAsync("\n@server.local>", "/quit");
        await SeesAsync("An invitation for bob");
        await SeesAsync("up ended with 0");
    }

    private async Task AnswerAsync(string question, string answer, int times = 1)
    {
        await SeesAsync(question, times);
        Tmux("send-keys", "-l", answer);
        Tmux("send-keys", "Enter");
    }

    private async Task SeesAsync(string text, int times = 1)
    {
        // Each look is a process: not as often as a condition in memory.
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(150));
        for (var looks = 0; looks < 400; looks++)
        {
            if (Screen().Split(text).Length > times)
                return;
            await timer.WaitForNextTickAsync();
        }
        Assert.Fail($"not on screen: {text}\n{Screen()}");
    }

    private string Screen() => Tmux("capture-pane", "-p");

    private string Tmux(params string[] arguments)
    {
        using var tmux = Process.Start(new ProcessStartInfo("tmux", ["-L", _socket, "-f", "/dev/null", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = tmux.StandardOutput.ReadToEnd();
        tmux.WaitForExit();
        return output;
    }

    public void Dispose() => Tmux("kill-server");
}
