using Countersign.Cryptography;

namespace Countersign.Authority;

/// <summary>Authorities come from a directory: made, certified, opened. A directory never changes its key.</summary>
/// <remarks>The directory is 0700 and holds ca.key (0600, encrypted), ca.crt (also those that it renewed), root.crt, ca.csr (issuing CAs),
/// journal.jsonl (everything ever done, and the lock), ca.crl (the newest list) and root.crl (the root's list, for issuing CAs).</remarks>
public static class AuthorityStore
{
    /// <summary>RSA modulus of a CA's key in bits.</summary>
    public const int DefaultKeyBits = 3072;

    /// <summary>Whether an authority was made in the directory, certified or not.</summary>
    public static bool IsThere(string directory) => File.Exists(new AuthorityDirectory(directory).Key);

    /// <summary>Whether the authority of the directory has a certificate: it can be opened.</summary>
    public static bool IsInstalled(string directory) => new AuthorityDirectory(directory) is var files && File.Exists(files.Key) && File.Exists(files.Certificate);

    /// <summary>Makes a root in a new directory and its first, empty, revocation list. What was interrupted is made anew by the same call.</summary>
    /// <exception cref="AuthorityException">The directory holds an authority already.</exception>
    public static CertificateAuthority CreateRoot(string directory, string commonName, ReadOnlySpan<char> passphrase, TimeProvider clock,
        int keyBits = DefaultKeyBits, TimeSpan? lifetime = null)
    {
        var template = CertificateTemplate.Authority(commonName);
        var files = new AuthorityDirectory(directory);
        CertificateAuthority? authority = null;
        try
        {
            files.Make(keyBits, passphrase, key =>
            {
                var root = CertificateWriter.WriteRoot(template, key, SerialNumber.Random(), Validity.Starting(WholeSeconds(clock), lifetime ?? Lifetimes.Root));
                OwnerOnly.Create(files.Root, root.ToPem());
                OwnerOnly.Create(files.Certificate, root.ToPem());
                authority = Open(files, key, clock);
                authority.MakeRevocationList();
            });
            return authority!;
        }
        catch
        {
            authority?.Dispose();
            throw;
        }
    }

    /// <summary>A root that lasts as long as the process. The authority owns <paramref name="key"/>.</summary>
    public static CertificateAuthority CreateRootInMemory(string commonName, SigningKey key, TimeProvider clock)
    {
        var root = CertificateWriter.WriteRoot(CertificateTemplate.Authority(commonName), key, SerialNumber.Random(),
            Validity.Starting(WholeSeconds(clock), Lifetimes.Root));
        return new CertificateAuthority([root], root, key, new MemoryJournal(), clock, null, static _ => { });
    }

    /// <summary>An issuing CA that lasts as long as the process, certified by <paramref name="root"/>. It owns <paramref name="key"/>.</summary>
    public static CertificateAuthority CreateIssuingInMemory(
        string commonName, SigningKey key, CertificateAuthority root, TimeProvider clock, RevocationListRoom? room = null)
    {
        var certificate = root.IssueAuthority(commonName, CertificationRequest.Create(key));
        return new CertificateAuthority([certificate], root.Certificate, key, new MemoryJournal(), clock, null, static _ => { }, room);
    }

    /// <summary>Makes the key of an issuing CA in a new directory, and the request that its root is to certify (also in ca.csr). What was
    /// interrupted is made anew by the same call.</summary>
    /// <exception cref="AuthorityException">The directory holds an authority already.</exception>
    public static CertificationRequest CreateRequest(string directory, ReadOnlySpan<char> passphrase, int keyBits = DefaultKeyBits)
    {
        var files = new AuthorityDirectory(directory);
        CertificationRequest? request = null;
        using var key = files.Make(keyBits, passphrase, key =>
        {
            request = CertificationRequest.Create(key);
            OwnerOnly.Create(files.Request, request.ToPem());
        });
        return request!;
    }

    /// <summary>The request that was made with the key of an issuing CA.</summary>
    /// <exception cref="AuthorityException">NotInitialised, or damaged.</exception>
    public static CertificationRequest ReadRequest(string directory)
    {
        var files = new AuthorityDirectory(directory);
        return File.Exists(files.Key) && File.Exists(files.Request)
            ? AuthorityDirectory.ReadRequest(files.Request)
            : throw new AuthorityException(AuthorityFault.NotInitialised, files.Path);
    }

