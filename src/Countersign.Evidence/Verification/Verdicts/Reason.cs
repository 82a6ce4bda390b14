using System.Text;

namespace Countersign.Evidence;

/// <summary>Why a verdict is not PASSED, and what else has to be said: the closed list of SPEC section 15. At most 64, so that an entry's reasons fit one word.</summary>
public enum Reason
{
    // FAILED
    MalformedBundle,
    Damaged,
    Edited,
    Dropped,
    Reordered,
    Replayed,
    Transplanted,
    Forked,
    Truncated,
    Postdated,
    Backdated,
    WrongKey,
    WrongPerson,
    NotMember,
    RuleBroken,
    KeyCommitment,
    CertificateRefused,
    CertificateNotValidThen,
    RevokedBefore,
    HeadRefused,
    ReceiptRefused,
    StampRefused,
    MisconductProved,
    OtherRoot,

    // INDETERMINATE
    NoRoot,
    NoCertificate,
    NoRevocationData,
    NoSignedHead,
    NoFinalReceipt,
    NoTrustedTime,
    SuspectSince,
    TimeUncertain,
    Unreadable,
    EntriesWithheld,
    MembershipNotShown,
    NotJudged,

    // PASSED: notes
    ClockContradicted,
}

public static class Reasons
{
    /// <summary>The verdict that the reason alone makes.</summary>
    public static Verdict Verdict(this Reason reason) =>
        reason <= Reason.OtherRoot ? Evidence.Verdict.Failed
        : reason <= Reason.NotJudged ? Evidence.Verdict.Indeterminate
        : Evidence.Verdict.Passed;

    /// <summary>The stable name that SPEC lists and scripts read: EDITED, NO_ROOT …</summary>
    public static string Code(this Reason reason)
    {
        var code = new StringBuilder();
        foreach (var letter in reason.ToString())
            code.Append(char.IsUpper(letter) && code.Length > 0 ? "_" : "").Append(char.ToUpperInvariant(letter));
        return code.ToString();
    }
}

/// <summary>A set of reasons in one word.</summary>
public readonly record struct ReasonSet(ulong Bits)
{
    public ReasonSet With(Reason reason) => new(Bits | 1UL << (int)reason);

    public bool Contains(Reason reason) => (Bits >> (int)reason & 1) == 1;

    public IEnumerable<Reason> List()
    {
        var bits = Bits;
        return Enum.GetValues<Reason>().Where(reason => (bits >> (int)reason & 1) == 1);
    }

    /// <summary>The worst that one of them makes.</summary>
    public Verdict Verdict => Holds(Reason.OtherRoot) ? Verdict.Failed : Holds(Reason.NotJudged) ? Verdict.Indeterminate : Verdict.Passed;

    private bool Holds(Reason last) => (Bits & ((1UL << ((int)last + 1)) - 1)) != 0;
}
