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
    /// <summary>Issuing CAs of one name that are tried: a CA whose certificate or key was renewed has the same name twice.</summary>
    private const int MaxIssuers = 8;

    private readonly TrustAnchor _anchor;
    private readonly RevocationArchive _revocations;
    private readonly Dictionary<Hash32, Certificate> _certificates;
    private readonly Dictionary<DistinguishedName, Certificate[]> _bySubject;
    private readonly ConcurrentDictionary<Hash32, Lazy<Certified<VerifiedDevice>>> _devices = new();
    private readonly ConcurrentDictionary<Hash32, Lazy<Certified<VerifiedServer>>> _servers = new();
    private readonly ConcurrentDictionary<Hash32, bool> _issuers = new();

    public CertificateBook(TrustAnchor anchor, IEnumerable<Certificate> certificates, IEnumerable<CertificateRevocationList> lists)
    {
        _anchor = anchor;
        _certificates = certificates.ToDictionary(static c => c.Fingerprint);
        // One more than are tried, for a leaf is no issuer of its own.
        _bySubject = _certificates.Values.Where(c => c.Fingerprint != anchor.Fingerprint).OrderBy(static c => c.Fingerprint).GroupBy(static c => c.Subject)
            .ToDictionary(static name => name.Key, static name => name.Take(MaxIssuers + 1).ToArray());
        _revocations = new RevocationArchive(lists);
    }

    public TrustAnchor Anchor => _anchor;
    public RevocationArchive Revocations => _revocations;
    public IEnumerable<Certificate> All => _certificates.Values;

    /// <summary>Whether a certificate is there that no signature, list of members or path asked for so far, and that does not lead
    /// to the root either.</summary>
    public bool HasStray()
    {
        var unasked = _certificates.Keys.Where(id => id != _anchor.Fingerprint && !_devices.ContainsKey(id) && !_servers.ContainsKey(id)).ToList();
        return unasked.FindAll(id => Device(new DeviceId(id)).Path is null && Server(id).Path is null).Exists(id => !_issuers.ContainsKey(id));
    }

    public Certificate? Certificate(Hash32 fingerprint) => _certificates.GetValueOrDefault(fingerprint);

    public Certified<VerifiedDevice> Device(DeviceId device) => Find(_devices, device.Value,
        static (chain, anchor) => PathValidator.ValidateRecordedDevice(chain, anchor), static (path, lists) => path.HistoryBy(lists));

    public Certified<VerifiedServer> Server(Hash32 fingerprint) => Find(_servers, fingerprint,
        static (chain, anchor) => PathValidator.ValidateRecordedServer(chain, anchor), static (path, lists) => path.HistoryBy(lists));

    VerifiedDevice? IDeviceDirectory.Find(DeviceId device) => Device(device).Path;

    private Certified<T> Find<T>(ConcurrentDictionary<Hash32, Lazy<Certified<T>>> known, Hash32 id, Func<CertificateChain, TrustAnchor, T> validate,
        Func<T, RevocationArchive, CertificateHistory> history) where T : class =>
        known.TryGetValue(id, out var judged) ? judged.Value
        : _certificates.TryGetValue(id, out var leaf) ? known.GetOrAdd(id, new Lazy<Certified<T>>(() => Judge(leaf, validate, history))).Value
        : Certified<T>.NotThere;

    private Certified<T> Judge<T>(Certificate leaf, Func<CertificateChain, TrustAnchor, T> validate, Func<T, RevocationArchive, CertificateHistory> history)
        where T : class
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
        return best ?? new(null, null, fault);
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
        foreach (var issuer in _bySubject.GetValueOrDefault(leaf.Issuer, []).Where(c => c.Fingerprint != leaf.Fingerprint).Take(MaxIssuers))
            yield return new CertificateChain([leaf, issuer, .. root]);
        yield return new CertificateChain([leaf, .. root]);
    }
}
