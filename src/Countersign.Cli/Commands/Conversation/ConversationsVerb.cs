using System.CommandLine;

namespace Countersign.Cli;

/// <summary>Lists your conversations as this device holds them.</summary>
internal sealed class ConversationsVerb : Verb
{
    public ConversationsVerb() : base("conversations", "Lists your conversations as this device holds them.",
        new Example("conversations", "One a line: id, size, members, name."),
        new Example("conversations --json", "For scripts."))
    {
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation) => throw new NotImplementedException();
}
