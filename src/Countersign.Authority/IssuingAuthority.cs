using Countersign.Cryptography;

namespace Countersign.Authority;

/// <summary>What a running server enrols devices with: authorities that are kept open, the newest of which certifies, the root above
/// them, and revocation lists that never run out while the server runs.</summary>
/// <remarks>Thread-safe. Owns the authorities.</remarks>
public sealed class IssuingAuthority : IDisposable
{
    private readonly Lock _gate = new();
    private readonly IReadOnlyList<Listed> _authorities; // the oldest first
    private readonly TimeProvider _clock;
    private readonly Action<CertificateRevocationList> _keepParentList;
    private CertificateRevocationList? _parentList;

    /// <param name="authority">A root, or an issuing CA.</param>
    /// <param name="parentList">The root's list if the authority is an issuing CA; null for a root.</param>
    /// <param name="clock">Decides when a list is due.</param>
    public IssuingAuthority(CertificateAuthority authority, CertificateRevocationList? parentList, TimeProvider clock)
        : this([authority], parentList, clock) { }

    /// <param name="authorities">A root alone, or issuing CAs of one root, the oldest first: the last one certifies, the others revoke what
    /// they certified.</param>
    /// <param name="parentList">The root's list above issuing CAs; null for a root.</param>
    /// <param name="clock">Decides when a list is due.</param>
    public IssuingAuthority(IReadOnlyList<CertificateAuthority> authorities, CertificateRevocationList? parentList, TimeProvider clock)
        : this(authorities, parentList, clock, static _ => { }) { }

    private IssuingAuthority(IReadOnlyList<CertificateAuthority> authorities, CertificateRevocationList? parentList, TimeProvider clock,
        Action<CertificateRevocationList> keepParentList)
    {
        if (authorities.Any(authority => authority.IsRoot != parentList is null))
            throw new ArgumentException("An issuing CA has a root's list above it, a root has none.", nameof(parentList));
        if (authorities.Any(authority => !authority.Root.Equals(authorities[0].Root)))
            throw new ArgumentException("Of different roots.", nameof(authorities));
        _parentList = parentList;
        _clock = clock;
        _keepParentList = keepParentList;
        _authorities = [.. authorities.Select(static authority => new Listed(authority))];
    }

    /// <summary>Opens the authority of a directory, with the root's list if it is an issuing CA.</summary>
    /// <exception cref="AuthorityException">As for opening the authority alone, or its root.crl is damaged.</exception>
    public static IssuingAuthority Open(string directory, ReadOnlySpan<char> passphrase, TimeProvider clock) => Open([directory], passphrase, clock);

    /// <summary>Opens the authorities of several directories.</summary>
    /// <param name="directories">A root's, or those of issuing CAs of one root, the oldest first. The root's list is in the first.</param>
    /// <param name="passphrase">Opens every key.</param>
    /// <param name="clock">For all times.</param>
    /// <exception cref="AuthorityException">As for opening an authority alone, or root.crl is damaged, or they are of different roots.</exception>
    public static IssuingAuthority Open(IReadOnlyList<string> directories, ReadOnlySpan<char> passphrase, TimeProvider clock)
    {
        var opened = new List<CertificateAuthority>();
        try
        {
            foreach (var directory in directories)
            {
                opened.Add(AuthorityStore.Open(directory, passphrase, clock));
                if (!opened[^1].Root.Equals(opened[0].Root))
                    throw new AuthorityException(AuthorityFault.Damaged, new AuthorityDirectory(directory).Root);
            }
            var file = new AuthorityDirectory(directories[0]).ParentList;
            return new IssuingAuthority(opened, opened[0].IsRoot ? null : AuthorityDirectory.ReadList(file), clock, list => Keep(file, list, opened[0].Root));
        }
        catch
        {
            foreach (var authority in opened)
                authority.Dispose();
            throw;
        }
    }

    // A newer one may have been installed since: this process does not have the file for itself (CE-10).
    private static void Keep(string file, CertificateRevocationList list, Certificate root)
    {
        if (AuthorityStore.ReadableList(file) is not { } there || there.Number < list.Number || !there.IsGenuine(root))
            OwnerOnly.Replace(file, list.ToPem());
    }

    public Certificate Root => Current.Root;

    private CertificateAuthority Current => _authorities[^1].Authority;

    /// <summary>Everything issued here, by each authority the oldest first.</summary>
    public IReadOnlyList<IssuedCertificate> List() => [.. _authorities.SelectMany(static listed => listed.Authority.List())];

    /// <summary>Whether the authority that certifies now has issued this certificate; false if a former one has.</summary>
    public bool IsOfCurrent(Certificate certificate) => Current.HasIssued(certificate);

    /// <summary>Whether the certificate says that an authority here has issued it.</summary>
    public bool IsNamedUnder(Certificate certificate) => _authorities.Any(listed => certificate.IsNamedUnder(listed.Authority.Certificate));

    /// <summary>The object that is kept of a certificate issued here, or of one of the authorities' own; the given one for any other.</summary>
    public Certificate Kept(Certificate certificate) =>
        _authorities.SelectMany(static listed => listed.Authority.Certificates).FirstOrDefault(certificate.Equals)
        ?? Issuer(certificate)?.Authority.Find(certificate.Serial)?.Certificate
        ?? certificate;

