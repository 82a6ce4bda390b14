using System.CommandLine;
using System.Globalization;
using Countersign.Cryptography;
using Countersign.Server;

namespace Countersign.Cli;

/// <summary>Installs what the root signed: the certificate of the issuing CA whose key it names, and the root's revocation list.</summary>
internal sealed class ServerInstallVerb : Verb
{
    private readonly Argument<string> _certificate = new("certificate") { Description = "The issuing CA's certificate, PEM or DER.", HelpName = "FILE" };
    private readonly Option<string> _crl = new("--crl") { Description = "The root's revocation list, PEM or DER.", HelpName = "FILE", Required = true };

    public ServerInstallVerb() : base("install", "Installs what the root signed: an issuing CA's certificate, its first or one that renews it, and the root's revocation list.",
        new Example("server install issuing.crt --crl root.crl", "What ca sign and ca crl wrote; which issuing CA it is for, its key says."))
    {
        Arguments.Add(_certificate);
        Options.Add(_crl);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation) =>
        ServerFailures.TranslateAsync(context, () => Task.FromResult(Install(context)));

    // One that does not verify is as if it were not there (CE-10).
    private static CertificateRevocationList? RootListOf(string server, Certificate root)
    {
        try
        {
            return CertificateFiles.ReadList(Path.Combine(server, "authority", "root.crl")) is var list && list.IsGenuine(root) ? list : null;
        }
        catch (CommandException)
        {
            return null;
        }
    }

    private ExitCode Install(CommandContext context)
    {
        var directory = context.Places.Server;
        var root = ServerDirectory.ExpectedRoot(directory);
        var issuing = CertificateFiles.ReadCertificate(context.Get(_certificate)!);
        var list = CertificateFiles.ReadList(context.Get(_crl)!);
        var before = RootListOf(directory, root);
        var inPlace = ServerDirectory.Install(directory, issuing, root, list, context.Clock);
        var isNews = before is null || list.Number > before.Number;
        context.Screen.Wrote("issuing CA's certificate", ServerDirectory.AuthorityOf(directory, issuing));
        var isRevoked = inPlace.Find(issuing.Serial) is not null;
        context.Screen.Data(isRevoked ? "installed; the list revokes this issuing CA" : $"installed; the issuing CA is valid until {Times.Minute(issuing.NotAfter, context.Clock.LocalTimeZone)}",
            JsonLine.Of("installed", ("certificate", issuing.Fingerprint.ToString()), ("root", root.Fingerprint.ToString()), ("notAfter", Times.Utc(issuing.NotAfter)),
                ("list", inPlace.Number.ToString(CultureInfo.InvariantCulture)), ("nextUpdate", Times.Utc(inPlace.NextUpdate)), ("newer", isNews), ("revoked", isRevoked)));
        context.Screen.Talk($"The root's list here has number {inPlace.Number} and ends {Times.Minute(inPlace.NextUpdate, context.Clock.LocalTimeZone)}.");
        if (!isNews)
            context.Screen.Talk($"The list given is {(list.Number == inPlace.Number ? "that one" : $"older, number {list.Number}")}: nothing newer came with it. "
                + "Where the root is, ca crl --dir ROOT --out root-2.crl makes a newer one.");
        if (isRevoked)
        {
            context.Screen.Talk("A server that runs gives the list to everybody who is connected, and then lets nobody in whom this issuing CA certified.");
            context.Screen.Talk("What comes then: docs/OPERATIONS.md, \"When keys were stolen\".");
            return ExitCode.Done;
        }
        context.Screen.Talk("A server that runs takes a new certificate over when it is started again. Next: " + context.Command("serve --listen 0.0.0.0:7450 --address HOST:7450"));
        return ExitCode.Done;
    }
}
