using System.CommandLine;

namespace Countersign.Cli;

/// <summary>Signs the request of a server's issuing CA and writes its certificate and a fresh revocation list.</summary>
internal sealed class CaSignVerb : Verb
{
    private readonly Argument<string> _request = new("request") { Description = "The request that server init wrote.", HelpName = "FILE" };
    private readonly Option<string?> _dir = CaDirectory.Option();
    private readonly Option<string?> _out = new("--out") { Description = "Directory to write to. Default: the request's.", HelpName = "DIR" };

    public CaSignVerb() : base("sign", "Signs the request of a server's issuing CA and writes its certificate and a fresh revocation list.",
        new Example("ca sign server.csr --dir /media/usb/root", "Writes issuing.crt and root.crl beside the request."))
    {
        Arguments.Add(_request);
        Options.Add(_dir);
        Options.Add(_out);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation) => throw new NotImplementedException();
}
