using System.CommandLine;
using Countersign.Authority;
using Countersign.Cryptography;

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

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation)
    {
        var directory = CaDirectory.Of(context, _dir);
        var requestFile = context.Get(_request)!;
        var issue = Template(context.Get(_user), context.Get(_server));
        var request = CertificateFiles.ReadRequest(requestFile);
        using var authority = OpenAuthority.Of(context, directory);
        var certificate = AuthorityFailures.Translate(context, directory, () => issue(authority, request));
        CertificateFiles.Write(context, "certificate", context.Get(_out) ?? Path.ChangeExtension(requestFile, ".crt"), certificate.ToPem());
        IssuedLines.Print(context, authority.Find(certificate.Serial)!);
        return Task.FromResult(ExitCode.Done);
    }

    private static Func<CertificateAuthority, CertificationRequest, Certificate> Template(string? user, string? server)
    {
        if (user is not null == server is not null)
            throw CommandException.Usage("give either --user or --server.", "a certificate is for a person's device or for a server");
        if (user is not null)
        {
            var name = Names.User(user);
            return (authority, request) => authority.IssueDevice(name, request);
        }
        var serverName = Names.Server(server!);
        return (authority, request) => authority.IssueServer([serverName], request);
    }
}
