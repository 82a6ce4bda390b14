namespace Countersign.Cryptography;

/// <summary>CE-10: every CA of the path has a current list, and none holds the certificate below it. That each may sign lists
/// (cRLSign), CE-05 has seen to before.</summary>
internal static class RevocationChecks
{
    public static void Check(CertificatePath path, RevocationSet revocations, DateTimeOffset at)
    {
        // From the root down: a list counts only if its CA is not revoked itself.
        foreach (var (subject, issuer) in path.Steps.Reverse())
            Check(subject, issuer, revocations, ValidityChecks.WholeSeconds(at));
    }

    /// <summary>Judges a moment of the past with what is known now: a list made since tells whether the certificate was revoked
    /// by then. A list that was made before must cover that moment. Since when a key is suspect does not count here: whoever
    /// was there could not know it, and all readers of a transcript must come to the same result.</summary>
    public static void CheckPast(CertificatePath path, IRevocationKnowledge revocations, DateTimeOffset at)
    {
        foreach (var (subject, issuer) in path.Steps.Reverse())
            CheckPast(subject, issuer, revocations, ValidityChecks.WholeSeconds(at));
    }

    private static void CheckPast(Certificate subject, Certificate issuer, IRevocationKnowledge revocations, DateTimeOffset at)
    {
        var known = revocations.Of(subject, issuer) ?? throw new CertificateRefusedException(CertificateFault.RevocationMissing);
        if (at > known.ReachesTo)
            throw new CertificateRefusedException(CertificateFault.RevocationStale);
        if (known.Entries.Any(entry => at >= entry.RevokedAt))
            throw new CertificateRefusedException(CertificateFault.Revoked);
    }

    private static void Check(Certificate subject, Certificate issuer, RevocationSet revocations, DateTimeOffset at)
    {
        var list = revocations.Newest(issuer) ?? throw new CertificateRefusedException(CertificateFault.RevocationMissing);
        if (at < list.ThisUpdate || at > list.NextUpdate)
            throw new CertificateRefusedException(CertificateFault.RevocationStale);
        if (list.Find(subject.Serial) is not null)
            throw new CertificateRefusedException(CertificateFault.Revoked);
    }
}
