using System.Security.Cryptography;
using System.Text;
using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>The verdict as one HTML file for people: findings first, then parties, conversation, receipts, revocations, times. No script, nothing
/// from elsewhere; its policy forbids both. The same bundle, root and lists give the same bytes.</summary>
/// <remarks>Memory does not grow with the entries: they go through the scratch stream to the output, once.</remarks>
public sealed class HtmlReport
{
    private readonly EntrySpool _entries;
    private readonly EntryNotes _notes = new();
    private DateTimeOffset? _first;
    private DateTimeOffset? _last;

    /// <param name="scratch">Seekable and empty; gets the entries, disclosed texts included; stays the caller's.</param>
    public HtmlReport(Stream scratch) => _entries = new EntrySpool(scratch);

    /// <summary>For <see cref="BundleVerifier"/>: each entry, in order.</summary>
    public void Add(RecordEntry entry)
    {
        var line = EntryLine.Of(entry);
        _entries.Add(new LoggedEntry(line, _notes.Of(entry.Entry.Author, entry.Entry.Body)));
        _first = _first < line.Time ? _first : line.Time;
        _last = _last > line.Time ? _last : line.Time;
    }

    /// <summary>Once, when the verdict is there.</summary>
    /// <param name="verdict">On the bundle whose entries were added.</param>
    /// <param name="bundle">SHA-256 of the bundle's file.</param>
    /// <param name="output">Gets the page in UTF-8; stays the caller's.</param>
    public void Write(BundleVerdict verdict, Hash32 bundle, Stream output)
    {
        using var writer = new StreamWriter(output, new UTF8Encoding(false), 1 << 16, leaveOpen: true);
        var page = new Page(writer);
        WriteHead(page, verdict);
        page.Line($"<body>");
        new FindingsPart(page, verdict, bundle).Write(_first, _last);
        if (verdict.Manifest is not null)
        {
            new PartiesPart(page, verdict).Write();
            new ConversationPart(page, verdict).Write(_entries.Read());
            new ReceiptsPart(page, verdict).Write();
            new RevocationsPart(page, verdict).Write();
            new TimePart(page, verdict).Write(_first, _last);
        }
        WriteEnd(page, verdict);
    }

    private static void WriteHead(Page page, BundleVerdict verdict)
    {
        page.Line($"<!DOCTYPE html>");
        page.Line($"<html lang=\"en\">");
        page.Line($"<head>");
        page.Line($"<meta charset=\"utf-8\">");
        page.Line($"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{ReportStyle.Digest}'; base-uri 'none'; form-action 'none'\">");
        page.Line($"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        page.Line($"<meta name=\"color-scheme\" content=\"light dark\">");
        page.Line($"<meta name=\"referrer\" content=\"no-referrer\">");
        page.Line($"<title>{JsonReport.Word(verdict.Verdict)} · {FindingsPart.Title(verdict)} · Countersign verification report</title>");
        page.Line($"<style>{ReportStyle.Sheet}</style>");
        page.Line($"</head>");
    }

    private static void WriteEnd(Page page, BundleVerdict verdict)
    {
        var lists = verdict.Summary.UnusedLists.Count > 0 || verdict.Summary.Revocations.Any(static known => known.IsBrought) ? " --crl LISTS.pem" : "";
        page.Line($"</main>");
        page.Line($"<footer>");
        page.Line($"<p>This page proves nothing by itself: anybody could have written it. Whoever has the bundle and the root{(lists.Length == 0 ? "" : " and the named lists")} gets the same page, byte for byte, by</p>");
        page.Line($"<p><code>countersign-audit BUNDLE.zip --root {verdict.Summary.Root?.ToString() ?? "ROOT.pem"}{lists} --html report.html</code></p>");
        page.Line($"<p>and checks single entries with OpenSSL and sha256sum alone, by the script that <code>--explain N</code> writes. All times are UTC. This page has no script and loads nothing.</p>");
        page.Line($"</footer>");
        page.Line($"</body>");
        page.Line($"</html>");
    }
}

/// <summary>The style sheet: part of the page, and the only one its policy lets in.</summary>
internal static class ReportStyle
{
    private static readonly string Text = Read();

    public static Markup Sheet { get; } = Markup.OwnSheet(Text);

    /// <summary>SHA-256 in Base64, for the policy (CSP level 3, section 6.7).</summary>
    public static Markup Digest { get; } = Markup.OwnSheet(Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Text))));

    private static string Read()
    {
        using var reader = new StreamReader(typeof(ReportStyle).Assembly.GetManifestResourceStream("report.css")!, Encoding.UTF8);
        return "\n" + reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
