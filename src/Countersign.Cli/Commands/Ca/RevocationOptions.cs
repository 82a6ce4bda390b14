using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;
using Countersign.Cryptography;

namespace Countersign.Cli;

/// <summary>Why a certificate is revoked, and since when its key is suspect: the same words wherever one is.</summary>
internal sealed partial class RevocationOptions
{
    private readonly Option<string?> _reason = new("--reason") { Description = "A reason of RFC 5280: unspecified, keyCompromise, affiliationChanged, superseded, cessationOfOperation.", HelpName = "REASON" };
    private readonly Option<string?> _since = new("--since") { Description = "Since when the key is suspect: date, time and offset from UTC, as 2026-11-01T14:30Z or 2026-11-01T15:30+01:00. Default: since it is revoked.", HelpName = "TIME" };

    public void AddTo(IList<Option> options)
    {
        options.Add(_reason);
        options.Add(_since);
    }

    /// <exception cref="CommandException">One of them is not understood.</exception>
    public RevocationGrounds Of(CommandContext context) => new(Reason(context.Get(_reason)), Since(context.Get(_since)));

    /// <summary>For people, with RFC 5280's name of the reason.</summary>
    public static string Words(RevocationGrounds grounds) =>
        Name(grounds.Reason) + (grounds.SuspectSince is { } since ? $", suspect since {Times.Utc(since)}" : "");

    private static string Name(RevocationReason reason)
    {
        var name = reason.ToString();
        return char.ToLowerInvariant(name[0]) + name[1..];
    }

    private static RevocationReason Reason(string? text)
    {
        if (text is null)
            return RevocationReason.Unspecified;
        // The names of RFC 5280; what belongs to attribute certificates, holds and CAs above is not ours to give.
        foreach (var reason in Reasons)
            if (reason.ToString().Equals(text, StringComparison.OrdinalIgnoreCase))
                return reason;
        throw CommandException.Usage($"'{text}' is no reason for a revocation.", "one of " + string.Join(", ", Reasons.Select(Name)));
    }

    private static DateTimeOffset? Since(string? text)
    {
        if (text is null)
            return null;
        return IsoTime().IsMatch(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? time
            : throw CommandException.Usage($"'{text}' does not say which moment is meant: --since takes date, time and offset from UTC.",
                "as in 2026-11-01T14:30Z, or 2026-11-01T15:30:00+01:00");
    }

    // ISO 8601 in its one form that is read alike everywhere. A time once said cannot be taken back: nothing is guessed.
    [GeneratedRegex(@"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})\z", RegexOptions.CultureInvariant)]
    private static partial Regex IsoTime();

    private static readonly RevocationReason[] Reasons =
    [
        RevocationReason.Unspecified, RevocationReason.KeyCompromise, RevocationReason.CACompromise, RevocationReason.AffiliationChanged,
        RevocationReason.Superseded, RevocationReason.CessationOfOperation, RevocationReason.PrivilegeWithdrawn,
    ];
}
