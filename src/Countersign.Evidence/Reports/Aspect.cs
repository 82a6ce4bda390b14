namespace Countersign.Evidence;

/// <summary>One question that the reasons answer: seven of them, which together have every reason once.</summary>
/// <param name="Name">One word.</param>
/// <param name="Good">What holds if none of its reasons occurs but notes.</param>
/// <param name="Reasons">Why it may not hold.</param>
public sealed record Aspect(string Name, string Good, IReadOnlyList<Reason> Reasons)
{
    public static IReadOnlyList<Aspect> All { get; } =
    [
        new("root", "you named it, and every certificate leads to it", [Reason.OtherRoot, Reason.NoRoot]),
        new("completeness", "nothing is damaged, missing or cut off", [Reason.MalformedBundle, Reason.Damaged, Reason.Dropped, Reason.Truncated, Reason.NoSignedHead, Reason.EntriesWithheld, Reason.NotJudged]),
        new("order", "every entry is in its place, once, and follows the rules", [Reason.Reordered, Reason.Replayed, Reason.Transplanted, Reason.Forked, Reason.RuleBroken, Reason.MembershipNotShown]),
        new("signatures", "every entry and head is signed by whom it names, and disclosed texts are what was signed",
            [Reason.Edited, Reason.WrongKey, Reason.WrongPerson, Reason.NotMember, Reason.KeyCommitment, Reason.HeadRefused, Reason.MisconductProved, Reason.Unreadable]),
        new("certificates", "valid and unrevoked when they were used",
            [Reason.CertificateRefused, Reason.CertificateNotValidThen, Reason.RevokedBefore, Reason.NoCertificate, Reason.NoRevocationData, Reason.SuspectSince]),
        new("receipts", "every member signed for what they received, to the end", [Reason.ReceiptRefused, Reason.NoFinalReceipt]),
        new("time", "proved by a time-stamp authority", [Reason.Postdated, Reason.Backdated, Reason.StampRefused, Reason.NoTrustedTime, Reason.TimeUncertain, Reason.ClockContradicted]),
    ];

    /// <summary>Those of its reasons that occur, notes included.</summary>
    public IReadOnlyList<Reason> Found(BundleVerdict verdict) => [.. Reasons.Where(verdict.Reasons.Contains)];

    /// <summary>Why an aspect without a reason is not proved all the same; null if it is. Where judging ended early, or where nobody
    /// vouches for the root, nothing is.</summary>
    public static string? Limit(BundleVerdict verdict) =>
        verdict.Manifest is null ? "not judged"
        : verdict.Verdict is Verdict.Failed ? "no fault found in what could be judged"
        : !verdict.Summary.RootWasNamed ? "no fault found, under the bundle's own root, for which nobody vouches"
        : null;
}
