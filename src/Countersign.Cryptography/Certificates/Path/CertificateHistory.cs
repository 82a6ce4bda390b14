namespace Countersign.Cryptography;

/// <summary>What is known of a path over time, for whoever judges signatures of the past (CE-03, CE-10): the strictest of all
/// its certificates.</summary>
/// <param name="ValidFrom">First second at which every certificate was valid.</param>
/// <param name="ValidUntil">Last second at which every certificate was valid.</param>
/// <param name="ListsReachTo">Up to when lists of every CA of the path speak of the certificate below it; null if those of one do not.</param>
/// <param name="RevokedAt">When a certificate of the path was revoked; null if none was.</param>
/// <param name="SuspectSince">Since when a key of the path is suspect: invalidityDate, and never later than the revocation.</param>
/// <param name="LeavesOlderSignatures">No key of the path may have been in other hands: what bears no other proof of its time than its
/// signer's word stands.</param>
public sealed record CertificateHistory(
    DateTimeOffset ValidFrom, DateTimeOffset ValidUntil, DateTimeOffset? ListsReachTo,
    DateTimeOffset? RevokedAt, DateTimeOffset? SuspectSince, bool LeavesOlderSignatures)
{
    internal static CertificateHistory Of(CertificatePath path, IRevocationKnowledge revocations)
    {
        var history = new CertificateHistory(
            path.All.Max(static c => c.NotBefore), path.All.Min(static c => c.NotAfter), DateTimeOffset.MaxValue, null, null, true);
        foreach (var (subject, issuer) in path.Steps)
            history = history.With(revocations.Of(subject, issuer));
        return history;
    }

    private CertificateHistory With(RevocationStatement? known) => (known?.Entries ?? []).Aggregate(
        this with { ListsReachTo = known is null || ListsReachTo is null ? null : Earlier(ListsReachTo, known.ReachesTo) },
        static (history, entry) => history.With(entry));

    private CertificateHistory With(RevocationEntry entry) => this with
    {
        RevokedAt = Earlier(RevokedAt, entry.RevokedAt),
        SuspectSince = Earlier(SuspectSince, Earlier(entry.SuspectSince, entry.RevokedAt)),
        LeavesOlderSignatures = LeavesOlderSignatures && entry.Grounds.LeavesOlderSignatures,
    };

    private static DateTimeOffset Earlier(DateTimeOffset? known, DateTimeOffset other) => known is { } k && k < other ? k : other;
}
