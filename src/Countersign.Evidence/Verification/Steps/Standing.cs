using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>A certificate at the time of a signature (BU-19): sealed before it was revoked or suspect, inside, or after.</summary>
internal static class Standing
{
    /// <summary>Why a signature of this bracket is not good; null if it is.</summary>
    public static Reason? Judge(CertificateHistory history, TimeBracket bracket)
    {
        if (bracket.Latest is not { } latest) // no head covers it: that is said elsewhere
            return bracket.Earliest >= history.RevokedAt ? Reason.RevokedBefore
                : WholeSeconds(bracket.Earliest) > history.ValidUntil ? Reason.CertificateNotValidThen
                : null;
        var earliest = bracket.Earliest < latest ? bracket.Earliest : latest;
        if (WholeSeconds(earliest) > history.ValidUntil || WholeSeconds(latest) < history.ValidFrom)
            return Reason.CertificateNotValidThen;
        if (earliest >= history.RevokedAt)
            return Reason.RevokedBefore;
        if (latest >= history.SuspectSince)
            return Reason.SuspectSince;
        if (history.ListsReachTo is not { } reach || WholeSeconds(latest) > reach)
            return Reason.NoRevocationData;
        if (WholeSeconds(latest) > history.ValidUntil)
            return Reason.TimeUncertain;
        return null;
    }

    /// <summary>Why a certificate was good at no moment of a bracket; null if it may have been.</summary>
    public static Reason? Refutes(CertificateHistory history, TimeBracket bracket) =>
        Judge(history, bracket) is { } reason && reason.Verdict() == Verdict.Failed ? reason : null;

    /// <summary>Why a signature is not good of which nothing but its signer's word says when it was made; null if it is. Whoever has had the
    /// key since can have made it, with whatever time.</summary>
    public static Reason? JudgeUnsealed(CertificateHistory history, DateTimeOffset time) =>
        Judge(history, new TimeBracket(time, time, false)) ?? (history.LeavesOlderSignatures ? null : Reason.SuspectSince);

    // CE-03: the whole last second belongs to the validity.
    private static DateTimeOffset WholeSeconds(DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerSecond));
}
