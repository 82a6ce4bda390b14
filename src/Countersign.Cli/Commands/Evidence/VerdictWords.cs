using System.Globalization;
using Countersign.Evidence;

namespace Countersign.Cli;

/// <summary>A verdict in words: the verdict first, then one line each for root, completeness, order, signatures, certificates,
/// receipts and time, then the findings.</summary>
internal static class VerdictWords
{
    private const int MostFindings = 40;

    private static readonly (string Name, string Good, Reason[] Reasons)[] Aspects =
    [
        ("root", "you named it, and every certificate leads to it", [Reason.OtherRoot, Reason.NoRoot]),
        ("completeness", "nothing is damaged, missing or cut off", [Reason.MalformedBundle, Reason.Damaged, Reason.Dropped, Reason.Truncated, Reason.NoSignedHead, Reason.EntriesWithheld, Reason.NotJudged]),
        ("order", "every entry is in its place, once, and follows the rules", [Reason.Reordered, Reason.Replayed, Reason.Transplanted, Reason.Forked, Reason.RuleBroken, Reason.MembershipNotShown]),
        ("signatures", "every entry and head is signed by whom it names, and disclosed texts are what was signed",
            [Reason.Edited, Reason.WrongKey, Reason.WrongPerson, Reason.NotMember, Reason.KeyCommitment, Reason.HeadRefused, Reason.MisconductProved, Reason.Unreadable]),
        ("certificates", "valid and unrevoked when they were used",
            [Reason.CertificateRefused, Reason.CertificateNotValidThen, Reason.RevokedBefore, Reason.NoCertificate, Reason.NoRevocationData, Reason.SuspectSince]),
        ("receipts", "every member signed for what they received, to the end", [Reason.ReceiptRefused, Reason.NoFinalReceipt]),
        ("time", "proved by a time-stamp authority", [Reason.Postdated, Reason.Backdated, Reason.StampRefused, Reason.NoTrustedTime, Reason.TimeUncertain, Reason.ClockContradicted]),
    ];

    public static string Of(Verdict verdict) => verdict.ToString().ToUpperInvariant();

    public static IEnumerable<string> Report(BundleVerdict verdict, Style style)
    {
        yield return Coloured(verdict.Verdict, style, Glyph(verdict.Verdict) + " " + Of(verdict.Verdict)) + "  " + Sentence(verdict);
        foreach (var (name, good, reasons) in Aspects)
        {
            var found = reasons.Where(verdict.Reasons.Contains).ToList();
            var worst = found.Count == 0 ? Verdict.Passed : found.Max(r => r.Verdict());
            var words = found.Select(r => Line(verdict, r));
            yield return worst == Verdict.Passed && Limit(verdict) is { } limit ? $"  · {name,-12}  {string.Join("; ", words.Prepend(limit))}"
                : $"  {Coloured(worst, style, Glyph(worst))} {name,-12}  {string.Join("; ", worst == Verdict.Passed ? words.Prepend(good) : words)}";
        }
        if (verdict.Verdict == Verdict.Passed)
            foreach (var line in TimeStampText.Of(verdict.Summary.TimeStamps))
                yield return "    " + line;
        foreach (var finding in verdict.Findings.Take(MostFindings))
            yield return "    " + Finding(finding);
        if (verdict.Findings.Count > MostFindings)
            yield return string.Create(CultureInfo.InvariantCulture, $"    … and {verdict.Findings.Count - MostFindings} findings more; --json lists them");
        foreach (var misconduct in verdict.Summary.Misconduct)
            yield return "    proved: " + MisconductText.Of(misconduct);
        if (verdict.Summary.OtherRoot is { } other)
            yield return $"  The bundle was made under root {Fingerprints.Whole(other)}. If that is the one you were told, name it; if not, do not believe this file.";
        if (verdict.Summary.Root is { } root)
            yield return $"  root {Fingerprints.Whole(root)}" + (verdict.Summary.RootWasNamed ? "" : "  (the bundle's own word: compare it, and name it with --root)");
    }

    // A tick is a proof: there is none where the judging ended early, or where nobody vouches for the root.
    private static string? Limit(BundleVerdict verdict) =>
        verdict.Manifest is null ? "not judged"
        : verdict.Verdict is Verdict.Failed ? "no fault found in what could be judged"
        : !verdict.Summary.RootWasNamed ? "no fault found, under the bundle's own root, for which nobody vouches"
        : null;

    private static string Sentence(BundleVerdict verdict)
    {
        var summary = verdict.Summary;
        if (verdict.Manifest is null)
            return "this is no bundle that could be read";
        if (summary.OtherRoot is not null)
            return "nothing in this bundle leads to the root you named";
        var people = summary.Parties.Count == 0 ? "nobody is proved to be a party" : string.Join(", ", summary.Parties.Select(p => p.User.ToString()).Distinct());
        var name = summary.Name.Length > 0 ? $"“{Visible.Line(summary.Name)}”, " : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"{name}{people}: {verdict.Size} entries, {summary.Messages} messages ({summary.Disclosed} disclosed{(summary.Erased.Count > 0 ? $", {summary.Erased.Count} erased" : "")}){(summary.Closed ? ", closed" : "")}");
    }

    private static string Line(BundleVerdict verdict, Reason reason)
    {
        var first = verdict.Findings.FirstOrDefault(f => f.Reason == reason && f.Position is not null);
        return reason.Code() + (first is null ? "" : " at " + Place(first));
    }

    private static string Finding(Finding finding) => string.Join("  ", new[]
    {
        finding.Reason.Code(), finding.Position is null ? null : Place(finding), finding.Device is { } device ? "device " + Fingerprints.Short(device.Value) : null,
        finding.Member?.FileName(), finding.Rule is { } rule ? "(" + rule + ")" : null,
    }.OfType<string>());

    private static string Place(Finding finding) => finding.Through is { } through && through != finding.Position
        ? string.Create(CultureInfo.InvariantCulture, $"entries {finding.Position} to {through}")
        : string.Create(CultureInfo.InvariantCulture, $"entry {finding.Position}");

    private static string Glyph(Verdict verdict) => verdict switch { Verdict.Passed => "✓", Verdict.Failed => "✗", _ => "?" };

    private static string Coloured(Verdict verdict, Style style, string text) => verdict switch
    {
        Verdict.Passed => style.Good(text),
        Verdict.Failed => style.Bad(text),
        _ => style.Look(text),
    };
}
