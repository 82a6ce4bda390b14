using System.Globalization;
using Countersign.Evidence;

namespace Countersign.Cli;

/// <summary>A verdict in words: the verdict first, then one line each for root, completeness, order, signatures, certificates,
/// receipts and time, then the findings.</summary>
internal static class VerdictWords
{
    private const int MostFindings = 40;

    public static string Of(Verdict verdict) => verdict.ToString().ToUpperInvariant();

    public static IEnumerable<string> Report(BundleVerdict verdict, Style style)
    {
        yield return Coloured(verdict.Verdict, style, Glyph(verdict.Verdict) + " " + Of(verdict.Verdict)) + "  " + Sentence(verdict);
        foreach (var aspect in Aspect.All)
        {
            var found = aspect.Found(verdict);
            var worst = found.Count == 0 ? Verdict.Passed : found.Max(r => r.Verdict());
            var words = found.Select(r => Line(verdict, r));
            yield return worst == Verdict.Passed && Aspect.Limit(verdict) is { } limit ? $"  · {aspect.Name,-12}  {string.Join("; ", words.Prepend(limit))}"
                : $"  {Coloured(worst, style, Glyph(worst))} {aspect.Name,-12}  {string.Join("; ", worst == Verdict.Passed ? words.Prepend(aspect.Good) : words)}";
        }
        if (verdict.Verdict == Verdict.Passed)
            foreach (var line in TimeStampText.Of(verdict.Summary.TimeStamps))
                yield return "    " + line;
        foreach (var line in RevocationText.Of(verdict.Summary))
            yield return "    " + line;
        if (verdict.Summary.Revocations.Count > 0)
            yield return "    " + RevocationText.Advice;
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
            $"{name}{people}: {Counted.Entries(verdict.Size)}, {Counted.Messages(summary.Messages)} ({summary.Disclosed} disclosed{(summary.Erased.Count > 0 ? $", {summary.Erased.Count} erased" : "")}){(summary.Closed ? ", closed" : "")}");
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
