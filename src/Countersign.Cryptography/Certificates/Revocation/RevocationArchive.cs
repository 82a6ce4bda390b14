using System.Collections.Concurrent;

namespace Countersign.Cryptography;

/// <summary>Lists of any age, for whoever judges a record: those that came with it, and those that were obtained elsewhere (BU-24). What one
/// of them revokes is revoked, because no revocation is ever taken back; what none of them speaks of is not known (CE-15).</summary>
/// <remarks>Thread-safe. Each list is verified once for each CA certificate that it may be of.</remarks>
public sealed class RevocationArchive(IEnumerable<CertificateRevocationList> lists) : IRevocationKnowledge
{
    private readonly IReadOnlyList<CertificateRevocationList> _lists = [.. lists.DistinctBy(static list => list.Fingerprint)];
    private readonly ConcurrentDictionary<Hash32, AuthorityLists> _authorities = new();
    private readonly ConcurrentDictionary<(Hash32 Issuer, Hash32 Subject), DateTimeOffset?> _known = new();

    /// <summary>The CAs that were asked for so far, with their lists.</summary>
    public IReadOnlyCollection<AuthorityLists> Authorities => [.. _authorities.Values];

    /// <summary>Of all certificates of a CA that were asked for so far: up to when a list speaks of each, the earliest; null if none speaks of
    /// one of them.</summary>
    public DateTimeOffset? KnownTo(Certificate issuer)
    {
        var known = _known.Where(asked => asked.Key.Issuer == issuer.Fingerprint).Select(static asked => asked.Value).ToList();
        return known.Contains(null) ? null : known.Min();
    }

    public RevocationStatement? Of(Certificate subject, Certificate issuer)
    {
        var speaking = Of(issuer).Lists.Where(list => list.SpeaksOf(subject)).ToList();
        _known[(issuer.Fingerprint, subject.Fingerprint)] = speaking.Max(static list => (DateTimeOffset?)list.ThisUpdate);
        return speaking.Count == 0 ? null
            : new(speaking.Max(static list => list.NextUpdate), [.. speaking.Select(list => list.Find(subject.Serial)).OfType<RevocationEntry>()]);
    }

    // Those of another key, or with a signature that does not verify, are as if they were not there (CE-10).
    private AuthorityLists Of(Certificate issuer) => _authorities.GetOrAdd(issuer.Fingerprint,
        static (_, of) => new(of.Issuer, [.. of.Lists.Where(list => list.IsGenuine(of.Issuer))]), (Lists: _lists, Issuer: issuer));
}

/// <summary>A CA and its lists.</summary>
/// <param name="Authority">One of its certificates.</param>
/// <param name="Lists">Verified, in no order.</param>
public sealed record AuthorityLists(Certificate Authority, IReadOnlyList<CertificateRevocationList> Lists);
