using System.Diagnostics;
using System.Globalization;
using Countersign.Cli;
using Countersign.Client;
using Countersign.Testing;

namespace Countersign.EndToEnd.Tests;

/// <summary>What SIGINT and SIGTERM do to a command that is in the middle of something.</summary>
public sealed class SignalTests(RunningUp up) : IDisposable
{
    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public async Task The_first_signal_ends_a_verification_and_leaves_no_half_page(string signal, int exit)
    {
        // No bundle, of a size that takes hours to hash: the page names the file it is about.
        using (var bundle = File.Create(_scratch["endless.zip"]))
            bundle.SetLength(1L << 43);
        using var verify = TheProgram.Start(["verify", _scratch["endless.zip"], "--html", _scratch["page.html"]]);
        await Eventually.True(() => File.Exists(_scratch["page.html"]), "it has begun", TimeSpan.FromMinutes(2));

        await SignalAsync(verify, signal);

        await EndsAsync(verify, exit);
        Assert.Equal([_scratch["endless.zip"]], Directory.EnumerateFiles(_scratch.Path));
    }

    [Fact]
    public async Task Exit_143_a_second_signal_ends_whatever_runs()
    {
        using (var make = Process.Start("mkfifo", [_scratch["list.crl"]]))
            await make.WaitForExitAsync(TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(_scratch["some.zip"], "never read", TestContext.Current.CancellationToken);
        using var verify = TheProgram.Start(["verify", _scratch["some.zip"], "--crl", _scratch["list.crl"]]);
        await using var list = new FileStream(_scratch["list.crl"], FileMode.Open, FileAccess.Write); // open when it reads: from now on it waits for the list
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        for (var waiting = verify.WaitForExitAsync(limit.Token); !waiting.IsCompleted; await Task.WhenAny(waiting, Task.Delay(200, CancellationToken.None)))
            await SignalAsync(verify, "TERM"); // two that come at once are one
        await EndsAsync(verify, 143);
    }

    [Fact]
    public async Task Exit_143_a_signal_ends_send_that_waits_for_its_next_line()
    {
        var gil = await up.JoinAsync("gil");
        using var send = TheProgram.Start(["send", "alice", "--lines", "--data", gil]);
        await send.StandardInput.WriteLineAsync("the first");
        await send.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        Assert.Contains("accepted", await send.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));

        await SignalAsync(send, "TERM");

        await EndsAsync(send, 143); // its input is open
    }

    [Fact]
    public async Task An_export_that_is_cancelled_leaves_nothing()
    {
        var hal = await up.JoinAsync("hal");
        await TheProgram.DoneAsync("send", "alice", "for the record", "--data", hal);
        await using var device = await Device.OpenAsync(hal);
        var talk = device.Client.Conversations().Single();
        var context = ChatWorld.Context(TextWriter.Null, TextWriter.Null, json: false);
        Assert.Throws<OperationCanceledException>(() =>
            BundleFile.Export(context, device.Client, talk, new ExportRequest(), _scratch["hal.zip"], new CancellationToken(canceled: true)));
        Assert.Empty(Directory.EnumerateFiles(_scratch.Path));
        BundleFile.Export(context, device.Client, talk, new ExportRequest(), _scratch["hal.zip"], CancellationToken.None);
        Assert.True(File.Exists(_scratch["hal.zip"]));
    }

    private static async Task SignalAsync(Process process, string signal)
    {
        using var kill = Process.Start(new ProcessStartInfo("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardError = true })!;
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    private static async Task EndsAsync(Process process, int exit)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
        Assert.Equal(exit, process.ExitCode);
    }
}
