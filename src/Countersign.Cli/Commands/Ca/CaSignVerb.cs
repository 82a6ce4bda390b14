using System.CommandLine;
using System.Globalization;
using Countersign.Authority;

namespace Countersign.Cli;

/// <summary>Signs the request of a server's issuing CA and writes its certificate and a fresh revocation list.</summary>
internal sealed class CaSignVerb : Verb
{
    private readonly Argument<string> _request = new("request") { Description = "The request that server init or server successor wrote, or authority/ca.csr of the server.", HelpName = "FILE" };
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
        var (certificateFile, listFile) = (Path.Combine(target, "issuing.crt"), Path.Combine(target, "root.crl"));
        using var root = OpenAuthority.Of(context, directory);
        // Of a run that was interrupted, what is there is what belongs there; anything else is never overwritten, and nothing is issued for it.
        var made = root.FindAuthority(request.Key);
        var isDue = made is null || made.Revocation is not null || root.IsRenewalDue(made.Certificate);
        var hasCertificate = CertificateFiles.Holds(certificateFile, () => isDue ? null : made!.Certificate.ToPem());
        var hasList = CertificateFiles.Holds(listFile, () => AuthorityFailures.Translate(context, directory, () => AuthorityStore.ReadRevocationList(directory)).ToPem());
        var issuing = !isDue ? made!.Certificate : AuthorityFailures.Translate(context, directory,
            () => made is null ? root.IssueAuthority(NextName(root), request) : root.Renew(made.Certificate.Serial, request));
        if (!isDue)
            context.Screen.Talk("This request has its certificate, and more than half of its time is left: no other is issued.");
        if (!hasCertificate)
            CertificateFiles.Write(context, "issuing CA's certificate", certificateFile, issuing.ToPem());
        if (!hasList)
            CertificateFiles.Write(context, "root's revocation list", listFile, AuthorityFailures.Translate(context, directory, () => root.MakeRevocationList()).ToPem());
        IssuedLines.Print(context, root.Find(issuing.Serial)!);
        context.Screen.Talk("Next, on the server, with both files:");
        context.Screen.Talk($"  {Shell.Quote(context.Surroundings.CommandName)} server install issuing.crt --crl root.crl");
        return Task.FromResult(ExitCode.Done);
    }
    // A name of its own for each key, so that people can tell them apart; programs go by the key.
    private static string NextName(CertificateAuthority root)
    {
        var others = root.List().Where(static issued => issued.Kind == CertificateKind.Authority).DistinctBy(static issued => issued.Certificate.PublicKey).Count();
        return others == 0 ? "Countersign Issuing CA" : string.Create(CultureInfo.InvariantCulture, $"Countersign Issuing CA {others + 1}");
    }
}
