using System.CommandLine;

namespace Countersign.Cli;

/// <summary>Lists what the authority has issued.</summary>
internal sealed class CaListVerb : Verb
{
    private readonly Option<string?> _dir = CaDirectory.Option();

    public CaListVerb() : base("list", "Lists what the authority has issued.",
        new Example("ca list --json", "One certificate a line."))
    {
        Options.Add(_dir);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation)
    {
        using var authority = OpenAuthority.Of(context, CaDirectory.Of(context, _dir));
        foreach (var issued in authority.List())
            IssuedLines.Print(context, issued);
        return Task.FromResult(ExitCode.Done);
    }
}
