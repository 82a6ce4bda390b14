using System.Globalization;

namespace Countersign.Evidence;

/// <summary>What a verdict proves, on what that rests, and what it does not prove: the same sentences in every report for people.</summary>
internal static class ProofText
{
    public const string Assumptions =
        "that the root and the CAs under it certified the right people; that their keys were theirs alone until a revocation list says otherwise; "
        + "that RSA and SHA-256 hold.";

    public const string Never = "Who sat before a device; what a name means; that what was said is true.";

    public static string Proved(BundleVerdict verdict)
    {
        if (verdict.Verdict == Verdict.Passed)
            return "The certified devices of the people above made these entries, in this order, each in answer to what its author had on screen. "
                + "Nothing was cut out, added or changed. The server signed the whole, every member device that joined acknowledged it, "
                + "and all was there at the stamped times.";
        var proved = verdict.Summary.RootWasNamed ? verdict.Shown.Count(p => verdict.Of(p)!.Value.Verdict == Verdict.Passed) : 0;
        return proved > 0
            ? string.Create(CultureInfo.InvariantCulture, $"{proved} {(proved == 1 ? "entry is" : "entries are")} proved by themselves: author, place and time. The whole is not.")
            : "Nothing.";
    }

    /// <summary>Beyond the findings.</summary>
    public static IEnumerable<string> NotProved(BundleVerdict verdict)
    {
        yield return Never;
        if (verdict.Summary.Messages > verdict.Summary.Disclosed)
            yield return "What the messages say that are not disclosed.";
    }
}
