using System.CommandLine;
using Countersign.Authority;
using Countersign.Cryptography;

namespace Countersign.Cli;

/// <summary>Puts the certificate that a CA issued for the time-stamp authority's request into place: the first one, or its successor.</summary>
internal sealed class TsaInstallVerb : Verb
{
    private readonly Argument<string> _certificate = new("certificate") { Description = "The time-stamp authority's certificate, PEM or DER.", HelpName = "FILE" };
    private readonly Option<string?> _issuing = new("--issuing") { Description = "The issuing CA's certificate, if the root did not issue it itself.", HelpName = "FILE" };
    private readonly Option<string?> _dir = TsaDirectory.Option();

    public TsaInstallVerb() : base("install", "Puts the certificate that a CA issued for the time-stamp authority's request into place: the first one, or its successor.",
        new Example("tsa install tsa.crt", "What ca issue --tsa wrote."))
    {
        Arguments.Add(_certificate);
        Options.Add(_issuing);
        Options.Add(_dir);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation)
    {
        var directory = TsaDirectory.Of(context, _dir);
        if (!TimeStampStore.IsThere(directory))
            TsaDirectory.Translate<object>(context, directory, static () => throw new AuthorityException(AuthorityFault.NotInitialised));
        var leaf = CertificateFiles.ReadCertificate(context.Get(_certificate)!);
        Certificate[] above = context.Get(_issuing) is { } issuing ? [CertificateFiles.ReadCertificate(issuing)] : [];
        // The root that init was given: nothing under another is accepted.
        var certified = TsaDirectory.Translate(context, directory, () =>
        {
            var root = TrustAnchor.FromCertificate(TimeStampStore.ReadRoot(directory));
            var valid = PathValidator.ValidateTimeStampAuthority(new([leaf, .. above]), root, context.Clock.GetUtcNow());
            TimeStampStore.Install(directory, valid);
            return valid;
        });
        context.Screen.Wrote("time-stamp authority's certificate", directory);
        context.Screen.Data($"installed; valid until {Times.Minute(leaf.NotAfter, context.Clock.LocalTimeZone)}",
            JsonLine.Of("installed", ("certificate", leaf.Fingerprint.ToString()), ("root", certified.Root.Fingerprint.ToString()), ("notAfter", Times.Utc(leaf.NotAfter))));
        context.Screen.Talk("Next: " + context.Command("tsa serve"));
        return Task.FromResult(ExitCode.Done);
    }
}
