using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Runtime.InteropServices;

namespace Countersign.Cli;

/// <summary>The program between <c>Main</c> and the verbs: parses, runs, and turns every ending into an exit code.</summary>
internal sealed class Application
{
    private readonly Surroundings _surroundings;
    private readonly TextWriter _data;
    private readonly TextWriter _talk;
    private readonly TimeProvider _clock;

    public Application(Surroundings surroundings, TextWriter data, TextWriter talk, TimeProvider clock)
    {
        _surroundings = surroundings;
        _data = data;
        _talk = talk;
        _clock = clock;
    }

    public async Task<ExitCode> RunAsync(IReadOnlyList<string> arguments)
    {
        var options = new CommonOptions();
        // @name is a person here, not a file of arguments.
        var parsed = Program(options).Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        // A command line that does not parse may still have asked for JSON: then the error is JSON, too.
        var screen = new Screen(_data, _talk, _surroundings, arguments.TakeWhile(a => a != "--").Contains("--json"));
        try
        {
            return await RunParsedAsync(parsed, options, screen);
        }
        catch (CommandException e)
        {
            screen.Error(e);
            return e.Exit;
        }
        catch (IOException e) when (IsBrokenPipe(e))
        {
            return ExitCode.Done;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var error = new CommandException(ExitCode.NotFound, "file", e.Message, "check the path, its permissions and the room on the disk", e);
            screen.Error(error);
            return error.Exit;
        }
#pragma warning disable CA1031 // The last place before the process ends: nothing goes on after it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            screen.Bug(e);
            return ExitCode.Bug;
        }
        finally
        {
            FlushQuietly();
        }
    }

    private async Task<ExitCode> RunParsedAsync(ParseResult parsed, CommonOptions options, Screen screen)
    {
        if (parsed.Action is ParseErrorAction)
            return parsed.CommandResult.Command.Subcommands.Count > 0 && parsed.UnmatchedTokens.Count == 0 && parsed.Errors.Count == 1 && !screen.Json
                ? ShowHelpInstead(parsed)
                : throw UsageError(parsed);
        if (parsed.CommandResult.Command is not Verb verb || parsed.Action is { } action and not AsynchronousCommandLineAction)
            return await RunBuiltInAsync(parsed);
#pragma warning disable CA2000 // Not disposed: a signal may be on its way to it when the command has ended.
        var cancelled = new CancellationTokenSource();
#pragma warning restore CA2000
        ExitCode? signalled = null;
        using var interrupt = OnSignal(PosixSignal.SIGINT, ExitCode.Interrupted);
        using var terminate = OnSignal(PosixSignal.SIGTERM, ExitCode.Terminated);
        try
        {
            var exit = await verb.RunAsync(new CommandContext(parsed, options, screen, _surroundings, _clock), cancelled.Token);
            return exit;
        }
        catch (OperationCanceledException) when (signalled is not null)
        {
            return signalled.Value;
        }

        PosixSignalRegistration OnSignal(PosixSignal signal, ExitCode exit) => PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            if (signalled is not null)
                Environment.Exit((int)exit); // whatever runs: its end in order takes somebody too long
            signalled = exit;
            cancelled.Cancel();
        });
    }

    // A verb is missing: what there is says more than an error.
    private ExitCode ShowHelpInstead(ParseResult parsed)
    {
        new Help(_surroundings, Verbs.ProgramExamples).Write(parsed.CommandResult.Command, _talk, Style.For(_surroundings.ErrorIsTerminal, _surroundings));
        return ExitCode.Usage;
    }

    // --help, --version and [suggest].
    private async Task<ExitCode> RunBuiltInAsync(ParseResult parsed)
    {
        return (ExitCode)await parsed.InvokeAsync(new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
            Output = _data,
            Error = _talk,
        });
    }

    private CommandException UsageError(ParseResult parsed)
    {
        var command = string.Join(' ', CommandPath(parsed.CommandResult.Command).Prepend(_surroundings.CommandName));
        var message = parsed.UnmatchedTokens.Count > 0 && parsed.CommandResult.Command.Subcommands.Count > 0
            ? $"there is no verb '{parsed.UnmatchedTokens[0]}'."
            : parsed.Errors.Count > 0 ? parsed.Errors[0].Message : "the command line is incomplete.";
        return CommandException.Usage(message.Length > 0 ? char.ToLowerInvariant(message[0]) + message[1..] : message, $"{command} --help shows examples");
    }

    private static IEnumerable<string> CommandPath(Command command) =>
        command is RootCommand ? [] : [.. command.Parents.OfType<Command>().Take(1).SelectMany(CommandPath), command.Name];

    /// <summary>The whole command line.</summary>
    public RootCommand CommandLine() => Program(new CommonOptions());

    private RootCommand Program(CommonOptions options)
    {
        var root = new RootCommand("countersign: a self-hosted secure chat whose transcript is evidence.");
        foreach (var option in options.All)
            root.Options.Add(option);
        foreach (var verb in Verbs.All())
            root.Subcommands.Add(verb);
        foreach (var option in root.Options)
            if (option is HelpOption help)
                help.Action = new Help(_surroundings, Verbs.ProgramExamples);
            else if (option is VersionOption version)
                version.Action = new PrintVersion();
        AddActions(root);
        return root;
    }

    // Without an action the parser calls a complete command line an error; the verb itself is run above.
    private static void AddActions(Command command)
    {
        if (command is Verb)
            command.SetAction((_, _) => Task.FromResult(0));
        foreach (var child in command.Subcommands)
            AddActions(child);
    }

    private void FlushQuietly()
    {
        try
        {
            _data.Flush();
            _talk.Flush();
        }
        catch (IOException e) when (IsBrokenPipe(e))
        {
            // The reader of our output is gone (`| head`): nobody is left to tell.
        }
    }

    private static bool IsBrokenPipe(IOException e) => e.HResult == 32 || e.Message.Contains("Broken pipe", StringComparison.Ordinal);

    private sealed class PrintVersion : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var version = typeof(Application).Assembly.GetName().Version!;
            parseResult.InvocationConfiguration.Output.WriteLine($"countersign {version.ToString(3)}");
            return 0;
        }
    }
}
