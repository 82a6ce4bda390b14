using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>The first page: the verdict; who, when, how many; what is proved, on what that rests, what is not; the findings.</summary>
internal sealed class FindingsPart(Page page, BundleVerdict verdict, Hash32 bundle)
{
    private RecordSummary Summary => verdict.Summary;

    public static string Title(BundleVerdict verdict) =>
        verdict.Manifest is null ? "a file that is no bundle" : verdict.Summary.Name.Length == 0 ? "a conversation without a name" : verdict.Summary.Name;

    public void Write(DateTimeOffset? first, DateTimeOffset? last)
    {
        WriteMasthead();
        page.Line($"<main>");
        WriteVerdict();
        page.Line($"<section id=\"findings\" aria-labelledby=\"h-findings\">");
        page.Line($"<h2 id=\"h-findings\">Findings</h2>");
        WriteFacts(first, last);
        WriteProof();
        WriteFindings();
        WriteAspects();
        page.Line($"</section>");
    }

    private void WriteMasthead()
    {
        page.Line($"<a class=\"skip\" href=\"#verdict\">To the verdict</a>");
        page.Line($"<header>");
        page.Line($"<p class=\"kind\">Countersign <span>Verification report</span></p>");
        page.Line($"<h1><bdi>{Title(verdict)}</bdi></h1>");
        if (Summary.Parties.Count > 0)
            page.Line($"<p class=\"between\">Conversation between {People()}</p>");
        page.Line($"</header>");
        if (verdict.Manifest is null)
            return;
        page.Line($"<nav aria-label=\"Contents\"><ul>");
        page.Line($"<li><a href=\"#findings\">Findings</a></li><li><a href=\"#parties\">Parties</a></li><li><a href=\"#conversation\">Conversation</a></li><li><a href=\"#receipts\">Receipts</a></li><li><a href=\"#time\">Time</a></li>");
        page.Line($"</ul></nav>");
    }

    private void WriteVerdict()
    {
        page.Line($"<section id=\"verdict\" class=\"{JsonReport.Word(verdict.Verdict).ToLowerInvariant()}\" aria-labelledby=\"h-verdict\">");
        page.Line($"<p class=\"seal\" aria-hidden=\"true\">{Phrase.Sign(verdict.Verdict)}</p>");
        page.Line($"<div><h2 id=\"h-verdict\">{JsonReport.Word(verdict.Verdict)}</h2>");
        page.Line($"<p>{Sentence()}</p></div>");
        page.Line($"</section>");
    }

    private string Sentence() => verdict.Verdict switch
    {
        Verdict.Passed => "Everything that this bundle claims is proved, under the root that the auditor named.",
        Verdict.Failed when verdict.Manifest is null => "This is not a bundle, or its frame is damaged. Nothing in it was judged.",
        Verdict.Failed when Summary.OtherRoot is null => "Something in this bundle is not what it claims to be. The findings say what, and where.",
        Verdict.Failed when Summary.OtherRoot is not null => "Nothing in this bundle leads to the root that the auditor named.",
        _ => "Nothing is refuted, but something that an honest proof needs is not there. The findings say what.",
    };

    private string People()
    {
        const int most = 6;
        var names = Summary.Parties.Select(static p => p.User.ToString()).Distinct().ToList();
        if (names.Count > most)
            return string.Join(", ", names.Take(most)) + " and " + Phrase.Count((ulong)(names.Count - most), "other", "others");
        return names.Count == 1 ? names[0] : string.Join(", ", names.SkipLast(1)) + " and " + names[^1];
    }

    private void WriteFacts(DateTimeOffset? first, DateTimeOffset? last)
    {
        page.Line($"<dl class=\"facts\">");
        if (verdict.Manifest is { } manifest)
        {
            var devices = (ulong)Summary.Parties.Count;
            Fact("Who", Markup.Of($"{(devices == 0 ? "Nobody is proved to be a party" : $"{People()}, with {Phrase.Count(devices, "certified device", "certified devices")}")}{(Summary.Server is { } server ? $"; carried by the server {server}" : "; no server is proved")}"));
            Fact("When", When(first, last));
            Fact("How many", Markup.Of($"{HowMany()}"));
            Fact("Conversation", Phrase.Hash(manifest.Conversation.Value));
        }
        Fact("Root", Summary.Root is { } root
            ? Markup.Of($"{Phrase.Hash(root)} <span class=\"aside\">{(Summary.RootWasNamed ? "named by the auditor" : "the bundle’s own word: compare it with somebody you trust")}</span>")
            : Markup.Of($"none"));
        if (Summary.OtherRoot is { } other)
            Fact("Other root", Markup.Of($"{Phrase.Hash(other)} <span class=\"aside\">the one the bundle was made under</span>"));
        Fact("Bundle", Markup.Of($"{Phrase.Hash(bundle)} <span class=\"aside\">SHA-256 of the file</span>"));
        page.Line($"</dl>");
    }

    private void Fact(string name, Markup value) => page.Line($"<div><dt>{name}</dt><dd>{value}</dd></div>");

    private Markup When(DateTimeOffset? first, DateTimeOffset? last)
    {
        if (first is null || last is null)
            return Markup.Of($"Nothing is known of the time");
        var span = Markup.Of($"{Phrase.Moment(first.Value)} to {(Phrase.Day(first.Value) == Phrase.Day(last.Value) ? Phrase.TimeOfDay(last.Value) : Phrase.Moment(last.Value))} UTC, by the authors’ clocks");
        if (Summary.Heads.LastOrDefault(static h => h.ProvedTime is not null) is { } stamped)
            return Markup.Of($"{span}.<br>{Phrase.Capital(Phrase.Entries(0, stamped.Size - 1))} existed at {Phrase.Moment(stamped.ProvedTime!.Value)}, proved by a time stamp");
        return Summary.Heads is [.., var head]
            ? Markup.Of($"{span}.<br>{Phrase.Capital(Phrase.Entries(0, head.Size - 1))} accepted by {Phrase.Moment(head.ServerTime)}, by the server’s clock")
            : span;
    }

