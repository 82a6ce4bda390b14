using Countersign.Cryptography;

namespace Countersign.Authority;

/// <summary>A certificate authority: the root, or an issuing CA below it. It issues for proved keys only (CE-14), never uses a
/// serial number twice, and records durably before it hands anything out.</summary>
/// <remarks>Thread-safe. Owns its private key until disposed. One process at a time has it open.</remarks>
public sealed class CertificateAuthority : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SigningKey _key;
    private readonly IAuthorityJournal _journal;
    private readonly AuthorityState _state = new();
    private readonly TimeProvider _clock;
    private readonly Action<CertificateRevocationList> _publish;
    private readonly RevocationListRoom _room;

    // What is recorded of them no published list says: what is revoked is so for others when a list says it.
    private readonly HashSet<SerialNumber> _unlisted;

    // Recorded and signed, and could not be published. It is offered again: a retry that made another would use up one more number.
    private CertificateRevocationList? _unpublished;

    /// <param name="certificates">The authority's own, and after it those that it renewed, of the same key.</param>
    /// <param name="root">The root above it, or itself.</param>
    /// <param name="key">Of <paramref name="certificates"/>; owned.</param>
    /// <param name="journal">What was done before; owned.</param>
    /// <param name="clock">For all times.</param>
    /// <param name="published">The newest list that was published; null if there is none, or none that can be read.</param>
    /// <param name="publish">Puts a new list in its place, durably.</param>
    /// <param name="room">Of its lists.</param>
    internal CertificateAuthority(IReadOnlyList<Certificate> certificates, Certificate root, SigningKey key, IAuthorityJournal journal, TimeProvider clock,
        CertificateRevocationList? published, Action<CertificateRevocationList> publish, RevocationListRoom? room = null)
    {
        _room = room ?? RevocationListRoom.Default;
        Certificates = certificates;
        Root = root;
        _key = key;
        _journal = journal;
        _clock = clock;
        _publish = publish;
        foreach (var record in journal.Load())
            _state.Apply(record);
        _unlisted = [.. _state.Revoked.Where(entry => !IsStatedBy(published, entry)).Select(static entry => entry.Serial)];
    }

    /// <summary>The authority's own certificate.</summary>
    public Certificate Certificate => Certificates[0];

    /// <summary>The authority's own, and after it those that it renewed.</summary>
    internal IReadOnlyList<Certificate> Certificates { get; }

    /// <summary>The authority's certificate that a leaf issued here is shown with: one within whose time all of the leaf's own lies, as it
    /// did when the leaf was issued; the present one if it is that.</summary>
    internal Certificate Above(Certificate leaf) =>
        Certificates.FirstOrDefault(own => own.NotBefore <= leaf.NotBefore && leaf.NotAfter <= own.NotAfter) ?? Certificate;

    /// <summary>The root above it, or itself.</summary>
    public Certificate Root { get; }

    public bool IsRoot => Certificate.Equals(Root);

    /// <summary>Whether something is recorded of a revocation that no published list says: the list that was to say it could not be written.</summary>
    public bool IsListDue
    {
        get
        {
            lock (_gate)
                return _unlisted.Count > 0;
        }
    }

    /// <summary>The newest certificate of an issuing CA that was issued here for this key; null if none was.</summary>
    public IssuedCertificate? FindAuthority(VerificationKey key) =>
        List().LastOrDefault(issued => issued.Kind == CertificateKind.Authority && issued.Certificate.PublicKey.Equals(key));

    /// <summary>Whether it is time for another certificate in the place of this one that was issued here: half of its time is over, and
    /// another one can end later.</summary>
    public bool IsRenewalDue(Certificate issued) =>
        Now >= issued.NotBefore + ((issued.NotAfter - issued.NotBefore) / 2) && issued.NotAfter < Certificate.NotAfter;

    /// <summary>Everything issued here, in the order of the records: oldest first, but for what was taken in later (CE-16).</summary>
    public IReadOnlyList<IssuedCertificate> List()
    {
        lock (_gate)
            return _state.All;
    }

    /// <summary>The certificate with this serial number, or null.</summary>
    public IssuedCertificate? Find(SerialNumber serial)
    {
        lock (_gate)
            return _state.Find(serial);
    }

    /// <summary>Whether this very certificate was issued here: another CA may have used its serial number.</summary>
    public bool HasIssued(Certificate certificate) => certificate.Equals(Find(certificate.Serial)?.Certificate);

    /// <summary>Certifies an issuing CA: it may issue leaves and no further CA (path length 0).</summary>
    /// <exception cref="AuthorityException">This is not the root.</exception>
    public Certificate IssueAuthority(string commonName, CertificationRequest request, TimeSpan? lifetime = null)
    {
        if (!IsRoot)
            throw new AuthorityException(AuthorityFault.NotTheRoot);
        return Issue(CertificateTemplate.Authority(commonName), request, lifetime);
    }

    /// <summary>Certifies a server under all its names; the first is also its commonName.</summary>
    public Certificate IssueServer(IReadOnlyList<ServerName> names, CertificationRequest request, TimeSpan? lifetime = null) =>
        Issue(CertificateTemplate.Server(names), request, lifetime);

    /// <summary>Certifies a device of a user.</summary>
    public Certificate IssueDevice(UserName user, CertificationRequest request, TimeSpan? lifetime = null) =>
        Issue(CertificateTemplate.Device(user), request, lifetime);

    /// <summary>Certifies a time-stamp authority; the name is for people to read.</summary>
    public Certificate IssueTimeStampAuthority(string commonName, CertificationRequest request, TimeSpan? lifetime = null) =>
        Issue(CertificateTemplate.TimeStampAuthority(commonName), request, lifetime);

    /// <summary>Issues anew what a certificate said, for the key of the request: the same one or its successor. The old
    /// certificate stays valid until it expires or is revoked.</summary>
    /// <exception cref="AuthorityException">Not found, or revoked.</exception>
    public Certificate Renew(SerialNumber serial, CertificationRequest request, TimeSpan? lifetime = null)
    {
        var issued = Find(serial) ?? throw new AuthorityException(AuthorityFault.NotFound);
        if (issued.Revocation is not null)
            throw new AuthorityException(AuthorityFault.Revoked);
        return Issue(new CertificateTemplate(issued.Kind, issued.Names), request, lifetime);
    }

    private Certificate Issue(CertificateTemplate template, CertificationRequest request, TimeSpan? lifetime)
    {
        lock (_gate)
        {
            var now = Now;
            if (now < Certificate.NotBefore || now > Certificate.NotAfter)
                throw new AuthorityException(AuthorityFault.Expired);
            if (template.Kind == CertificateKind.Device)
                RequireListRoom(_room.FullForDevices);
            var validity = Validity.Starting(now, lifetime ?? template.DefaultLifetime).Within(Certificate);
            var certificate = CertificateWriter.Write(template, request.Key, Certificate, _key, _state.FreshSerial(), validity);
            Record(new AuthorityRecord.Issued(now, template.Kind, template.Names, certificate.Der.ToArray()));
            return certificate;
        }
    }

    /// <summary>Takes a device's certificate that has this authority's signature into its records, if it has none of it: the records may be
    /// an older copy (CE-16).</summary>
    /// <returns>Whether it is on record now; not if another authority has issued it.</returns>
    internal bool TakeIn(VerifiedDevice device) => TakeIn(device.Leaf, device.Issuer, CertificateKind.Device, [device.User.ToString()]);

    /// <summary>The same for a server's certificate.</summary>
    internal bool TakeIn(VerifiedServer server) =>
        TakeIn(server.Leaf, server.Issuer, CertificateKind.Server, [.. server.Names.Select(static name => name.ToString())]);

    private bool TakeIn(Certificate leaf, Certificate issuer, CertificateKind kind, IReadOnlyList<string> names)
    {
        lock (_gate)
        {
            if (!Certificates.Any(own => own.Subject.Equals(issuer.Subject) && own.PublicKey.Equals(issuer.PublicKey)))
                return false;
            if (_state.Find(leaf.Serial) is { } known)
                return known.Certificate.Equals(leaf);
            Record(new AuthorityRecord.Issued(leaf.NotBefore, kind, names, leaf.Der.ToArray()));
            return true;
        }
    }

    /// <summary>Revokes a certificate and makes the revocation list that says so. One that is revoked stays so from its first revocation on,
    /// and more can be said against its key: a worse reason, an earlier time (CE-15). If that list cannot be written, the revocation is
    /// recorded and the list due: whoever calls again, with whatever reason, gets the list that says what is recorded.</summary>
    /// <param name="serial">Of a certificate issued here.</param>
    /// <param name="grounds">What stands against its key.</param>
    /// <param name="at">When it was revoked, where that was done before and is not on record (CE-16); now unless given.</param>
    /// <exception cref="AuthorityException">Not found, or revoked already and all of this on a published list, or the list is full.</exception>
    /// <exception cref="IOException">The revocation, or its list, could not be written.</exception>
    public CertificateRevocationList Revoke(SerialNumber serial, RevocationGrounds grounds, DateTimeOffset? at = null)
    {
        lock (_gate)
        {
            var now = Now;
            var issued = _state.Find(serial) ?? throw new AuthorityException(AuthorityFault.NotFound);
            if (issued.Revocation is null)
                RequireListRoom(_room.Entries); // before anything is recorded: a list that cannot be made would end the CA
            var revoked = new AuthorityRecord.Revoked(at < now ? WholeSeconds(at.Value) : now, serial.ToString(), grounds.Reason, grounds.SuspectSince);
            if (issued.Revocation is not { } before || before.Grounds.And(revoked.Grounds) != before.Grounds)
            {
                Record(revoked);
                _unlisted.Add(serial);
            }
            else if (!_unlisted.Contains(serial))
            {
                throw new AuthorityException(AuthorityFault.Revoked);
            }
            return MakeRevocationList();
        }
    }

    /// <summary>Makes the next revocation list, with a number above all that were published. One that was made before and could not be
    /// published is the next one, as long as nothing is missing in it: no number ever stands on two lists.</summary>
    /// <param name="lifetime">Until nextUpdate; 30 days for an issuing CA and a year for a root unless given.</param>
    /// <exception cref="IOException">The list could not be recorded or published: whoever calls again goes on with it.</exception>
    public CertificateRevocationList MakeRevocationList(TimeSpan? lifetime = null)
    {
        lock (_gate)
        {
            var (now, length) = (Now, lifetime ?? (IsRoot ? Lifetimes.RootList : Lifetimes.IssuingList));
            var list = _unpublished is { } made && IsAsGoodAsNew(made, now, length) ? made : SignList(now, length);
            _unpublished = list;
            _publish(list);
            _unpublished = null;
            _unlisted.Clear();
            return list;
        }
    }

    private CertificateRevocationList SignList(DateTimeOffset now, TimeSpan lifetime)
    {
        // CE-16: the journal may be an older copy than what others hold. No list is made within a millisecond: numbers never run ahead of time.
        var number = Math.Max(_state.LastListNumber + 1, _clock.GetUtcNow().ToUnixTimeMilliseconds());
        Record(new AuthorityRecord.ListMade(now, number));
        return RevocationListWriter.Write(Certificate, _key, number, now - Lifetimes.Backdating, now + lifetime, _state.Revoked,
            Certificates.Min(static own => own.NotBefore));
    }

    // All that is revoked, and most of the time that was asked for.
    private bool IsAsGoodAsNew(CertificateRevocationList list, DateTimeOffset now, TimeSpan lifetime) =>
        list.NextUpdate - list.ThisUpdate == lifetime + Lifetimes.Backdating
        && list.ThisUpdate <= now && now < list.ThisUpdate + (lifetime / 2)
        && _unlisted.All(serial => IsStatedBy(list, _state.Find(serial)!.Revocation!));

    private static bool IsStatedBy(CertificateRevocationList? list, RevocationEntry entry) => list?.Find(entry.Serial)?.Grounds == entry.Grounds;

    // LI-06
    private void RequireListRoom(int entries)
    {
        if (_state.Revoked.Count >= entries)
            throw new AuthorityException(AuthorityFault.ListTooLarge);
    }

    private DateTimeOffset Now => WholeSeconds(_clock.GetUtcNow());

    private static DateTimeOffset WholeSeconds(DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerSecond));

    // Durable first, then known: what a caller has seen is on record.
    private void Record(AuthorityRecord record)
    {
        _journal.Append(record);
        _state.Apply(record);
    }

    public void Dispose()
    {
        _journal.Dispose();
        _key.Dispose();
    }
}
