using System.CommandLine;

namespace Countersign.Cli;

/// <summary>Writes a fresh revocation list.</summary>
internal sealed class CaCrlVerb : Verb
{
    private readonly Option<string?> _dir = CaDirectory.Option();
    private readonly Option<string?> _out = new("--out") { Description = "Where to write it. Default: the authority's directory.", HelpName = "FILE" };

    public CaCrlVerb() : base("crl", "Writes a fresh revocation list.",
        new Example("ca crl --dir /media/usb/root --out root.crl", "Before the last one's end: a stale list is a refusal."))
    {
        Options.Add(_dir);
        Options.Add(_out);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation) => throw new NotImplementedException();
}
