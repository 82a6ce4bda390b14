using System.Globalization;

namespace Countersign.Evidence;

/// <summary>The verdict for people: who, when, how many; what is proved, and under which assumptions; what is not. Remote text
/// passes <see cref="Visible"/>; there is no escape byte.</summary>
/// <param name="mostEntries">Entries that are listed, from the first on: as many as a person may want to see. The rest is counted.</param>
public sealed class TextReport(int mostEntries = 2000)
{
    private readonly List<EntryLine> _entries = [];
    private ulong _unlisted;
    private DateTimeOffset? _first;
    private DateTimeOffset? _last;

    /// <summary>For <see cref="BundleVerifier"/>: each entry, in order.</summary>
    public void Add(RecordEntry entry)
    {
        var time = entry.Entry.Time;
        _first = _first < time ? _first : time;
        _last = _last > time ? _last : time;
        if (_entries.Count < mostEntries)
            _entries.Add(EntryLine.Of(entry));
        else
            _unlisted++;
    }

    /// <param name="output">Gets the report.</param>
    /// <param name="verdict">On the bundle whose entries were added.</param>
    public void Write(TextWriter output, BundleVerdict verdict)
    {
        Line(output, JsonReport.Word(verdict.Verdict));
        Line(output, "");
        WriteWho(output, verdict);
        WriteWhen(output, verdict);
        WriteHowMany(output, verdict);
        Line(output, "");
        WriteProved(output, verdict);
        WriteNotProved(output, verdict);
        WriteEntries(output, verdict);
    }

    private static void WriteWho(TextWriter output, BundleVerdict verdict)
    {
        var summary = verdict.Summary;
        if (verdict.Manifest is { } manifest)
            Line(output, $"conversation  {(summary.Name.Length == 0 ? "(without a name)" : Visible.Line(summary.Name))}  {manifest.Conversation}");
        Line(output, $"root          {summary.Root?.ToString() ?? "none"}{(summary.RootWasNamed ? "  (named by you)" : "  (not named by you)")}");
        if (summary.OtherRoot is { } other)
            Line(output, $"{"",-14}{other}  (the bundle's own)");
        Line(output, $"server        {summary.Server?.ToString() ?? "none that is proved"}");
        var first = true;
        foreach (var party in summary.Parties)
        {
            Line(output, $"{(first ? "who" : ""),-14}{party.User}  device {party.Device}");
            Line(output, $"{"",-14}  {(party.Joined ? "joined" : "never joined")}{(party.IsMember ? "" : ", no longer a member")}, {Count(party.Entries, "entry", "entries")}, {Receipt(party, verdict)}");
            first = false;
        }
    }

    private static string Receipt(RecordParty party, BundleVerdict verdict) => party.Receipt switch
    {
        null => "no receipt",
        { Kind: ReceiptKind.Final } r => $"final receipt over {r.Head.Size} of {verdict.Size}",
        { } r => $"acknowledged {r.Head.Size} of {verdict.Size}",
    };

    private void WriteWhen(TextWriter output, BundleVerdict verdict)
    {
        if (_first is { } first && _last is { } last)
            Line(output, $"when          {Utc(first)} to {Utc(last)}, by the authors' clocks");
        foreach (var head in verdict.Summary.Heads.Where(static h => h.ProvedTime is not null))
            Line(output, $"{"",-14}entries 0 to {head.Size - 1} existed at {Utc(head.ProvedTime!.Value)}, by a time stamp");
        if (verdict.Summary.Heads is [.., var newest])
            Line(output, $"{"",-14}all {newest.Size} were accepted by {Utc(newest.ServerTime)}, by the server's clock");
    }

    private static void WriteHowMany(TextWriter output, BundleVerdict verdict)
    {
        var summary = verdict.Summary;
        var erased = (ulong)summary.Erased.Count;
        Line(output, $"how many      {Count(verdict.Size, "entry", "entries")}{(summary.Withheld > 0 ? $", of which {summary.Withheld} withheld in bulk" : "")}; "
            + $"{Count(summary.Messages, "message", "messages")} shown in place: {summary.Disclosed} disclosed, {erased} erased");
    }

    private static void WriteProved(TextWriter output, BundleVerdict verdict)
    {
        Line(output, "What is proved");
        Paragraph(output, ProofText.Proved(verdict));
        Line(output, "Under the assumptions");
        Paragraph(output, ProofText.Assumptions);
        foreach (var line in RevocationText.Of(verdict.Summary))
            Paragraph(output, line);
        if (verdict.Summary.Revocations.Count > 0)
            Paragraph(output, RevocationText.Advice);
        foreach (var line in TimeStampText.Of(verdict.Summary.TimeStamps))
            Line(output, "  " + line);
    }

    private static void WriteNotProved(TextWriter output, BundleVerdict verdict)
    {
        Line(output, "What is not proved");
        foreach (var finding in verdict.Findings)
        {
            Line(output, $"  {finding.Reason.Code()}  {Place(finding)}{ReasonText.Of(finding.Reason)}");
            if (finding.Device is { } device)
                Line(output, $"      {(verdict.Summary.Parties.FirstOrDefault(p => p.Device == device)?.User.ToString() is { } user ? user + "  " : "")}device {device}");
        }
        foreach (var misconduct in verdict.Summary.Misconduct)
            Line(output, "      proved: " + MisconductText.Of(misconduct));
        foreach (var sentence in ProofText.NotProved(verdict))
            Paragraph(output, sentence);
        Line(output, "");
    }

    private static string Place(Finding finding) => (finding.Position, finding.Through, finding.Member) switch
    {
        ({ } from, { } to, _) when from == to => $"entry {from}: ",
        ({ } from, { } to, _) => $"entries {from} to {to}: ",
        ({ } from, null, _) => $"entry {from}: ",
        (_, _, { } member) => member.FileName() + ": ",
        _ => "",
    };

    private void WriteEntries(TextWriter output, BundleVerdict verdict)
    {
        foreach (var entry in _entries)
        {
            var reasons = verdict.Of(entry.Position) ?? default;
            var mark = reasons.Bits == 0 ? "" : "  " + string.Join(' ', reasons.List().Select(static r => r.Code()));
            Line(output, $"{entry.Position,6}  {Utc(entry.Time)}  {entry.User ?? "?"}  {What(verdict, entry)}{mark}");
        }
        if (_unlisted > 0)
            Line(output, $"… and {Count(_unlisted, "entry", "entries")} more: --json or --html shows all");
    }

    private static string What(BundleVerdict verdict, EntryLine entry) => entry.Type != EntryType.Message
        ? entry.Type.ToString().ToLowerInvariant()
        : entry.Text is { } text ? "says: " + string.Join(" / ", Visible.Lines(text))
        : verdict.Summary.Erased.TryGetValue(entry.Position, out var erasure) ? $"message, erased by its author in entry {erasure.Position} at {Utc(erasure.Time)}"
        : $"message, withheld (up to {entry.SizeClass} bytes)";

    private static void Paragraph(TextWriter output, string text)
    {
        const int width = 96;
        var line = " ";
        foreach (var word in text.Split(' '))
        {
            if (line.Length + 1 + word.Length > width)
            {
                Line(output, line);
                line = " ";
            }
            line += " " + word;
        }
        Line(output, line);
    }

    private static string Count(ulong number, string one, string many) => $"{number} {(number == 1 ? one : many)}";

    private static string Utc(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static void Line(TextWriter output, string line) => output.Write(line + "\n");
}
