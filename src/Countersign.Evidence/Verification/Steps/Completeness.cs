namespace Countersign.Evidence;

/// <summary>What is missing at the end, and what the server signed that is not here (BU-15).</summary>
internal static class Completeness
{
    public static void Check(TranscriptStep transcript, ExpectedRoots roots, BundleManifest manifest, ulong keys, FindingList findings)
    {
        if ((manifest.Size, manifest.Shown, manifest.Disclosed) != (transcript.Size, transcript.Shown, keys))
            findings.Add(new Finding(Reason.Damaged, Member: BundleMember.Manifest, Rule: "BU-03"));
        if (transcript.FailedAt is null && roots.Largest > transcript.Size)
            findings.Add(new Finding(Reason.Truncated, transcript.Size, roots.Largest - 1, Member: BundleMember.Entries, Rule: "BU-15"));
        if (roots.Forked is { } forked)
            Contradicted(Reason.Forked, forked);
        if (roots.Contradicted is { } size && size != roots.Forked && (transcript.FailedAt is null || size <= transcript.FailedAt))
            Contradicted(Contradiction(transcript, roots), size);
        if (roots.ConfirmedSize < transcript.Size || transcript.Size == 0)
            findings.Add(new Finding(Reason.NoSignedHead, Member: BundleMember.Heads, Rule: "BU-15"));
        if (transcript.Withheld > 0)
            findings.Add(new Finding(Reason.EntriesWithheld, Member: BundleMember.Entries, Rule: "BU-22"));

        void Contradicted(Reason reason, ulong size) =>
            findings.Add(new Finding(reason, Math.Min(roots.ConfirmedSize, size - 1), size - 1, Member: BundleMember.Entries, Rule: "RC-07"));
    }

    /// <summary>Nothing beside what belongs to the conversation (BU-06): asked when everything else was. Behind the end of the order nobody
    /// asked whom entries name.</summary>
    public static void CheckCertificates(TranscriptStep transcript, CertificateBook book, FindingList findings)
    {
        if (transcript.FailedAt is null && book.HasStray())
            findings.Add(new Finding(Reason.Damaged, Member: BundleMember.Certificates, Rule: "BU-06"));
    }

    // Every entry is genuine and fits the ones before it, and still the server signed something else.
    private static Reason Contradiction(TranscriptStep transcript, ExpectedRoots roots) =>
        transcript.Size < roots.Largest ? Reason.Dropped : Reason.Forked;

    /// <summary>What holds for entries by their position alone.</summary>
    public static void MarkEntries(TranscriptStep transcript, ExpectedRoots roots, bool rootIsNamed, FindingList findings)
    {
        var stamped = roots.Confirmed.Where(static h => h.ProvedTime is not null).Select(static h => h.Size).DefaultIfEmpty().Max();
        if (!rootIsNamed)
            findings.AddFrom(0, Reason.NoRoot);
        if (transcript.FailedAt is { } failed)
            findings.AddFrom(failed + 1, Reason.NotJudged);
        findings.AddFrom(roots.ConfirmedSize, Reason.NoSignedHead);
        findings.AddFrom(stamped, Reason.NoTrustedTime);
    }
}
