using System.CommandLine;

namespace Countersign.Cli;

/// <summary>Prints a conversation's messages, then those that arrive.</summary>
internal sealed class TailVerb : Verb
{
    private readonly Argument<string?> _which = new("conversation") { Description = "A person, or a conversation's name or id. Default: the last one.", HelpName = "PERSON|CONVERSATION", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<int> _count = new("-n") { Description = "How many messages to begin with. Default: 10.", HelpName = "COUNT", DefaultValueFactory = _ => 10 };
    private readonly Option<bool> _noFollow = new("--no-follow") { Description = "End after these." };

    public TailVerb() : base("tail", "Prints a conversation's messages, then those that arrive.",
        new Example("tail ops", "Follows until interrupted."),
        new Example("tail ops -n 20 --no-follow", "The last twenty."),
        new Example("tail ops --json | jq -r .text", "For scripts."))
    {
        Arguments.Add(_which);
        Options.Add(_count);
        Options.Add(_noFollow);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation) => throw new NotImplementedException();
}
