namespace Countersign.Evidence;

/// <summary>The conversation in its order: each entry with author, time, text or mark, and verdict.</summary>
internal sealed class ConversationPart(Page page, BundleVerdict verdict)
{
    /// <summary>Entries a list. Of a long conversation browsers lay out only those in sight.</summary>
    private const int Group = 200;

    private const int Long = 1000;

    private readonly string _list = verdict.Size > Long ? "log long" : "log";
    private readonly SortedSet<ulong> _named = [.. verdict.Findings.Select(static f => f.Position).OfType<ulong>()];
    private int _inGroup;
    private string _day = "";
    private (ulong First, ulong Last, ReasonSet Reasons)? _unread;

    public void Write(IEnumerable<LoggedEntry> entries)
    {
        page.Line($"<section id=\"conversation\" aria-labelledby=\"h-conversation\">");
        page.Line($"<h2 id=\"h-conversation\">Conversation</h2>");
        page.Line($"<dl class=\"legend\"><div><dt><span class=\"mark disclosed\">disclosed</span></dt><dd>The key is in the bundle; the text is what its author signed.</dd></div>");
        page.Line($"<div><dt><span class=\"mark withheld\">withheld</span></dt><dd>Signed, counted and in its place; closed to the reader.</dd></div>");
        page.Line($"<div><dt><span class=\"mark erased\">erased</span></dt><dd>Withdrawn by its author, who says so in a later entry.</dd></div></dl>");
        page.Line($"<ol class=\"{_list}\" role=\"list\">");
        WriteAll(entries);
        page.Line($"</ol>");
        page.Line($"</section>");
    }

    // What is shown but was not read further, and what was withheld in bulk, stands as one line in its place.
    private void WriteAll(IEnumerable<LoggedEntry> entries)
    {
        using var read = entries.GetEnumerator();
        var more = read.MoveNext();
        ulong next = 0;
        foreach (var position in verdict.Shown)
        {
            if (position > next)
                Withheld(next, position - 1);
            next = position + 1;
            if (more && read.Current.Line.Position == position)
            {
                EndUnread();
                Write(read.Current);
                more = read.MoveNext();
            }
            else
                Unread(position);
        }
        EndUnread();
        if (next < verdict.Size)
            Withheld(next, verdict.Size - 1);
    }

    private void Write(LoggedEntry entry)
    {
        var line = entry.Line;
        var day = Phrase.Day(line.Time);
        if (day != _day)
            Item(Markup.Of($"<li class=\"day\">{_day = day}</li>"));
        var state = line.Type == EntryType.Message ? JsonReport.State(verdict, line) : "event";
        var reasons = verdict.Of(line.Position) ?? default;
        Item(Markup.Of($"<li id=\"e{line.Position}\" class=\"entry {state} {JsonReport.Word(reasons.Verdict).ToLowerInvariant()}\"><span class=\"no\"><span class=\"sr\">Entry </span>{line.Position}</span><span class=\"at\">{Phrase.TimeOfDay(line.Time)}</span><b class=\"by\">{line.User ?? "not proved"}</b><div class=\"what\">{What(entry, state)}</div>{Judged(reasons)}</li>"));
    }

    private Markup What(LoggedEntry entry, string state) => state switch
    {
        "event" => Markup.Of($"<p class=\"deed\">{entry.Note}</p>"),
        "disclosed" => Markup.Of($"{Mark(state)}{ErasedLater(entry.Line)}<div class=\"said\">{Markup.Join(Visible.Lines(entry.Line.Text!).Select(static l => Markup.Of($"<p dir=\"auto\">{l}</p>")))}</div>"),
        "erased" => Erased(entry.Line),
        _ => Markup.Of($"<p>{Mark(state)} <span class=\"bar b{Width(entry.Line.SizeClass ?? 0)}\" aria-hidden=\"true\"></span> <span class=\"aside\">up to {entry.Line.SizeClass ?? 0} bytes</span></p>"),
    };

    // Erasure does not reach into a file that was exported before.
    private Markup ErasedLater(EntryLine line) => verdict.Summary.Erased.TryGetValue(line.Position, out var erasure)
        ? Markup.Of($" {Mark("erased")} <span class=\"aside\">later, in <a href=\"#e{erasure.Position}\">entry {erasure.Position}</a>; this file still holds the key</span>")
        : default;

    private Markup Erased(EntryLine line)
    {
        var erasure = verdict.Summary.Erased[line.Position];
        return Markup.Of($"<p>{Mark("erased")} by its author in <a href=\"#e{erasure.Position}\">entry {erasure.Position}</a> at {Phrase.Moment(erasure.Time)} <span class=\"aside\">up to {line.SizeClass ?? 0} bytes</span></p>");
    }

    private static Markup Mark(string state) => Markup.Of($"<span class=\"mark {state}\">{state}</span>");

    private static Markup Judged(ReasonSet reasons) =>
        Markup.Of($"<p class=\"judged {JsonReport.Word(reasons.Verdict).ToLowerInvariant()}\"><span aria-hidden=\"true\">{Phrase.Sign(reasons.Verdict)}</span> {(reasons.Verdict == Verdict.Passed ? "PASSED " : "")}{string.Join(' ', reasons.List().Select(static r => r.Code()))}</p>");

    private void Withheld(ulong first, ulong last)
    {
        EndUnread();
        Item(Markup.Of($"<li id=\"e{first}\" class=\"gap\">{Anchors(first, last)}{Phrase.Capital(Phrase.Entries(first, last))}: {Mark("withheld")} in bulk, {Phrase.Count(last - first + 1, "message", "messages")}; the bundle has their hashes alone.</li>"));
    }

    private void Unread(ulong position)
    {
        var reasons = verdict.Of(position) ?? default;
        if (_unread is { } run && run.Reasons == reasons && run.Last + 1 == position)
        {
            _unread = run with { Last = position };
            return;
        }
        EndUnread();
        _unread = (position, position, reasons);
    }

    private void EndUnread()
    {
        if (_unread is not { } run)
            return;
        _unread = null;
        Item(Markup.Of($"<li id=\"e{run.First}\" class=\"gap\">{Anchors(run.First, run.Last)}{Phrase.Capital(Phrase.Entries(run.First, run.Last))}: in the bundle, and not read further. {Judged(run.Reasons)}</li>"));
    }

    // Findings lead to entries that have no line of their own, too.
    private Markup Anchors(ulong first, ulong last) => first == last ? default
        : Markup.Join(_named.GetViewBetween(first + 1, last).Select(static p => Markup.Of($"<span id=\"e{p}\"></span>")));

    private void Item(Markup item)
    {
        if (_inGroup == Group)
        {
            page.Line($"</ol>");
            page.Line($"<ol class=\"{_list}\" role=\"list\">");
            _inGroup = 0;
        }
        _inGroup++;
        page.Line($"{item}");
    }

    // Padded sizes are powers of two from 64 on: the bar says which, roughly.
    private static int Width(int size) => Math.Clamp((int)Math.Log2(Math.Max(64, size)) - 5, 1, 9);
}
