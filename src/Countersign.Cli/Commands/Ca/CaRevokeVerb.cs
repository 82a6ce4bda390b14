using System.CommandLine;
using Countersign.Cryptography;

namespace Countersign.Cli;

/// <summary>Revokes a certificate and writes the revocation list that says so.</summary>
internal sealed class CaRevokeVerb : Verb
{
    private readonly Argument<string> _serial = new("serial") { Description = "The serial number, in hex.", HelpName = "SERIAL" };
    private readonly Option<string?> _dir = CaDirectory.Option();
    private readonly RevocationOptions _why = new();

    public CaRevokeVerb() : base("revoke", "Revokes a certificate and writes the revocation list that says so.",
        new Example("ca revoke 4F2A… --reason keyCompromise --since 2026-11-01T00:00Z", "Signatures after that moment are suspect."))
    {
        Arguments.Add(_serial);
        Options.Add(_dir);
        _why.AddTo(Options);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation)
    {
        var directory = CaDirectory.Of(context, _dir);
        var serial = Names.Serial(context.Get(_serial)!);
        var (reason, since) = _why.Of(context);
        using var authority = OpenAuthority.Of(context, directory);
        var list = AuthorityFailures.Translate(context, directory, () => authority.Revoke(serial, reason, since));
        context.Screen.Wrote("revocation list", Path.Combine(directory, "ca.crl"));
        IssuedLines.Print(context, authority.Find(serial)!);
        context.Screen.Talk($"The revocation list number {list.Number} says so. A server takes it at its next start, or from its own authority at once.");
        return Task.FromResult(ExitCode.Done);
    }
}