    /// <summary>Puts the certificate that the root made from the request into place, with the root's certificate and list. Again with the
    /// same certificate it puts a newer list into place, as is due every year, also one that revokes this certificate. One that the root has made
    /// of the same request since, with the same name and a later end, renews the one that is there, which is kept for what was issued under
    /// it. An authority that is open takes it over when it is opened again.</summary>
    /// <param name="directory">Where the request was made.</param>
    /// <param name="issuing">The certificate.</param>
    /// <param name="root">That signed it.</param>
    /// <param name="rootList">A list of the root.</param>
    /// <param name="clock">For judging both.</param>
    /// <param name="listDirectory">The authority in whose directory the root's list is kept; this one's own unless given.</param>
    /// <returns>The root's list that is in place now: the given one, or the one that was there if its number is higher (CE-10).</returns>
    /// <exception cref="CertificateRefusedException">Not a valid issuing CA's certificate under this root.</exception>
    /// <exception cref="AuthorityException">For another key, or one is installed already that this one does not renew, or one under another
    /// root: nothing was changed.</exception>
    public static CertificateRevocationList Install(
        string directory, Certificate issuing, Certificate root, CertificateRevocationList rootList, TimeProvider clock, string? listDirectory = null)
    {
        var files = new AuthorityDirectory(directory);
        var parentList = new AuthorityDirectory(listDirectory ?? directory).ParentList;
        var request = ReadRequest(directory);
        IReadOnlyList<Certificate> own = File.Exists(files.Certificate) ? AuthorityDirectory.ReadCertificates(files.Certificate) : [];
        if (own.Count > 0 && own[0].Equals(issuing))
            return KeepNewest(files, root, rootList, parentList, clock.GetUtcNow());
        var revocations = new RevocationSet(ReadableList(parentList) is { } installed ? [rootList, installed] : [rootList]);
        PathValidator.ValidateAuthority(issuing, TrustAnchor.FromCertificate(root), revocations, clock.GetUtcNow());
        if (!request.Key.Equals(issuing.PublicKey))
            throw new AuthorityException(AuthorityFault.OtherKey, files.Path);
        rootList.Verify(root); // also if it was not the one that counted
        var newest = revocations.Lists.Single();
        var hasRoot = HoldsRoot(files, root);
        var isRenewal = own.Count > 0;
        if (isRenewal)
            RequireRenewal(issuing, own[0], files);
        if (newest == rootList)
            OwnerOnly.Replace(parentList, rootList.ToPem());
        if (!hasRoot)
            OwnerOnly.Create(files.Root, root.ToPem());
        if (isRenewal)
            OwnerOnly.Replace(files.Certificate, string.Concat(own.Prepend(issuing).Select(static certificate => certificate.ToPem())));
        else
            OwnerOnly.Create(files.Certificate, issuing.ToPem()); // last: its presence says that all is there
        return newest;
    }

    // The certificate was judged when it was installed. A list that revokes it is the one that whoever trusts it has to have.
    private static CertificateRevocationList KeepNewest(AuthorityDirectory files, Certificate root, CertificateRevocationList list, string file, DateTimeOffset now)
    {
        HoldsRoot(files, root);
        list.Verify(root);
        if (now < list.ThisUpdate || now > list.NextUpdate)
            throw new CertificateRefusedException(CertificateFault.RevocationStale);
        if (ReadableList(file) is { } there && there.Number >= list.Number && there.IsGenuine(root)) // one that does not verify is as if it were not there (CE-10)
            return there;
        OwnerOnly.Replace(file, list.ToPem());
        return list;
    }

    private static bool HoldsRoot(AuthorityDirectory files, Certificate root) => File.Exists(files.Root) && (AuthorityDirectory.ReadCertificate(files.Root).Equals(root)
        ? true
        : throw new AuthorityException(AuthorityFault.AlreadyInitialised, files.Root));

    // The key is the same, and so is the root: with the same name, everything that was issued leads to the root by either.
    private static void RequireRenewal(Certificate issuing, Certificate installed, AuthorityDirectory files)
    {
        if (!issuing.Subject.Equals(installed.Subject) || issuing.NotAfter <= installed.NotAfter)
            throw new AuthorityException(AuthorityFault.NotItsRenewal, files.Certificate);
    }

    /// <summary>Opens an authority.</summary>
    /// <exception cref="AuthorityException">Not initialised or installed, locked, wrong passphrase, damaged.</exception>
    public static CertificateAuthority Open(string directory, ReadOnlySpan<char> passphrase, TimeProvider clock)
    {
        var files = new AuthorityDirectory(directory);
        files.RequireInstalled();
        return Open(files, KeyFile.Read(files.Key, passphrase), clock);
    }

    /// <summary>The newest list made here, without the passphrase.</summary>
    /// <exception cref="AuthorityException">Damaged, or none yet.</exception>
    public static CertificateRevocationList ReadRevocationList(string directory)
    {
        var files = new AuthorityDirectory(directory);
        return File.Exists(files.List) ? AuthorityDirectory.ReadList(files.List) : throw new AuthorityException(AuthorityFault.NotFound, files.List);
    }

    private static CertificateAuthority Open(AuthorityDirectory files, SigningKey key, TimeProvider clock)
    {
        FileJournal? journal = null;
        try
        {
            var certificates = AuthorityDirectory.ReadCertificates(files.Certificate);
            if (certificates.Any(certificate => !certificate.PublicKey.Equals(key.PublicKey)))
                throw new AuthorityException(AuthorityFault.OtherKey, files.Path);
            journal = FileJournal.Open(files.Journal);
            return new CertificateAuthority(certificates, AuthorityDirectory.ReadCertificate(files.Root), key, journal, clock,
                ReadableList(files.List), list => OwnerOnly.Replace(files.List, list.ToPem()));
        }
        catch
        {
            journal?.Dispose();
            key.Dispose();
            throw;
        }
    }

    // One that cannot be read names nobody: then the next one is due.
    internal static CertificateRevocationList? ReadableList(string path)
    {
        try
        {
            return File.Exists(path) ? AuthorityDirectory.ReadList(path) : null;
        }
        catch (Exception e) when (e is AuthorityException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static DateTimeOffset WholeSeconds(TimeProvider clock) => DateTimeOffset.FromUnixTimeSeconds(clock.GetUtcNow().ToUnixTimeSeconds());
}
