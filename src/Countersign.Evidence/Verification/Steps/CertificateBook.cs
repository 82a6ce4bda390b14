using System.Collections.Concurrent;
using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>A certificate of the bundle, judged apart from time: the path, or why there is none.</summary>
/// <param name="Path">Null if it is refused or not there.</param>
/// <param name="History">What the lists say of it over time; null without a path.</param>
/// <param name="Fault">Why it is refused; null if it is not there at all.</param>
internal sealed record Certified<T>(T? Path, CertificateHistory? History, CertificateFault? Fault) where T : class
{
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
    private readonly ConcurrentDictionary<Hash32, Lazy<Certified<VerifiedDevice>>> _devices = new();
    private readonly ConcurrentDictionary<Hash32, Lazy<Certified<VerifiedServer>>> _servers = new();
    private readonly ConcurrentDictionary<Hash32, bool> _issuers = new();

    public CertificateBook(TrustAnchor anchor, IEnumerable<Certificate> certificates, IEnumerable<CertificateRevocationList> lists)
    {
        _anchor = anchor;
        _certificates = certificates.ToDictionary(static c => c.Fingerprint);
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

    public Certified<VerifiedDevice> Device(DeviceId device) => _devices.GetOrAdd(device.Value, static (id, book) => new(() =>
        book.Judge(id, static (chain, anchor) => PathValidator.ValidateRecordedDevice(chain, anchor), static (path, lists) => path.HistoryBy(lists))), this).Value;

    public Certified<VerifiedServer> Server(Hash32 fingerprint) => _servers.GetOrAdd(fingerprint, static (id, book) => new(() =>
        book.Judge(id, static (chain, anchor) => PathValidator.ValidateRecordedServer(chain, anchor), static (path, lists) => path.HistoryBy(lists))), this).Value;

    VerifiedDevice? IDeviceDirectory.Find(DeviceId device) => Device(device).Path;

    private Certified<T> Judge<T>(Hash32 id, Func<CertificateChain, TrustAnchor, T> validate, Func<T, RevocationArchive, CertificateHistory> history)
        where T : class
    {
        if (!_certificates.TryGetValue(id, out var leaf))
            return new(null, null, null);
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
        var issuers = _certificates.Values.Where(c => c.Subject.Equals(leaf.Issuer) && c.Fingerprint != _anchor.Fingerprint && c.Fingerprint != leaf.Fingerprint)
            .OrderBy(static c => c.Fingerprint).Take(MaxIssuers);
        foreach (var issuer in issuers)
            yield return new CertificateChain([leaf, issuer, .. root]);
        yield return new CertificateChain([leaf, .. root]);
    }
}
