namespace Countersign.Cryptography;

/// <summary>The newest revocation list of each CA that a holder knows (CE-10). A list counts, and is kept, only after a
/// validation has verified its signature with the key of a CA that leads to the trusted root; from then on no list of a
/// lower number takes its place.</summary>
/// <remarks>Thread-safe. The holder stores <see cref="Lists"/> durably and constructs the set from them at the next start.</remarks>
public sealed class RevocationSet : IRevocationKnowledge
{
    private readonly VerifiedLists _verified;
    private readonly IReadOnlyList<CertificateRevocationList> _candidates;

    /// <summary>A set that knows nothing.</summary>
    public RevocationSet() : this([]) { }

    /// <param name="known">Lists stored or obtained earlier; they are verified when a path first needs them.</param>
    public RevocationSet(IEnumerable<CertificateRevocationList> known) : this(new VerifiedLists(), [.. known]) { }

    private RevocationSet(VerifiedLists verified, IReadOnlyList<CertificateRevocationList> candidates)
    {
        _verified = verified;
        _candidates = candidates;
    }

    /// <summary>The verified lists, one for each CA that took part in a validation.</summary>
    public IReadOnlyList<CertificateRevocationList> Lists => _verified.All;

    /// <summary>This set together with lists that came from outside, for one validation. What a validation verifies is
    /// kept in this set; the rest is gone with the returned object.</summary>
    public RevocationSet With(IEnumerable<CertificateRevocationList> presented) => new(_verified, [.. _candidates, .. presented]);

    /// <summary>What the newest list says.</summary>
    public RevocationStatement? Of(Certificate subject, Certificate issuer) =>
        Newest(issuer) is { } list ? new(list.NextUpdate, list.Find(subject.Serial) is { } entry ? [entry] : []) : null;

    /// <summary>The newest verified list of a CA whose own path has been verified, or null.</summary>
    internal CertificateRevocationList? Newest(Certificate issuer)
    {
        foreach (var candidate in _candidates)
            if (candidate.IsNamedFor(issuer) && _verified.IsNews(candidate, issuer) && candidate.IsGenuine(issuer))
                _verified.Keep(candidate, issuer);
        return _verified.Find(issuer);
    }

    /// <summary>Lists by the key of their CA: a CA that has a new key is another issuer, whatever its name.</summary>
    private sealed class VerifiedLists
    {
        private readonly Lock _gate = new();
        private readonly Dictionary<VerificationKey, CertificateRevocationList> _newest = [];

        public IReadOnlyList<CertificateRevocationList> All
        {
            get
            {
                lock (_gate)
                    return [.. _newest.Values];
            }
        }

        public CertificateRevocationList? Find(Certificate issuer)
        {
            lock (_gate)
                return _newest.GetValueOrDefault(issuer.PublicKey);
        }

        public bool IsNews(CertificateRevocationList list, Certificate issuer) =>
            Find(issuer) is not { } held || list.Number > held.Number;

        public void Keep(CertificateRevocationList list, Certificate issuer)
        {
            lock (_gate)
                if (IsNews(list, issuer)) // CE-10: never a lower number, whoever came between
                    _newest[issuer.PublicKey] = list;
        }
    }
}
