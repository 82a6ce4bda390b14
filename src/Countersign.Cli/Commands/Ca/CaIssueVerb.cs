using System.CommandLine;

namespace Countersign.Cli;

/// <summary>Issues a certificate for a request: of a server, or of a device of a user.</summary>
internal sealed class CaIssueVerb : Verb
{
    private readonly Argument<string> _request = new("request") { Description = "A PKCS#10 request, PEM or DER.", HelpName = "FILE" };
    private readonly Option<string?> _dir = CaDirectory.Option();
    private readonly Option<string?> _user = new("--user") { Description = "For a device of this user.", HelpName = "NAME" };
    private readonly Option<string?> _server = new("--server") { Description = "For a server of this name.", HelpName = "NAME" };
    private readonly Option<string?> _out = new("--out") { Description = "Where to write the certificate. Default: beside the request.", HelpName = "FILE" };

    public CaIssueVerb() : base("issue", "Issues a certificate for a request: of a server, or of a device of a user.",
        new Example("ca issue device.csr --user alice", "The request names nobody: the authority decides."),
        new Example("ca issue server.csr --server chat.example.org", "A server certificate."))
    {
        Arguments.Add(_request);
        Options.Add(_dir);
        Options.Add(_user);
        Options.Add(_server);
        Options.Add(_out);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation) => throw new NotImplementedException();
}
