using System.CommandLine;

namespace Countersign.Cli;

/// <summary>Issues a certificate again, for the same key and name, with new dates.</summary>
internal sealed class CaRenewVerb : Verb
{
    private readonly Argument<string> _serial = new("serial") { Description = "The serial number, in hex.", HelpName = "SERIAL" };
    private readonly Option<string?> _dir = CaDirectory.Option();
    private readonly Option<string?> _out = new("--out") { Description = "Where to write the certificate. Default: SERIAL.crt here.", HelpName = "FILE" };

    public CaRenewVerb() : base("renew", "Issues a certificate again, for the same key and name, with new dates.",
        new Example("ca renew 4F2A…", "By serial number, as ca list shows it."))
    {
        Arguments.Add(_serial);
        Options.Add(_dir);
        Options.Add(_out);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation) => throw new NotImplementedException();
}
