using System.CommandLine;
using Countersign.Authority;
using Countersign.Cryptography;

namespace Countersign.Cli;

/// <summary>Issues a certificate for a request: of a server, of a device of a user, or of a time-stamp authority.</summary>
internal sealed class CaIssueVerb : Verb
{
    /// <summary>RFC 5280 appendix A, ub-common-name.</summary>
    private const int MaxAuthorityName = 64;

    private readonly Argument<string> _request = new("request") { Description = "A PKCS#10 request, PEM or DER.", HelpName = "FILE" };
    private readonly Option<string?> _dir = CaDirectory.Option();
    private readonly Option<string?> _user = new("--user") { Description = "For a device of this user.", HelpName = "NAME" };
    private readonly Option<string?> _server = new("--server") { Description = "For a server of this name.", HelpName = "NAME" };
    private readonly Option<string?> _tsa = new("--tsa") { Description = "For a time-stamp authority; the name is for people to read.", HelpName = "NAME" };
    private readonly Option<string?> _out = new("--out") { Description = "Where to write the certificate. Default: beside the request.", HelpName = "FILE" };

    public CaIssueVerb() : base("issue", "Issues a certificate for a request: of a server, of a device of a user, or of a time-stamp authority.",
        new Example("ca issue device.csr --user alice", "The request names nobody: the authority decides."),
        new Example("ca issue server.csr --server chat.example.org", "A server certificate."),
        new Example("ca issue tsa.csr --tsa 'Example time stamps' --dir /media/usb/root", "For a time-stamp authority; it writes tsa.crt."))
    {
        Arguments.Add(_request);
        Options.Add(_dir);
        Options.Add(_user);
        Options.Add(_server);
        Options.Add(_tsa);
        Options.Add(_out);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation)
    {
        var directory = CaDirectory.Of(context, _dir);
        var requestFile = context.Get(_request)!;
        var issue = Template(context.Get(_user), context.Get(_server), context.Get(_tsa));
        var request = CertificateFiles.ReadRequest(requestFile);
        using var authority = OpenAuthority.Of(context, directory);
        var certificate = AuthorityFailures.Translate(context, directory, () => issue(authority, request));
        CertificateFiles.Write(context, "certificate", context.Get(_out) ?? Path.ChangeExtension(requestFile, ".crt"), certificate.ToPem());
        IssuedLines.Print(context, authority.Find(certificate.Serial)!);
        return Task.FromResult(ExitCode.Done);
    }

    private static Func<CertificateAuthority, CertificationRequest, Certificate> Template(string? user, string? server, string? tsa)
    {
        if (new[] { user, server, tsa }.Count(static given => given is not null) != 1)
            throw CommandException.Usage("give one of --user, --server and --tsa.", "a certificate is for a person's device, a server, or a time-stamp authority");
        if (user is not null)
        {
            var name = Names.User(user);
            return (authority, request) => authority.IssueDevice(name, request);
        }
        if (server is not null)
        {
            var name = Names.Server(server);
            return (authority, request) => authority.IssueServer([name], request);
        }
        if (tsa is { Length: 0 or > MaxAuthorityName })
            throw CommandException.Usage($"a time-stamp authority's name has 1 to {MaxAuthorityName} characters.", "as in --tsa 'Example time stamps'");
        return (authority, request) => authority.IssueTimeStampAuthority(tsa!, request);
    }
}
