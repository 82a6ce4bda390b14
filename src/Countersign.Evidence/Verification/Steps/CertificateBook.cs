using System.Collections.Concurrent;
using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>A certificate of the bundle, judged apart from time: the path, or why there is none.</summary>
/// <param name="Path">Null if it is refused or not there.</param>
/// <param name="History">What the lists say of it over time; null without a path.</param>
/// <param name="Fault">Why it is refused; null if it is not there at all.</param>
internal sealed record Certified<T>(T? Path, CertificateHistory? History, CertificateFault? Fault) where T : class
{
    /// <summary>The same for every id of which there is no certificate: nothing is kept of those, of which entries may name any number.</summary>
    public static readonly Certified<T> NotThere = new(null, null, null);

    public Reason Reason => Fault is null ? Reason.NoCertificate : Reason.CertificateRefused;
}

/// <summary>The bundle's certificates, and its revocation lists with those that the auditor brought, under his root (BU-12, BU-24). A path is validated when it is
/// first asked for, and once.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class CertificateBook : IDeviceDirectory
{
    /// <summary>Issuing CAs of one name that are tried for a certificate: a CA whose certificate or key was renewed has its name again. A
    /// bound for hostile bundles, which costs each certificate at most three signature verifications a CA.</summary>
    internal const int MaxIssuers = 32;

    private readonly TrustAnchor _anchor;
    private readonly Certificate? _root;
    private readonly bool _isOther;
    private readonly RevocationArchive _revocations;
    private readonly Dictionary<Hash32, Certificate> _certificates;
    private readonly Dictionary<DistinguishedName, Certificate[]> _bySubject;
    private readonly ConcurrentDictionary<Hash32, Lazy<Certified<VerifiedDevice>>> _devices = new();
    private readonly ConcurrentDictionary<Hash32, Lazy<Certified<VerifiedServer>>> _servers = new();
    private readonly ConcurrentDictionary<Hash32, bool> _issuers = new();

    /// <param name="anchor">The root; with its fingerprint alone, its certificate is looked for among the others.</param>
    /// <param name="certificates">The bundle's.</param>
    /// <param name="lists">Of any age.</param>
    /// <param name="isOther">The bundle was made under another root than this one (BU-10): what does not lead to this one is refused, though
    /// its certificate is not there.</param>
    public CertificateBook(TrustAnchor anchor, IEnumerable<Certificate> certificates, IEnumerable<CertificateRevocationList> lists, bool isOther = false)
    {
        (_anchor, _isOther) = (anchor, isOther);
        _certificates = certificates.ToDictionary(static c => c.Fingerprint);
        _root = anchor.Certificate ?? _certificates.GetValueOrDefault(anchor.Fingerprint);
        // One more than are tried, for a leaf is no issuer of its own.
        _bySubject = _certificates.Values.Where(c => c.Fingerprint != anchor.Fingerprint).OrderBy(static c => c.Fingerprint).GroupBy(static c => c.Subject)
            .ToDictionary(static name => name.Key, static name => name.Take(MaxIssuers + 1).ToArray());
        _revocations = new RevocationArchive(lists);
    }

    public TrustAnchor Anchor => _anchor;
    public RevocationArchive Revocations => _revocations;
    public IEnumerable<Certificate> All => _certificates.Values;

    /// <summary>A certificate is there that nothing needed: the root apart, it was not asked for by an entry, list of members, head or receipt,
    /// and has issued none of those (BU-06). Known when everything was read. Where there is no root, what leads to it cannot be told.</summary>
    public bool HasStray() => _anchor.Fingerprint != default && _certificates.Keys.Any(id =>
        id != _anchor.Fingerprint && !_devices.ContainsKey(id) && !_servers.ContainsKey(id) && !_issuers.ContainsKey(id));

    public Certificate? Certificate(Hash32 fingerprint) => _certificates.GetValueOrDefault(fingerprint);

    public Certified<VerifiedDevice> Device(DeviceId device) => Find(_devices, device.Value,
        static (chain, anchor) => PathValidator.ValidateRecordedDevice(chain, anchor), PathValidator.FaultOfDevice, static (path, lists) => path.HistoryBy(lists));

    public Certified<VerifiedServer> Server(Hash32 fingerprint) => Find(_servers, fingerprint,
        static (chain, anchor) => PathValidator.ValidateRecordedServer(chain, anchor), PathValidator.FaultOfServer, static (path, lists) => path.HistoryBy(lists));

    /// <summary>Why a device is not certified for the user that an entry names it for (EN-10, EN-13); null if it is.</summary>
    public Reason? Fault(Member member)
    {
        var certified = Device(member.Device);
        return certified.Path is null ? certified.Reason : certified.Path.User != member.User ? Reason.WrongPerson : null;
    }

    VerifiedDevice? IDeviceDirectory.Find(DeviceId device) => Device(device).Path;

    private Certified<T> Find<T>(ConcurrentDictionary<Hash32, Lazy<Certified<T>>> known, Hash32 id, Func<CertificateChain, TrustAnchor, T> validate,
        Func<Certificate, CertificateFault?> faultOf, Func<T, RevocationArchive, CertificateHistory> history) where T : class =>
        known.TryGetValue(id, out var judged) ? judged.Value
        : _certificates.TryGetValue(id, out var leaf) ? known.GetOrAdd(id, new Lazy<Certified<T>>(() => Judge(leaf, validate, faultOf, history))).Value
        : Certified<T>.NotThere;

    private Certified<T> Judge<T>(Certificate leaf, Func<CertificateChain, TrustAnchor, T> validate, Func<Certificate, CertificateFault?> faultOf,
        Func<T, RevocationArchive, CertificateHistory> history) where T : class
    {
        CertificateFault? fault = null;
        Certified<T>? best = null;
        foreach (var chain in Chains(leaf)) // all of them: a CA's certificate that was renewed leads to the root twice
        {
            try
            {
                var path = validate(chain, _anchor);
                best = Better(best, new(path, history(path, _revocations), null));
                if (chain.Certificates.Count > 1)
                    _issuers[chain.Certificates[1].Fingerprint] = true;
            }
            catch (CertificateRefusedException e)
            {
                fault ??= e.Fault;
            }
        }
        return best ?? new(null, null, CanBeJudged(leaf) ? fault : faultOf(leaf));
    }

    // A path is refused if all of it is there. Without the root, or the CA that has issued the leaf, nothing is known but what the leaf breaks
    // by itself. A CA above a certificate that is not trusted is not one that nobody needs.
    private bool CanBeJudged(Certificate leaf)
    {
        var issuers = Issuers(leaf).Where(leaf.NamesAsIssuer).ToList();
        foreach (var issuer in issuers)
            _issuers[issuer.Fingerprint] = true;
        return (_root is not null || _isOther)
            && (issuers.Count > 0 || leaf.Issuer.Equals(leaf.Subject) || (_root is not null && leaf.NamesAsIssuer(_root)));
    }

    // Under the CA's certificate that a leaf was issued under, all of the leaf's time counts; under one that renewed it, or that it renewed, a part.
    private static Certified<T> Better<T>(Certified<T>? one, Certified<T> other) where T : class => one is null || IsBetter(other.History!, one.History!) ? other : one;

    private static bool IsBetter(CertificateHistory one, CertificateHistory other)
    {
        var (span, than) = (one.ValidUntil - one.ValidFrom, other.ValidUntil - other.ValidFrom);
        return span > than || (span == than && (one.RevokedAt ?? DateTimeOffset.MaxValue) > (other.RevokedAt ?? DateTimeOffset.MaxValue));
    }

    // Leaf and root, or with one issuing CA between them (CE-01). A root of which only the fingerprint is named is in the bundle.
    private IEnumerable<CertificateChain> Chains(Certificate leaf)
    {
        Certificate[] root = _certificates.TryGetValue(_anchor.Fingerprint, out var found) ? [found] : [];
        foreach (var issuer in Issuers(leaf))
            yield return new CertificateChain([leaf, issuer, .. root]);
        yield return new CertificateChain([leaf, .. root]);
    }

    private IEnumerable<Certificate> Issuers(Certificate leaf) =>
        _bySubject.GetValueOrDefault(leaf.Issuer, []).Where(c => c.Fingerprint != leaf.Fingerprint).Take(MaxIssuers);
}
