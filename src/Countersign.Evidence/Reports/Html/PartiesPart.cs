namespace Countersign.Evidence;

/// <summary>Every device that is or was a member, with its certificate.</summary>
internal sealed class PartiesPart(Page page, BundleVerdict verdict)
{
    public void Write()
    {
        page.Line($"<section id=\"parties\" aria-labelledby=\"h-parties\">");
        page.Line($"<h2 id=\"h-parties\">Parties</h2>");
        page.Line($"<p class=\"lead\">A device is known by the SHA-256 fingerprint of its certificate. To know that a name is the person you mean, compare the fingerprint with the one that person shows you.</p>");
        if (verdict.Summary.Parties.Count == 0)
            page.Line($"<p>Nobody is proved to be a party.</p>");
        page.Line($"<div class=\"parties\">");
        foreach (var party in verdict.Summary.Parties)
            Write(party);
        page.Line($"</div>");
        page.Line($"</section>");
    }

    private void Write(RecordParty party)
    {
        page.Line($"<article class=\"party\">");
        page.Line($"<h3>{party.User.ToString()}</h3>");
        page.Line($"<p class=\"standing\">{Standing(party)}</p>");
        page.Line($"<dl>");
        page.Line($"<div><dt>Certificate, SHA-256</dt><dd>{Phrase.Hash(party.Device.Value)}</dd></div>");
        if (party.Certificate is { } certificate)
        {
            page.Line($"<div><dt>Issued by</dt><dd><bdi>{string.Join(", ", certificate.Issuer.CommonNames)}</bdi></dd></div>");
            page.Line($"<div><dt>Valid</dt><dd>{Phrase.Moment(certificate.NotBefore)} to {Phrase.Moment(certificate.NotAfter)}</dd></div>");
        }
        else
            page.Line($"<div><dt>Certificate</dt><dd>is not in the bundle</dd></div>");
        page.Line($"</dl>");
        page.Line($"</article>");
    }

    private static string Standing(RecordParty party) =>
        $"{(party.Joined ? "Joined" : "Never joined")}, {(party.IsMember ? "a member to the end" : "no longer a member at the end")}; wrote {Phrase.Count(party.Entries, "entry", "entries")}";
}
