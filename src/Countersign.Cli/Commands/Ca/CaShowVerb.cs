using System.CommandLine;

namespace Countersign.Cli;

/// <summary>Shows one certificate, or the authority itself.</summary>
internal sealed class CaShowVerb : Verb
{
    private readonly Argument<string?> _serial = new("serial") { Description = "The serial number, in hex. Default: the authority's own certificate.", HelpName = "SERIAL", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _dir = CaDirectory.Option();

    public CaShowVerb() : base("show", "Shows one certificate, or the authority itself.",
        new Example("ca show", "The authority: name, fingerprint, dates."),
        new Example("ca show 4F2A…", "One certificate by serial number."))
    {
        Arguments.Add(_serial);
        Options.Add(_dir);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation)
    {
        using var authority = OpenAuthority.Of(context, CaDirectory.Of(context, _dir));
        if (context.Get(_serial) is { } serial)
            IssuedLines.Print(context, authority.Find(Names.Serial(serial))
                ?? throw new CommandException(ExitCode.NotFound, "no-certificate", $"no certificate {serial} was issued here.", "ca list shows all of them"), whole: true);
        else
            IssuedLines.PrintAuthority(context, authority);
        return Task.FromResult(ExitCode.Done);
    }
}
