using System.Globalization;
using System.Text.Json.Nodes;
using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>The verdict on a misconduct file: for people and for scripts.</summary>
public static class MisconductReport
{
    public static IEnumerable<string> Text(MisconductVerdict verdict)
    {
        yield return JsonReport.Word(verdict.Verdict);
        yield return "";
        if (verdict.Proof is not { } proof)
        {
            yield return verdict.Root is null
                ? "not judged: no root was named, and without one nobody's signature is proved"
                : "nothing is proved: the two values do not contradict each other, or are not signed by parties that the named root certifies";
            yield break;
        }
        yield return "proved: " + MisconductText.Of(proof);
        yield return "";
        yield return $"who           {Who(proof)}";
        yield return $"certificate   {Certificate(proof)}";
        yield return $"first         {Visible.Line(Stated(proof).First)}";
        yield return $"second        {Visible.Line(Stated(proof).Second)}";
        yield return $"root          {verdict.Root}  (named by you)";
        yield return "";
        yield return "Who keeps the rules never signs both. It rests on the named root and its CAs, on RSA and SHA-256, and on";
        yield return "the key having been its owner's alone; it does not say which of the two is true, nor who else was shown which.";
    }

    /// <summary>The proof, if there is one, then the verdict.</summary>
    public static IEnumerable<JsonObject> Lines(MisconductVerdict verdict)
    {
        if (verdict.Proof is { } proof)
            yield return Line(proof);
        yield return new JsonObject
        {
            ["type"] = "verdict",
            ["verdict"] = JsonReport.Word(verdict.Verdict),
            ["misconduct"] = verdict.Proof is null ? null : MisconductText.Of(verdict.Proof),
            ["root"] = verdict.Root?.ToString(),
            ["root_named"] = verdict.Root is not null,
        };
    }

    /// <summary>One proved contradiction.</summary>
    public static JsonObject Line(Misconduct misconduct)
    {
        var line = new JsonObject
        {
            ["type"] = "misconduct",
            ["kind"] = misconduct is ContradictingEntries ? "entries" : "heads",
            ["who"] = Who(misconduct),
            ["certificate"] = Certificate(misconduct).ToString(),
            ["conversation"] = misconduct.Conversation.ToString(),
            ["text"] = MisconductText.Of(misconduct),
        };
        (line["first"], line["second"]) = Stated(misconduct);
        return line;
    }

    private static string Who(Misconduct misconduct) => misconduct switch
    {
        ContradictingHeads heads => heads.First.Server.Name.ToString(),
        RewrittenHistory rewritten => rewritten.Smaller.Server.Name.ToString(),
        HeadAgainstTranscript head => head.Head.Server.Name.ToString(),
        ContradictingEntries entries => entries.First.Author.User.ToString(),
        _ => throw new ArgumentOutOfRangeException(nameof(misconduct)),
    };

    // The second head may be signed by another certificate of the same server: the one that signed the contradiction is named.
    private static Hash32 Certificate(Misconduct misconduct) => misconduct switch
    {
        ContradictingHeads heads => heads.Second.Server.Leaf.Fingerprint,
        RewrittenHistory rewritten => rewritten.Smaller.Server.Leaf.Fingerprint,
        HeadAgainstTranscript head => head.Head.Server.Leaf.Fingerprint,
        ContradictingEntries entries => entries.First.Author.Leaf.Fingerprint,
        _ => throw new ArgumentOutOfRangeException(nameof(misconduct)),
    };

    private static (string First, string Second) Stated(Misconduct misconduct) => misconduct switch
    {
        ContradictingHeads heads => (Head(heads.First), Head(heads.Second)),
        RewrittenHistory rewritten => (Head(rewritten.Smaller), Head(rewritten.Larger)),
        ContradictingEntries entries => (Entry(entries.First.Entry), Entry(entries.Second.Entry)),
        HeadAgainstTranscript head => (Head(head.Head), "the transcript"),
        _ => throw new ArgumentOutOfRangeException(nameof(misconduct)),
    };

    private static string Head(VerifiedHead head) => $"head over {head.Head.Size} entries, signed {Utc(head.Time)} by the server's clock";

    private static string Entry(Entry entry) =>
        $"{entry.Type.ToString().ToLowerInvariant()} {entry.Hash}, made {Utc(entry.Time)} by its author's clock";

    private static string Utc(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
