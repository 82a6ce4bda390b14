using System.CommandLine;

namespace Countersign.Cli;

/// <summary>Installs the issuing CA's certificate and revocation list that the root signed, and certifies the server with it.</summary>
internal sealed class ServerInstallVerb : Verb
{
    private readonly Argument<string> _certificate = new("certificate") { Description = "The issuing CA's certificate, PEM or DER.", HelpName = "FILE" };
    private readonly Option<string> _crl = new("--crl") { Description = "The root's revocation list, PEM or DER.", HelpName = "FILE", Required = true };

    public ServerInstallVerb() : base("install", "Installs the issuing CA's certificate and revocation list that the root signed, and certifies the server with it.",
        new Example("server install issuing.crt --crl root.crl", "What ca sign and ca crl wrote."))
    {
        Arguments.Add(_certificate);
        Options.Add(_crl);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation) => throw new NotImplementedException();
}
