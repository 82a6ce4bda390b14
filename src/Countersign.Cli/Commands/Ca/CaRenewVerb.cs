using System.CommandLine;

namespace Countersign.Cli;

/// <summary>Issues a certificate again: the same name, new dates, the key of the request.</summary>
internal sealed class CaRenewVerb : Verb
{
    private readonly Argument<string> _serial = new("serial") { Description = "The serial number, in hex.", HelpName = "SERIAL" };
    private readonly Argument<string> _request = new("request") { Description = "A PKCS#10 request, PEM or DER.", HelpName = "FILE" };
    private readonly Option<string?> _dir = CaDirectory.Option();
    private readonly Option<string?> _out = new("--out") { Description = "Where to write the certificate. Default: beside the request.", HelpName = "FILE" };

    public CaRenewVerb() : base("renew", "Issues a certificate again: the same name, new dates, the key of the request.",
        new Example("ca renew 4f2a… device.csr", "The serial number as ca list shows it; the request proves the key, the same one or its successor."))
    {
        Arguments.Add(_serial);
        Arguments.Add(_request);
        Options.Add(_dir);
        Options.Add(_out);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation)
    {
        var directory = CaDirectory.Of(context, _dir);
        var serial = Names.Serial(context.Get(_serial)!);
        var requestFile = context.Get(_request)!;
        var request = CertificateFiles.ReadRequest(requestFile);
        using var authority = OpenAuthority.Of(context, directory);
        var certificate = AuthorityFailures.Translate(context, directory, () => authority.Renew(serial, request));
        CertificateFiles.Write(context, "certificate", context.Get(_out) ?? Path.ChangeExtension(requestFile, ".crt"), certificate.ToPem());
        IssuedLines.Print(context, authority.Find(certificate.Serial)!);
        return Task.FromResult(ExitCode.Done);
    }
}
