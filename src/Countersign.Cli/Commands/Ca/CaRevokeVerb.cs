using System.CommandLine;
using System.Globalization;
using Countersign.Cryptography;

namespace Countersign.Cli;

/// <summary>Revokes a certificate and writes the revocation list that says so.</summary>
internal sealed class CaRevokeVerb : Verb
{
    private readonly Argument<string> _serial = new("serial") { Description = "The serial number, in hex.", HelpName = "SERIAL" };
    private readonly Option<string?> _dir = CaDirectory.Option();
    private readonly Option<string?> _reason = new("--reason") { Description = "A reason of RFC 5280: unspecified, keyCompromise, affiliationChanged, superseded, cessationOfOperation.", HelpName = "REASON" };
    private readonly Option<string?> _since = new("--since") { Description = "Since when the key is suspect, with its offset from UTC. Default: now.", HelpName = "TIME" };

    public CaRevokeVerb() : base("revoke", "Revokes a certificate and writes the revocation list that says so.",
        new Example("ca revoke 4F2A… --reason keyCompromise --since 2026-11-01T00:00Z", "Signatures after that moment are suspect."))
    {
        Arguments.Add(_serial);
        Options.Add(_dir);
        Options.Add(_reason);
        Options.Add(_since);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation)
    {
        var directory = CaDirectory.Of(context, _dir);
        var serial = Names.Serial(context.Get(_serial)!);
        var reason = Reason(context.Get(_reason));
        var since = Since(context.Get(_since));
        using var authority = OpenAuthority.Of(context, directory);
        var list = AuthorityFailures.Translate(context, directory, () => authority.Revoke(serial, reason, since));
        context.Screen.Wrote("revocation list", Path.Combine(directory, "ca.crl"));
        IssuedLines.Print(context, authority.Find(serial)!);
        context.Screen.Talk($"The revocation list number {list.Number} says so. A server takes it at its next start, or from its own authority at once.");
        return Task.FromResult(ExitCode.Done);
    }

    private static RevocationReason Reason(string? text)
    {
        if (text is null)
            return RevocationReason.Unspecified;
        // The names of RFC 5280; what belongs to attribute certificates, holds and CAs above is not ours to give.
        foreach (var reason in Reasons)
            if (reason.ToString().Equals(text, StringComparison.OrdinalIgnoreCase))
                return reason;
        throw CommandException.Usage($"'{text}' is no reason for a revocation.", "one of " + string.Join(", ", Reasons).ToLowerInvariant());
    }

    private static DateTimeOffset? Since(string? text)
    {
        if (text is null)
            return null;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw CommandException.Usage("--since takes a time.", "as in 2026-11-01T14:30:00Z");
    }

    private static readonly RevocationReason[] Reasons =
    [
        RevocationReason.Unspecified, RevocationReason.KeyCompromise, RevocationReason.CACompromise, RevocationReason.AffiliationChanged,
        RevocationReason.Superseded, RevocationReason.CessationOfOperation, RevocationReason.PrivilegeWithdrawn,
    ];
}