    private string HowMany()
    {
        var erased = (ulong)Summary.Erased.Keys.Count(p => verdict.Of(p) is not null);
        // Where judging ended early, the rest was neither opened nor read to its end.
        var judged = verdict.Verdict != Verdict.Failed;
        var closed = Summary.Closed ? "; the conversation is closed" : judged ? "; the conversation is open" : "";
        var bulk = Summary.Withheld > 0 ? $", {Summary.Withheld} of them withheld in bulk" : "";
        var kept = Summary.Messages - Math.Min(Summary.Messages, Summary.Disclosed + erased);
        return $"{Phrase.Count(verdict.Size, "entry", "entries")}{bulk}; {Phrase.Count(Summary.Messages, "message", "messages")} in place: "
            + (judged ? $"{Summary.Disclosed} disclosed, {kept} withheld, {erased} erased{closed}" : $"{Summary.Disclosed} read and disclosed{closed}");
    }

    private void WriteProof()
    {
        page.Line($"<div class=\"proof\">");
        page.Line($"<div><h3>What is proved</h3><p>{ProofText.Proved(verdict)}</p></div>");
        page.Line($"<div><h3>Under the assumptions</h3><p>{Phrase.Capital(ProofText.Assumptions)}</p><p>{string.Join(' ', TimeStampText.Of(Summary.TimeStamps))}</p></div>");
        page.Line($"<div><h3>What is not proved</h3>");
        foreach (var sentence in ProofText.NotProved(verdict))
            page.Line($"<p>{sentence}</p>");
        page.Line($"</div></div>");
    }

    private void WriteFindings()
    {
        if (verdict.Findings.Count == 0)
            return;
        page.Line($"<h3>{(verdict.Verdict == Verdict.Passed ? "Notes" : "Why it is not PASSED")}</h3>");
        page.Line($"<ol class=\"reasons\" role=\"list\">");
        foreach (var finding in verdict.Findings)
        {
            var worst = finding.Reason.Verdict();
            page.Line($"<li class=\"{JsonReport.Word(worst).ToLowerInvariant()}\"><p class=\"code\"><span aria-hidden=\"true\">{Phrase.Sign(worst)}</span> <b>{finding.Reason.Code()}</b> <span class=\"word\">{(worst == Verdict.Passed ? "NOTE" : JsonReport.Word(worst))}</span></p>");
            page.Line($"<p>{Place(finding)}{Phrase.Capital(ReasonText.Of(finding.Reason))}.{Device(finding)}{Rule(finding)}</p></li>");
        }
        page.Line($"</ol>");
        foreach (var misconduct in Summary.Misconduct)
            page.Line($"<p><b>Proved misconduct:</b> {MisconductText.Of(misconduct)}.</p>");
    }

    private Markup Place(Finding finding) => (finding.Position, finding.Through, finding.Member) switch
    {
        ({ } from, var to, _) when from >= verdict.Size => Markup.Of($"{Phrase.Capital(Phrase.Entries(from, to ?? from))}: "),
        ({ } from, var to, _) => Markup.Of($"<a href=\"#e{from}\">{Phrase.Capital(Phrase.Entries(from, to ?? from))}</a>: "),
        (_, _, { } member) => Markup.Of($"<code>{member.FileName()}</code>: "),
        _ => default,
    };

    private Markup Device(Finding finding)
    {
        if (finding.Device is not { } device)
            return default;
        var user = Summary.Parties.FirstOrDefault(p => p.Device == device)?.User.ToString();
        return Markup.Of($" <span class=\"aside\">{(user is null ? "" : user + ", ")}device {Phrase.Short(device.Value)}</span>");
    }

    private static Markup Rule(Finding finding) => finding.Rule is { } rule ? Markup.Of($" <span class=\"aside\">Rule {rule}</span>") : default;

    private void WriteAspects()
    {
        page.Line($"<table class=\"aspects\"><caption>What was checked</caption>");
        page.Line($"<thead><tr><th scope=\"col\">Aspect</th><th scope=\"col\">Result</th></tr></thead><tbody>");
        foreach (var aspect in Aspect.All)
        {
            var found = aspect.Found(verdict);
            var worst = found.Count == 0 ? Verdict.Passed : found.Max(static r => r.Verdict());
            var codes = found.Count == 0 ? default : Markup.Of($" <code>{string.Join(", ", found.Select(static r => r.Code()))}</code>");
            var result = worst != Verdict.Passed
                ? Markup.Of($"<span class=\"{JsonReport.Word(worst).ToLowerInvariant()}\"><span aria-hidden=\"true\">{Phrase.Sign(worst)}</span> {JsonReport.Word(worst)}</span>{codes}")
                : Aspect.Limit(verdict) is { } limit
                    ? Markup.Of($"<span aria-hidden=\"true\">·</span> {Phrase.Capital(limit)}{codes}")
                    : Markup.Of($"<span class=\"passed\"><span aria-hidden=\"true\">✓</span> PASSED</span> {Phrase.Capital(aspect.Good)}{codes}");
            page.Line($"<tr><th scope=\"row\">{Phrase.Capital(aspect.Name)}</th><td>{result}</td></tr>");
        }
        page.Line($"</tbody></table>");
    }
}
