namespace Countersign.Evidence;

/// <summary>The brackets of trusted time: a drawing, and the same as a table.</summary>
internal sealed class TimePart(Page page, BundleVerdict verdict)
{
    private const int RowHeight = 44;
    private const int AxisHeight = 34;
    private const int Most = 24;

    public void Write(DateTimeOffset? first, DateTimeOffset? last)
    {
        page.Line($"<section id=\"time\" aria-labelledby=\"h-time\">");
        page.Line($"<h2 id=\"h-time\">Time</h2>");
        page.Line($"<p class=\"lead\">An author’s own clock is a claim. A head that the server signed says that what lies above it came later, and what lies below was there, by the server’s clock. A time stamp proves that what lies below was there, by the authority’s clock, whatever the server says.</p>");
        var stretches = Few(verdict.Summary.Times);
        // An entry that no head covers, and that says no time either, is a stretch without any time.
        if (stretches.Any(static s => s.NotBefore is not null || s.NotAfter is not null))
        {
            WriteDrawing(stretches, first, last);
            WriteTable(stretches);
        }
        else
            page.Line($"<p>No signed head and no time stamp covers anything.</p>");
        page.Line($"</section>");
    }

    // Of very many, neighbours are put together: what is said of both is true of each.
    private static IReadOnlyList<RecordStretch> Few(IReadOnlyList<RecordStretch> all)
    {
        var each = (all.Count + Most - 1) / Most;
        return each <= 1 ? all : [.. all.Chunk(each).Select(static few => new RecordStretch(few[0].First, few[^1].Last, few[0].NotBefore,
            few.Any(static s => s.NotAfter is null) ? null : few.Max(static s => s.NotAfter), few.All(static s => s.IsProved)))];
    }

    private void WriteDrawing(IReadOnlyList<RecordStretch> stretches, DateTimeOffset? first, DateTimeOffset? last)
    {
        var times = stretches.SelectMany(static s => new[] { s.NotBefore, s.NotAfter }).Append(first).Append(last).OfType<DateTimeOffset>().ToList();
        var (start, end) = (times.Min(), times.Max());
        var span = Math.Max(1, (end - start).TotalMilliseconds);
        double At(DateTimeOffset time) => Math.Round((time - start).TotalMilliseconds / span * 100, 2);
        var height = stretches.Count * RowHeight;
        page.Line($"<figure>");
        page.Line($"<svg class=\"line\" role=\"img\" aria-labelledby=\"t-line\" width=\"100%\" height=\"{height + AxisHeight}\">");
        page.Line($"<title id=\"t-line\">Time line of the entries; the table below says the same</title>");
        for (var quarter = 0; quarter <= 4; quarter++)
            page.Line($"<line class=\"grid\" x1=\"{quarter * 25}%\" x2=\"{quarter * 25}%\" y1=\"0\" y2=\"{height}\"/>");
        for (var i = 0; i < stretches.Count; i++)
            WriteRow(stretches[i], i * RowHeight, stretches[i].NotBefore is { } from ? At(from) : 0, stretches[i].NotAfter is { } to ? At(to) : 100);
        page.Line($"<line class=\"axis\" x1=\"0\" x2=\"100%\" y1=\"{height}\" y2=\"{height}\"/>");
        page.Line($"<text x=\"0\" y=\"{height + 18}\">{Phrase.Date(start)}</text><text x=\"0\" y=\"{height + 32}\">{Phrase.Clock(start)}</text>");
        page.Line($"<text x=\"100%\" y=\"{height + 18}\" text-anchor=\"end\">{Phrase.Date(end)}</text><text x=\"100%\" y=\"{height + 32}\" text-anchor=\"end\">{Phrase.Clock(end)}</text>");
        page.Line($"</svg>");
        page.Line($"<figcaption><span class=\"key\"><span aria-hidden=\"true\">◆</span> time stamp</span> <span class=\"key\"><span aria-hidden=\"true\">◇</span> server’s clock</span> <span class=\"key\"><span aria-hidden=\"true\">┆</span> no bound on this side</span></figcaption>");
        page.Line($"</figure>");
    }

    private void WriteRow(RecordStretch stretch, int top, double from, double to)
    {
        var kind = stretch.NotAfter is null ? "open" : stretch.IsProved ? "proved" : "claimed";
        // One that ends before it begins is a contradiction that the findings name: drawn as a point.
        var width = Math.Max(0, to - from);
        page.Line($"<text class=\"label\" x=\"0\" y=\"{top + 16}\">{Phrase.Capital(Phrase.Entries(stretch.First, stretch.Last))}</text>");
        page.Line($"<text class=\"until\" x=\"100%\" y=\"{top + 16}\" text-anchor=\"end\">{(stretch.NotAfter is { } time ? (stretch.IsProved ? "stamped " : "accepted ") + Phrase.Clock(time) : "no head")}</text>");
        page.Line($"<rect class=\"{kind}\" x=\"{from}%\" y=\"{top + 25}\" width=\"{width}%\" height=\"8\"/>");
        page.Line($"<line class=\"{(stretch.NotBefore is null ? "unbound" : "bound")}\" x1=\"{from}%\" x2=\"{from}%\" y1=\"{top + 21}\" y2=\"{top + 37}\"/>");
        if (stretch.NotAfter is null)
            page.Line($"<line class=\"unbound\" x1=\"{to}%\" x2=\"{to}%\" y1=\"{top + 21}\" y2=\"{top + 37}\"/>");
        else
            page.Line($"<svg x=\"{to}%\" y=\"{top + 29}\" overflow=\"visible\"><path class=\"{kind}\" d=\"M0 -7 L7 0 L0 7 L-7 0 Z\"/></svg>");
    }

    private void WriteTable(IReadOnlyList<RecordStretch> stretches)
    {
        page.Line($"<div class=\"scroll\" role=\"region\" aria-label=\"Times\" tabindex=\"0\"><table><caption class=\"sr\">Between when and when the entries were made</caption>");
        page.Line($"<thead><tr><th scope=\"col\">Entries</th><th scope=\"col\">Not before</th><th scope=\"col\">Not after</th><th scope=\"col\">Which says</th></tr></thead><tbody>");
        foreach (var stretch in stretches)
            page.Line($"<tr><th scope=\"row\">{(stretch.First == stretch.Last ? $"{stretch.First}" : $"{stretch.First}–{stretch.Last}")}</th><td>{Bound(stretch.NotBefore)}</td><td>{Bound(stretch.NotAfter)}</td><td>{Source(stretch)}</td></tr>");
        page.Line($"</tbody></table></div>");
    }

    private static Markup Bound(DateTimeOffset? time) => time is { } known ? Phrase.Moment(known) : Markup.Of($"not bounded");

    private static string Source(RecordStretch stretch) =>
        stretch.IsProved ? "a time stamp" : stretch.NotAfter is null ? "nobody but the authors" : "the server alone";
}
