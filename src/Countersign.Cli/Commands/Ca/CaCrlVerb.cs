using System.CommandLine;
using System.Globalization;

namespace Countersign.Cli;

/// <summary>Writes a fresh revocation list.</summary>
internal sealed class CaCrlVerb : Verb
{
    private readonly Option<string?> _dir = CaDirectory.Option();
    private readonly Option<string?> _out = new("--out") { Description = "Where to write it. Default: the authority's directory.", HelpName = "FILE" };

    public CaCrlVerb() : base("crl", "Writes a fresh revocation list.",
        new Example("ca crl --dir /media/usb/root --out root-2.crl", "Before the last one's end: a stale list is a refusal."))
    {
        Options.Add(_dir);
        Options.Add(_out);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation)
    {
        var directory = CaDirectory.Of(context, _dir);
        if (context.Get(_out) is { } named)
            CertificateFiles.RequireNone(named); // before a list is made for it
        using var authority = OpenAuthority.Of(context, directory);
        var list = AuthorityFailures.Translate(context, directory, () => authority.MakeRevocationList());
        if (context.Get(_out) is { } path)
            CertificateFiles.Write(context, "revocation list", path, list.ToPem());
        else
            context.Screen.Wrote("revocation list", Path.Combine(directory, "ca.crl"));
        context.Screen.Data($"number {list.Number}, {list.Entries.Count} revoked, next by {Times.Minute(list.NextUpdate, context.Clock.LocalTimeZone)}",
            JsonLine.Of("crl", ("number", list.Number.ToString(CultureInfo.InvariantCulture)), ("revoked", list.Entries.Count), ("nextUpdate", Times.Utc(list.NextUpdate))));
        return Task.FromResult(ExitCode.Done);
    }
}
