namespace Countersign.Cryptography;

/// <summary>What is known of a path over time, for whoever judges signatures of the past (CE-03, CE-10): the strictest of all
/// its certificates.</summary>
/// <param name="ValidFrom">First second at which every certificate was valid.</param>
/// <param name="ValidUntil">Last second at which every certificate was valid.</param>
/// <param name="ListsReachTo">Up to when every CA of the path has a revocation list; null if one has none.</param>
/// <param name="RevokedAt">When a certificate of the path was revoked, by the newest lists; null if none was.</param>
/// <param name="SuspectSince">Since when a key of the path is suspect: invalidityDate, and never later than the revocation.</param>
/// <param name="Reason">Why, if the list says so.</param>
public sealed record CertificateHistory(
    DateTimeOffset ValidFrom, DateTimeOffset ValidUntil, DateTimeOffset? ListsReachTo,
    DateTimeOffset? RevokedAt, DateTimeOffset? SuspectSince, RevocationReason? Reason)
{
    internal static CertificateHistory Of(CertificatePath path, RevocationSet revocations)
    {
        var history = new CertificateHistory(
            path.All.Max(static c => c.NotBefore), path.All.Min(static c => c.NotAfter), DateTimeOffset.MaxValue, null, null, null);
        foreach (var (subject, issuer) in path.Steps)
            history = history.With(revocations.Newest(issuer), subject);
        return history;
    }

    private CertificateHistory With(CertificateRevocationList? list, Certificate subject)
    {
        var reaches = list is null || ListsReachTo is null ? (DateTimeOffset?)null : Earlier(ListsReachTo, list.NextUpdate);
        if (list?.Find(subject.Serial) is not { } entry)
            return this with { ListsReachTo = reaches };
        return this with
        {
            ListsReachTo = reaches,
            RevokedAt = Earlier(RevokedAt, entry.RevokedAt),
            SuspectSince = Earlier(SuspectSince, Earlier(entry.SuspectSince, entry.RevokedAt)),
            Reason = RevokedAt < entry.RevokedAt ? Reason : entry.Reason,
        };
    }

    private static DateTimeOffset Earlier(DateTimeOffset? known, DateTimeOffset other) => known is { } k && k < other ? k : other;
}
