using System.Globalization;

namespace Countersign.Evidence;

/// <summary>Up to when each CA's revocations are known.</summary>
internal sealed class RevocationsPart(Page page, BundleVerdict verdict)
{
    public void Write()
    {
        page.Line($"<section id=\"revocations\" aria-labelledby=\"h-revocations\">");
        page.Line($"<h2 id=\"h-revocations\">Revocations</h2>");
        page.Line($"<p class=\"lead\">A key that was lost or stolen is revoked by a list of the authority that certified it, with a date since when it is suspect. This report knows revocations up to the times below. {RevocationText.Advice}</p>");
        if (verdict.Summary.Revocations.Count > 0)
            WriteTable();
        foreach (var unused in verdict.Summary.UnusedLists)
            page.Line($"<p>{RevocationText.Unused(unused)}</p>");
        page.Line($"</section>");
    }

    private void WriteTable()
    {
        page.Line($"<div class=\"scroll\" role=\"region\" aria-label=\"Revocation lists\" tabindex=\"0\"><table><caption class=\"sr\">Up to when revocations are known</caption>");
        page.Line($"<thead><tr><th scope=\"col\">Authority</th><th scope=\"col\">Known up to</th><th scope=\"col\">List</th><th scope=\"col\">From</th></tr></thead><tbody>");
        foreach (var known in verdict.Summary.Revocations)
            page.Line($"<tr><th scope=\"row\">{known.Authority.Subject.ToString()} <span class=\"aside\">{Phrase.Short(known.Authority.Fingerprint)}</span></th>{List(known)}</tr>");
        page.Line($"</tbody></table></div>");
    }

    private static Markup List(KnownRevocations known) => known.Newest is { } list
        ? Markup.Of($"<td>{(known.KnownTo is { } to ? Phrase.Moment(to) : Markup.Of($"not all known"))}</td><td>{list.Number.ToString(CultureInfo.InvariantCulture)}</td><td>{(known.IsBrought ? "whoever made this report" : "the bundle")}</td>")
        : Markup.Of($"<td>not known</td><td>none</td><td></td>");
}
