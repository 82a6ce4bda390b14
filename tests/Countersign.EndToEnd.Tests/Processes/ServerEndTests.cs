using System.CommandLine;
using Countersign.Cli;
using Countersign.Server;

namespace Countersign.EndToEnd.Tests;

/// <summary>What a command says when the server in its own process has ended by itself. No signal and no file makes a server do that, so
/// these tests stand where the commands do.</summary>
public sealed class ServerEndTests : IDisposable
{
    private readonly Scratch _scratch = new();
    private readonly StringWriter _talk = new();

    public void Dispose()
    {
        _talk.Dispose();
        _scratch.Dispose();
    }

    [Fact]
    public async Task Exit_1_up_ends_when_its_server_has_ended_by_itself_and_says_where_the_reason_stands()
    {
        var context = Context();
        using var passphrase = new Passphrase(TheProgram.Passphrase);
        new Installation(context.Places, context.Screen, context.Clock).Complete(passphrase, new(System.Net.IPAddress.Loopback, 0));
        var server = await LocalServer.StartAsync(context, passphrase, new Dictionary<string, string?>(), TestContext.Current.CancellationToken);
        var chat = new TaskCompletionSource();
        var running = server.WhileItRunsAsync(
            async cancelled =>
            {
                using var _ = cancelled.Register(chat.SetResult);
                await Task.Delay(Timeout.Infinite, cancelled);
                return ExitCode.Done;
            },
            TestContext.Current.CancellationToken);
        Assert.False(running.IsCompleted);
        await server.DisposeAsync(); // the server stops, and it is not the chat that has ended it
        var ended = await Assert.ThrowsAsync<CommandException>(() => running.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal((ExitCode.Bug, "server-ended"), (ended.Exit, ended.Code));
        Assert.Contains("server.log", ended.Hint);
        Assert.True(chat.Task.IsCompletedSuccessfully); // nobody goes on waiting for it
    }

    [Fact]
    public async Task Up_ends_as_its_chat_does_while_the_server_runs()
    {
        var context = Context();
        using var passphrase = new Passphrase(TheProgram.Passphrase);
        new Installation(context.Places, context.Screen, context.Clock).Complete(passphrase, new(System.Net.IPAddress.Loopback, 0));
        await using var server = await LocalServer.StartAsync(context, passphrase, new Dictionary<string, string?>(), TestContext.Current.CancellationToken);
        Assert.Equal(ExitCode.NotFound, await server.WhileItRunsAsync(static _ => Task.FromResult(ExitCode.NotFound), TestContext.Current.CancellationToken));
        using var interrupted = new CancellationTokenSource();
        var running = server.WhileItRunsAsync(
            static async cancelled =>
            {
                await Task.Delay(Timeout.Infinite, cancelled);
                return ExitCode.Done;
            },
            interrupted.Token);
        await interrupted.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    public static TheoryData<Exception> Faults() =>
        [new InvalidOperationException("a bug"), new StoreException(StoreFault.Unavailable, "away"), new IOException("no space"), new OperationCanceledException("by nobody")];

    // Another exit code is another thing for an operator to do; and 0 is none.
    [Theory]
    [MemberData(nameof(Faults), DisableDiscoveryEnumeration = true)]
    public async Task Exit_1_serve_that_a_fault_has_ended_is_a_bug_whatever_the_fault_was(Exception fault)
    {
        var ended = await Assert.ThrowsAsync<ServerEndedException>(() => ServerFailures.TranslateAsync(Context(), async () =>
        {
            await ServeVerb.UntilEndedAsync(Task.FromException(fault), CancellationToken.None);
            return ExitCode.Done;
        }));
        Assert.Same(fault, ended.InnerException);
    }

    [Fact]
    public async Task Serve_that_a_signal_has_ended_ends_in_order()
    {
        using var signal = new CancellationTokenSource();
        var shutdown = new TaskCompletionSource().Task.WaitAsync(signal.Token);
        await signal.CancelAsync();
        await ServeVerb.UntilEndedAsync(shutdown, signal.Token);
    }

    private CommandContext Context()
    {
        var options = new CommonOptions();
        var root = new RootCommand();
        foreach (var option in options.All)
            root.Options.Add(option);
        var surroundings = new Surroundings(static _ => null, false, false, false);
        return new CommandContext(root.Parse(["--data", _scratch["here"]]), options, new Screen(TextWriter.Null, _talk, surroundings, json: false), surroundings, TimeProvider.System);
    }
}
