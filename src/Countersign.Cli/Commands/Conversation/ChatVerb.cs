using System.CommandLine;

namespace Countersign.Cli;

/// <summary>Opens a conversation in the terminal: with a person, by name or id, or the last one.</summary>
internal sealed class ChatVerb : Verb
{
    private readonly Argument<string?> _with = new("with") { Description = "A person, or a conversation's name or id. Default: the last one.", HelpName = "PERSON|CONVERSATION", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> _plain = PlainOption();

    public ChatVerb() : base("chat", "Opens a conversation in the terminal: with a person, by name or id, or the last one.",
        new Example("chat alice", "Talk to alice; begins a conversation if there is none."),
        new Example("chat 'Night shift'", "A conversation by name."),
        new Example("chat --plain", "Line by line, for screen readers and logs."))
    {
        Arguments.Add(_with);
        Options.Add(_plain);
    }

    public static Option<bool> PlainOption() => new("--plain")
    {
        Description = "Plain lines: no cursor movement, each message printed exactly once. Also with ACCESSIBLE or TERM=dumb.",
    };

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation) => throw new NotImplementedException();
}
