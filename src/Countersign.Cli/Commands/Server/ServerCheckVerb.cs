using System.CommandLine;

namespace Countersign.Cli;

/// <summary>Checks a server: listening, certificate days left, revocation lists, store, clock; each with a next step.</summary>
internal sealed class ServerCheckVerb : Verb
{
    public ServerCheckVerb() : base("check", "Checks a server: listening, certificate days left, revocation lists, store, clock; each with a next step.",
        new Example("server check", "Exit status 0 only if nothing needs attention now."))
    {
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation) => throw new NotImplementedException();
}
