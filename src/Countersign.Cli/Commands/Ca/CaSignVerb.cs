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

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation)
    {
        var directory = CaDirectory.Of(context, _dir);
        var requestFile = context.Get(_request)!;
        var request = CertificateFiles.ReadRequest(requestFile);
        var target = context.Get(_out) ?? Path.GetDirectoryName(Path.GetFullPath(requestFile))!;
        using var root = OpenAuthority.Of(context, directory);
        var (issuing, list) = AuthorityFailures.Translate(context, directory,
            () => (root.IssueAuthority("Countersign Issuing CA", request), root.MakeRevocationList()));
        CertificateFiles.Write(context, "issuing CA's certificate", Path.Combine(target, "issuing.crt"), issuing.ToPem());
        CertificateFiles.Write(context, "root's revocation list", Path.Combine(target, "root.crl"), list.ToPem());
        IssuedLines.Print(context, root.Find(issuing.Serial)!);
        context.Screen.Talk("Next, on the server, with both files:");
        context.Screen.Talk($"  {Shell.Quote(context.Surroundings.CommandName)} server install issuing.crt --crl root.crl");
        return Task.FromResult(ExitCode.Done);
    }
}
