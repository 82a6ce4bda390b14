using Countersign.Cryptography;

namespace Countersign.Authority;

/// <summary>What a running server enrols devices with: an authority that is kept open, the chain above it, and revocation lists
/// that never run out while the server runs.</summary>
/// <remarks>Thread-safe. Owns the authority.</remarks>
public sealed class IssuingAuthority : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CertificateAuthority _authority;
    private readonly TimeProvider _clock;
    private readonly Action<CertificateRevocationList> _keepParentList;
    private CertificateRevocationList _list;
    private CertificateRevocationList? _parentList;

    /// <param name="authority">A root, or an issuing CA.</param>
    /// <param name="parentList">The root's list if the authority is an issuing CA; null for a root.</param>
    /// <param name="clock">Decides when a list is due.</param>
    public IssuingAuthority(CertificateAuthority authority, CertificateRevocationList? parentList, TimeProvider clock)
        : this(authority, parentList, clock, static _ => { }) { }

    private IssuingAuthority(CertificateAuthority authority, CertificateRevocationList? parentList, TimeProvider clock,
        Action<CertificateRevocationList> keepParentList)
    {
        if (authority.IsRoot != parentList is null)
            throw new ArgumentException("An issuing CA has a root's list above it, a root has none.", nameof(parentList));
        _authority = authority;
        _parentList = parentList;
        _clock = clock;
        _keepParentList = keepParentList;
        _list = authority.MakeRevocationList();
    }

    /// <summary>Opens the authority of a directory, with the root's list if it is an issuing CA.</summary>
    /// <exception cref="AuthorityException">As for opening the authority alone, or its root.crl is damaged.</exception>
    public static IssuingAuthority Open(string directory, ReadOnlySpan<char> passphrase, TimeProvider clock)
    {
        var authority = AuthorityStore.Open(directory, passphrase, clock);
        try
        {
            var file = new AuthorityDirectory(directory).ParentList;
            return new IssuingAuthority(authority, authority.IsRoot ? null : AuthorityDirectory.ReadList(file), clock,
                list => Keep(file, list));
        }
        catch
        {
            authority.Dispose();
            throw;
        }
    }

    // A newer one may have been installed since: this process does not have the file for itself (CE-10).
    private static void Keep(string file, CertificateRevocationList list)
    {
        if (AuthorityStore.ReadableList(file) is not { } there || there.Number < list.Number)
            OwnerOnly.Replace(file, list.ToPem());
    }

    public Certificate Root => _authority.Root;

    /// <summary>Everything issued here, oldest first.</summary>
    public IReadOnlyList<IssuedCertificate> List() => _authority.List();

    /// <summary>The object that is kept of a certificate issued here, or of one of the authority's own; the given one for any other.</summary>
    public Certificate Kept(Certificate certificate)
    {
        var kept = _authority.Certificates.FirstOrDefault(certificate.Equals) ?? _authority.Find(certificate.Serial)?.Certificate;
        return certificate.Equals(kept) ? kept : certificate; // another authority may have used the same serial number
    }

    /// <summary>Certifies a device of a user; the chain is leaf first, without the root.</summary>
    public CertificateChain IssueDevice(UserName user, CertificationRequest request, TimeSpan? lifetime = null) =>
        ChainOf(_authority.IssueDevice(user, request, lifetime));

    /// <summary>Certifies a server under its names; the chain is leaf first, without the root.</summary>
    public CertificateChain IssueServer(IReadOnlyList<ServerName> names, CertificationRequest request, TimeSpan? lifetime = null) =>
        ChainOf(_authority.IssueServer(names, request, lifetime));

    /// <inheritdoc cref="CertificateAuthority.IssueTimeStampAuthority"/>
    public CertificateChain IssueTimeStampAuthority(string commonName, CertificationRequest request, TimeSpan? lifetime = null) =>
        ChainOf(_authority.IssueTimeStampAuthority(commonName, request, lifetime));

    /// <summary>The chain of a certificate issued here, without the root.</summary>
    public CertificateChain ChainOf(Certificate leaf) => _authority.IsRoot ? new([leaf]) : new([leaf, _authority.Above(leaf)]);

    /// <inheritdoc cref="CertificateAuthority.Revoke"/>
    /// <remarks>When it returns, <see cref="RevocationLists"/> say it.</remarks>
    public void Revoke(SerialNumber serial, RevocationReason reason, DateTimeOffset? suspectSince = null)
    {
        lock (_gate)
            _list = _authority.Revoke(serial, reason, suspectSince);
    }

    /// <summary>The current lists of all CAs above a leaf issued here. A list past half of its life, or one that does not name all that is
    /// revoked, is made anew first.</summary>
    /// <exception cref="IOException">The new list could not be written: it stays due.</exception>
    public IReadOnlyList<CertificateRevocationList> RevocationLists()
    {
        lock (_gate)
        {
            if (_authority.IsListDue || _clock.GetUtcNow() >= _list.ThisUpdate + ((_list.NextUpdate - _list.ThisUpdate) / 2))
                _list = _authority.MakeRevocationList();
            return _parentList is null ? [_list] : [_list, _parentList];
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
            list.Verify(_authority.Root);
            if (list.Number <= _parentList.Number)
                return;
            _keepParentList(list);
            _parentList = list;
        }
    }

    public void Dispose() => _authority.Dispose();
}
