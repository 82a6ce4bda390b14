using System.CommandLine;

namespace Countersign.Cli;

/// <summary>Says who this device is, which server and root it trusts, and until when its certificate is valid.</summary>
internal sealed class WhoamiVerb : Verb
{
    public WhoamiVerb() : base("whoami", "Says who this device is, which server and root it trusts, and until when its certificate is valid.",
        new Example("whoami", "Needs no network."))
    {
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation) => throw new NotImplementedException();
}
