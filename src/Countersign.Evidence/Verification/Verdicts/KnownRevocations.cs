using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>Up to when the revocations of one CA are known: what it revoked later is on a list that is not here (BU-24).</summary>
/// <param name="Authority">One of the CA's certificates; its name is outside text, to be sanitised before it is shown.</param>
/// <param name="KnownTo">Up to when a list speaks of each of its certificates here, the earliest; null if none speaks of one of them.</param>
/// <param name="Newest">Its newest list; null if there is none.</param>
/// <param name="IsBrought">The auditor brought that list, and the bundle does not hold it.</param>
public sealed record KnownRevocations(Certificate Authority, DateTimeOffset? KnownTo, CertificateRevocationList? Newest, bool IsBrought)
{
    internal static IReadOnlyList<KnownRevocations> Of(RevocationArchive archive, IReadOnlyList<CertificateRevocationList> bundled)
    {
        var own = bundled.Select(static list => list.Fingerprint).ToHashSet();
        return [.. archive.Authorities
            .GroupBy(static ca => ca.Authority.PublicKey) // a renewed certificate is the same CA
            .Select(ca => Of(archive, [.. ca], own))
            .OrderBy(static known => known.Authority.Subject.ToString(), StringComparer.Ordinal).ThenBy(static known => known.Authority.Fingerprint)];
    }

    private static KnownRevocations Of(RevocationArchive archive, IReadOnlyList<AuthorityLists> certificates, HashSet<Hash32> bundled)
    {
        var known = certificates.Select(one => archive.KnownTo(one.Authority)).ToList();
        var newest = certificates.SelectMany(static one => one.Lists).MaxBy(static list => list.Number);
        return new(certificates.MinBy(static one => one.Authority.Fingerprint)!.Authority, known.Contains(null) ? null : known.Min(), newest,
            newest is not null && !bundled.Contains(newest.Fingerprint));
    }
}
