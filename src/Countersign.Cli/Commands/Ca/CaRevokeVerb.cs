using System.CommandLine;

namespace Countersign.Cli;

/// <summary>Revokes a certificate and writes the revocation list that says so.</summary>
internal sealed class CaRevokeVerb : Verb
{
    private readonly Argument<string> _serial = new("serial") { Description = "The serial number, in hex.", HelpName = "SERIAL" };
    private readonly Option<string?> _dir = CaDirectory.Option();
    private readonly Option<string?> _reason = new("--reason") { Description = "A reason of RFC 5280: unspecified, keyCompromise, affiliationChanged, superseded, cessationOfOperation.", HelpName = "REASON" };
    private readonly Option<string?> _since = new("--since") { Description = "Since when the key is suspect, with its offset from UTC. Default: now.", HelpName = "TIME" };

    public CaRevokeVerb() : base("revoke", "Revokes a certificate and writes the revocation list that says so.",
        new Example("ca revoke 4F2A… --reason keyCompromise --since 2026-11-01T00:00Z", "Signatures after that moment are suspect."))
    {
        Arguments.Add(_serial);
        Options.Add(_dir);
        Options.Add(_reason);
        Options.Add(_since);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation) => throw new NotImplementedException();
}