    /// <summary>Certifies a device of a user; the chain is leaf first, without the root.</summary>
    public CertificateChain IssueDevice(UserName user, CertificationRequest request, TimeSpan? lifetime = null) =>
        ChainOf(Current.IssueDevice(user, request, lifetime));

    /// <summary>Certifies a server under its names; the chain is leaf first, without the root.</summary>
    public CertificateChain IssueServer(IReadOnlyList<ServerName> names, CertificationRequest request, TimeSpan? lifetime = null) =>
        ChainOf(Current.IssueServer(names, request, lifetime));

    /// <inheritdoc cref="CertificateAuthority.IssueTimeStampAuthority"/>
    public CertificateChain IssueTimeStampAuthority(string commonName, CertificationRequest request, TimeSpan? lifetime = null) =>
        ChainOf(Current.IssueTimeStampAuthority(commonName, request, lifetime));

    /// <summary>The chain of a certificate issued here, without the root.</summary>
    public CertificateChain ChainOf(Certificate leaf)
    {
        var issuer = Issuer(leaf)?.Authority ?? Current;
        return issuer.IsRoot ? new([leaf]) : new([leaf, issuer.Above(leaf)]);
    }

    /// <summary>Whether the certificate is on record here. One that has the signature of one of these authorities, which have no record of it,
    /// is taken into its records (CE-16).</summary>
    public bool Knows(VerifiedDevice device) => Issuer(device.Leaf) is not null || _authorities.Any(listed => listed.Authority.TakeIn(device));

    /// <summary>The same of a server's certificate.</summary>
    public bool Knows(VerifiedServer server) => Issuer(server.Leaf) is not null || _authorities.Any(listed => listed.Authority.TakeIn(server));

    /// <summary>The chains, without the root, under the authorities here that the certificate names as its issuer: which of them has signed it,
    /// a validation says.</summary>
    public IEnumerable<CertificateChain> ChainsNamedBy(Certificate leaf) => _authorities.SelectMany(static listed => listed.Authority.Certificates)
        .Where(leaf.IsNamedUnder).Select(own => new CertificateChain(own.Equals(Root) ? [leaf] : [leaf, own]));

    /// <summary>What the authority that issued the certificate has on record against it; null if nothing is, or it was not issued here.</summary>
    public RevocationEntry? RevocationOf(Certificate certificate) => Issuer(certificate)?.Authority.Find(certificate.Serial)?.Revocation;

    /// <summary>Revokes a certificate by the authority that issued it, and makes the list that says so.</summary>
    /// <param name="certificate">Issued here.</param>
    /// <param name="grounds">What stands against its key.</param>
    /// <param name="at">When that was done, if it was done before and may not be on record (CE-16); now unless given.</param>
    /// <inheritdoc cref="CertificateAuthority.Revoke" path="/exception"/>
    /// <remarks>When it returns, <see cref="RevocationLists"/> say it.</remarks>
    public void Revoke(Certificate certificate, RevocationGrounds grounds, DateTimeOffset? at = null)
    {
        lock (_gate)
        {
            var issuer = Issuer(certificate) ?? throw new AuthorityException(AuthorityFault.NotFound);
            issuer.List = issuer.Authority.Revoke(certificate.Serial, grounds, at);
        }
    }

    /// <summary>The current lists of all CAs above a leaf issued here: those of the authorities, the one that certifies first, then the root's
    /// if there is one above. A list past half of its life, or one that does not name all that is revoked, is made anew first.</summary>
    /// <exception cref="IOException">A new list could not be written: it stays due.</exception>
    public IReadOnlyList<CertificateRevocationList> RevocationLists()
    {
        lock (_gate)
        {
            foreach (var listed in _authorities)
                if (listed.Authority.IsListDue || _clock.GetUtcNow() >= listed.List.ThisUpdate + ((listed.List.NextUpdate - listed.List.ThisUpdate) / 2))
                    listed.List = listed.Authority.MakeRevocationList();
            var lists = _authorities.Reverse().Select(static listed => listed.List);
            return [.. _parentList is null ? lists : lists.Append(_parentList)];
        }
    }

    /// <summary>Takes a newer list of the root, and keeps it in the directory; a list of a lower number changes nothing (CE-10).</summary>
    /// <exception cref="CertificateRefusedException">Not a list of the root.</exception>
    public void UpdateParentList(CertificateRevocationList list)
    {
        lock (_gate)
        {
            if (_parentList is null)
                throw new InvalidOperationException("A root has no list above its own.");
            list.Verify(Root);
            if (list.Number <= _parentList.Number)
                return;
            _keepParentList(list);
            _parentList = list;
        }
    }

    // By the certificate: two authorities may have used one serial number.
    private Listed? Issuer(Certificate certificate) => _authorities.FirstOrDefault(listed => listed.Authority.HasIssued(certificate));

    public void Dispose()
    {
        foreach (var listed in _authorities)
            listed.Authority.Dispose();
    }

    /// <summary>An authority and its newest list.</summary>
    private sealed class Listed(CertificateAuthority authority)
    {
        public CertificateAuthority Authority { get; } = authority;

        public CertificateRevocationList List { get; set; } = authority.MakeRevocationList();
    }
}
