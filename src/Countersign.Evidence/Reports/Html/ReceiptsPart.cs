namespace Countersign.Evidence;

/// <summary>Who acknowledged what: a row a device, a column a stretch of the transcript.</summary>
internal sealed class ReceiptsPart(Page page, BundleVerdict verdict)
{
    private const int MostColumns = 8;

    public void Write()
    {
        page.Line($"<section id=\"receipts\" aria-labelledby=\"h-receipts\">");
        page.Line($"<h2 id=\"h-receipts\">Receipts</h2>");
        page.Line($"<p class=\"lead\">A receipt is a member’s signature over the whole transcript up to a size. It is cumulative: who signed for entry 9 signed for entries 0 to 9. A final receipt is given on leaving, or when the conversation is closed.</p>");
        var stretches = Stretches();
        if (stretches.Count > 0)
            WriteTable(stretches);
        page.Line($"</section>");
    }

    private void WriteTable(List<(ulong First, ulong Last)> stretches)
    {
        page.Line($"<div class=\"scroll\" role=\"region\" aria-label=\"Receipts, a row a party\" tabindex=\"0\"><table class=\"matrix\"><caption class=\"sr\">Who acknowledged which entries</caption>");
        page.Line($"<thead><tr><th scope=\"col\">Party</th>{Markup.Join(stretches.Select(static s => Markup.Of($"<th scope=\"col\" class=\"cell\">{Stretch(s)}</th>")))}<th scope=\"col\">Newest receipt</th></tr></thead><tbody>");
        foreach (var party in verdict.Summary.Parties)
            page.Line($"<tr><th scope=\"row\">{party.User.ToString()} <span class=\"aside\">{Phrase.Short(party.Device.Value)}</span></th>{Markup.Join(stretches.Select(s => Cell(party, s)))}<td>{Receipt(party)}</td></tr>");
        var signed = verdict.Summary.Heads is [.., var head] ? head : null;
        page.Line($"<tr><th scope=\"row\">Server <span class=\"aside\">{verdict.Summary.Server?.ToString() ?? "none is proved"}</span></th>{Markup.Join(stretches.Select(s => Covered(s, signed?.Size ?? 0, "signed")))}<td>{Head(signed)}</td></tr>");
        page.Line($"</tbody></table></div>");
    }

    private static Markup Head(RecordHead? head) => head is null
        ? Markup.Of($"No head of the server’s is proved")
        : Markup.Of($"Head over {head.Size}, {Phrase.Moment(head.ServerTime)}");

    private Markup Receipt(RecordParty party) => party.Receipt switch
    {
        null => Markup.Of($"{(party.Joined ? "No receipt" : "Never joined, owes none")}"),
        { } r => Markup.Of($"{(r.Kind == ReceiptKind.Final ? "Final" : "Delivered")}, over {r.Head.Size} of {verdict.Size}, {Phrase.Moment(r.Time)}"),
    };

    // Cut where a receipt or the transcript ends; where that would be too many, the first ones are put together.
    private List<(ulong First, ulong Last)> Stretches()
    {
        var ends = verdict.Summary.Parties.Select(static p => p.Receipt?.Head.Size ?? 0).Append(verdict.Size)
            .Where(size => size > 0 && size <= verdict.Size).Distinct().Order().TakeLast(MostColumns).ToList();
        return [.. ends.Select((end, i) => (i == 0 ? 0 : ends[i - 1], end - 1))];
    }

    private static string Stretch((ulong First, ulong Last) stretch) =>
        stretch.First == stretch.Last ? $"{stretch.First}" : $"{stretch.First}–{stretch.Last}";

    private static Markup Cell(RecordParty party, (ulong First, ulong Last) stretch)
    {
        var size = party.Receipt?.Head.Size ?? 0;
        if (size <= stretch.First && !party.Periods.Any(p => p.AddedAt <= stretch.Last && (p.RemovedAt is not { } removed || removed >= stretch.First)))
            return Markup.Of($"<td class=\"cell away\">not a member</td>");
        return Covered(stretch, size, party.Receipt?.Kind == ReceiptKind.Final ? "final" : "signed");
    }

    private static Markup Covered((ulong First, ulong Last) stretch, ulong size, string word) =>
        size > stretch.Last ? Markup.Of($"<td class=\"cell yes\"><span aria-hidden=\"true\">✓</span> {word}</td>")
        : size > stretch.First ? Markup.Of($"<td class=\"cell yes\"><span aria-hidden=\"true\">◐</span> to {size - 1}</td>")
        : Markup.Of($"<td class=\"cell no\"><span aria-hidden=\"true\">—</span> none</td>");
}
