using System.CommandLine;

namespace Countersign.Cli;

/// <summary>Lists the members of a conversation with their devices' certificate fingerprints.</summary>
internal sealed class MembersVerb : Verb
{
    private readonly Argument<string?> _which = new("conversation") { Description = "A person, or a conversation's name or id. Default: the last one.", HelpName = "PERSON|CONVERSATION", Arity = ArgumentArity.ZeroOrOne };

    public MembersVerb() : base("members", "Lists the members of a conversation with their devices' certificate fingerprints.",
        new Example("members ops", "One device a line."))
    {
        Arguments.Add(_which);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation) => throw new NotImplementedException();
}
