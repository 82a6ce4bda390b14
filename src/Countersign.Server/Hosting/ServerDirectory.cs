using Countersign.Authority;
using Countersign.Cryptography;

namespace Countersign.Server;

/// <summary>The files of one server: its key and certificate, its issuing CAs, and its database.</summary>
/// <remarks>
/// <para>The directory is 0700 and its files 0600. server.key and authority/ca.key are encrypted under one passphrase.
/// server.name is the certified name, server.crt the server's own certificate, server.db the database, server.json the
/// configuration if there is one; misconduct/ holds proofs of it (RC-08); authority/ is what <see cref="AuthorityStore"/> makes, root.crl in it the root's list, timestamps/ what
/// <see cref="TimeStampStore"/> makes. authority.2/ to authority.8/ are those of further issuing CAs, if they were made (LI-09): each is
/// encrypted under the same passphrase, and none is ever renamed or deleted.</para>
/// <para>The root may live anywhere: it signs one request for each issuing CA, the newest of which certifies the server and its
/// users' devices. A former one revokes what it has certified.</para>
/// </remarks>
public sealed class ServerDirectory : IDisposable
{
    /// <summary>A server certificate with less than this left is renewed, for the same key, when the directory is opened; as is one that a former
    /// issuing CA has issued.</summary>
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(30);

    private const string TimeStampName = "Countersign time stamps";

    private readonly ServerFiles _files;

    private readonly Dictionary<Hash32, CertificateChain> _ownChains;

    private ServerDirectory(
        ServerFiles files, ServerName name, SigningKey key, CertificateChain chain, IssuingAuthority authority, TimeStampAuthority? timeStamps)
    {
        (_files, Name, Key, Chain, Authority, TimeStamps) = (files, name, key, chain, authority, timeStamps);
        _ownChains = authority.List().Where(static issued => issued.Kind == CertificateKind.Server)
            .ToDictionary(static issued => issued.Certificate.Fingerprint, issued => authority.ChainOf(issued.Certificate));
    }

    /// <summary>What the server is certified as, and what clients are told to expect.</summary>
    public ServerName Name { get; }

    /// <summary>The trust anchor of the server and all its users.</summary>
    public Certificate Root => Authority.Root;

    /// <summary>The server's certificate and its issuing CA's.</summary>
    public CertificateChain Chain { get; }

    /// <summary>The chain of a certificate that this server has or had; null for any other.</summary>
    internal CertificateChain? OwnChain(Hash32 certificate) => _ownChains.GetValueOrDefault(certificate);

    /// <summary>Those of all of them.</summary>
    internal IReadOnlyCollection<CertificateChain> OwnChains => _ownChains.Values;

    /// <summary>Takes a certificate that the server had, as the store has kept it, into what <see cref="OwnChain"/> knows, and into the records of
    /// its CA (CE-16). For before anybody asks.</summary>
    /// <returns>False: it is none of this server's.</returns>
    internal bool TakeIn(CertificateChain own)
    {
        if (FindOwn([own], Name, Root) is not { } server)
            return false;
        _ownChains[server.Leaf.Fingerprint] = Authority.Knows(server) ? Authority.ChainOf(server.Leaf) : own; // its CA may be missing here
        return true;
    }

    /// <summary>Certifies devices, and knows the revocation lists.</summary>
    public IssuingAuthority Authority { get; }

    /// <summary>Full path of the database.</summary>
    public string Database => _files.Database;

    /// <summary>Full path of the root's revocation list: an operator replaces the file, the running server takes it over.</summary>
    public string RootList => _files.RootList;

    /// <summary>Full path of the directory in which proofs of misconduct are kept (RC-08); it may not be there yet.</summary>
    internal string Misconduct => _files.Misconduct;

    internal ServerFiles Files => _files;

    internal SigningKey Key { get; }

    /// <summary>The server's own time-stamp authority, if it was asked for.</summary>
    internal TimeStampAuthority? TimeStamps { get; }

    /// <summary>Makes a server's directory with its keys, and the request that the root is to certify (also in authority/ca.csr). What was
    /// interrupted is made anew by the same call: server.key has its name when everything else is there.</summary>
    /// <param name="path">The directory; it may be there, and hold other files.</param>
    /// <param name="name">What the server will be certified as.</param>
    /// <param name="passphrase">Encrypts both keys.</param>
    /// <param name="root">The root that the certificate has to lead to, kept as root.crt; null if whoever installs it says so then.</param>
    /// <param name="keyBits">Of each modulus.</param>
    /// <exception cref="AuthorityException">The directory holds a server already.</exception>
    public static CertificationRequest CreateRequest(
        string path, ServerName name, ReadOnlySpan<char> passphrase, Certificate? root = null, int keyBits = AuthorityStore.DefaultKeyBits)
    {
        var files = new ServerFiles(path);
        OwnerOnly.CreateDirectory(files.Path);
        files.RequireNew();
        using var key = SigningKey.Generate(keyBits);
        using var keyFile = OwnerOnly.Begin(files.Key, KeyFile.Encrypt(key, passphrase));
        files.DeleteBegun();
        OwnerOnly.Create(files.Name, name + "\n");
        if (root is not null)
            OwnerOnly.Create(files.PinnedRoot, root.ToPem());
        var request = AuthorityStore.CreateRequest(files.Authority, passphrase, keyBits);
        keyFile.GiveName();
        return request;
    }

    /// <summary>The request that was made here and has no certificate yet: what <see cref="CreateRequest"/> returned.</summary>
    /// <returns>Null if no server was made here.</returns>
    /// <exception cref="AuthorityException">AlreadyInitialised: it is another server's, of another name or under another root, or it has
    /// its certificate.</exception>
    public static CertificationRequest? FindRequest(string path, ServerName name, Certificate root)
    {
        var files = new ServerFiles(path);
        if (!File.Exists(files.Key))
            return null;
        if (File.Exists(files.Root) || !files.ReadName().Equals(name) || files.ReadPinnedRoot()?.Equals(root) is not true)
            throw new AuthorityException(AuthorityFault.AlreadyInitialised, files.Path);
        return files.ReadRequest();
    }

    /// <summary>The root under which a certificate can be installed: the one that the server was made for, or has.</summary>
    /// <exception cref="AuthorityException">NotInitialised; NotInstalled: whoever installs it says so; damaged.</exception>
    public static Certificate ExpectedRoot(string path)
    {
        var files = new ServerFiles(path);
        if (!File.Exists(files.Key))
            throw new AuthorityException(AuthorityFault.NotInitialised, files.Path);
        return files.ReadPinnedRoot() ?? files.ReadRoot();
    }

    /// <summary>Whether the server that was made here is the one of this name under this root.</summary>
    public static bool IsOf(string path, ServerName name, Certificate root)
    {
        var files = new ServerFiles(path);
        return File.Exists(files.Name) && File.Exists(files.Root) && files.ReadName().Equals(name) && files.ReadRoot().Equals(root);
    }

    /// <summary>A server was made here, and its issuing CA has a certificate: it can be opened.</summary>
    /// <exception cref="AuthorityException">NotInitialised; NotInstalled.</exception>
    public static void RequireInstalled(string path)
    {
        var files = new ServerFiles(path);
        if (!File.Exists(files.Key))
            throw new AuthorityException(AuthorityFault.NotInitialised, files.Path);
        if (!AuthorityStore.IsInstalled(files.Authority))
            throw new AuthorityException(AuthorityFault.NotInstalled, files.Path);
    }

    /// <summary>Makes the key of another issuing CA in the directory, and the request that the root is to certify (also in its ca.csr). The
    /// server may run: nothing changes for it before the certificate is installed and it is started again. What was interrupted is made anew
    /// by the same call.</summary>
    /// <param name="path">A server's directory that can be opened.</param>
    /// <param name="passphrase">That of the server's keys.</param>
    /// <param name="keyBits">Of the modulus.</param>
    /// <exception cref="AuthorityException">NotInitialised, NotInstalled; WrongPassphrase: it does not open the server's key;
    /// AlreadyInitialised: one was made that has no certificate yet; NoMoreAuthorities (LI-09); damaged.</exception>
    public static CertificationRequest CreateSuccessor(string path, ReadOnlySpan<char> passphrase, int keyBits = AuthorityStore.DefaultKeyBits)
    {
        RequireRoomForSuccessor(path);
        var files = new ServerFiles(path);
        KeyFile.Read(files.Key, passphrase).Dispose();
        return AuthorityStore.CreateRequest(files.AuthorityAt(files.ReadAuthorities().Count + 1), passphrase, keyBits);
    }

    /// <summary>The request of the further issuing CA that was made here and has no certificate yet: what <see cref="CreateSuccessor"/>
    /// returned.</summary>
    /// <returns>Null if every issuing CA here has its certificate.</returns>
    /// <exception cref="AuthorityException">NotInitialised, NotInstalled, damaged.</exception>
    public static CertificationRequest? FindSuccessor(string path)
    {
        RequireInstalled(path);
        return new ServerFiles(path).ReadAuthorities()[^1] is var newest && AuthorityStore.IsInstalled(newest) ? null : AuthorityStore.ReadRequest(newest);
    }

    /// <summary>Another issuing CA can be made here.</summary>
    /// <exception cref="AuthorityException">As for <see cref="CreateSuccessor"/>.</exception>
    public static void RequireRoomForSuccessor(string path)
    {
        if (FindSuccessor(path) is not null)
            throw new AuthorityException(AuthorityFault.AlreadyInitialised, new ServerFiles(path).ReadAuthorities()[^1]);
        if (new ServerFiles(path).ReadAuthorities().Count == ServerFiles.MostAuthorities)
            throw new AuthorityException(AuthorityFault.NoMoreAuthorities, path);
    }

    /// <summary>Full paths of the directories of the server's issuing CAs, certified or not, the oldest first.</summary>
    /// <exception cref="AuthorityException">Damaged: one is missing below a later one.</exception>
    public static IReadOnlyList<string> Authorities(string path) => new ServerFiles(path).ReadAuthorities();

    /// <summary>The one of <see cref="Authorities"/> that a certificate is for, by its key; the first one if it is for none of them.</summary>
    /// <exception cref="AuthorityException">Damaged.</exception>
    public static string AuthorityOf(string path, Certificate issuing) =>
        Authorities(path).FirstOrDefault(directory => AuthorityStore.ReadRequest(directory).Key.Equals(issuing.PublicKey)) ?? new ServerFiles(path).Authority;

    /// <summary>Installs what the root made of a request, or a certificate that renews what is installed, or only a newer list of the root. Which
    /// of the issuing CAs it is for, its key says. Afterwards the server can be opened; one that is open takes it over when it is opened again.</summary>
    /// <returns>The root's list that is in place now: the given one, or the one that was there if its number is higher (CE-10).</returns>
    /// <exception cref="CertificateRefusedException">Not a valid issuing CA's certificate under this root.</exception>
    /// <exception cref="AuthorityException">As for <see cref="AuthorityStore.Install"/>.</exception>
    public static CertificateRevocationList Install(string path, Certificate issuing, Certificate root, CertificateRevocationList rootList, TimeProvider clock) =>
        AuthorityStore.Install(AuthorityOf(path, issuing), issuing, root, rootList, clock, new ServerFiles(path).Authority);

    /// <summary>Makes and installs a server under a root that is at hand.</summary>
    /// <exception cref="AuthorityException">The directory holds a server already.</exception>
    public static void Create(
        string path, ServerName name, CertificateAuthority root, ReadOnlySpan<char> passphrase, TimeProvider clock, int keyBits = AuthorityStore.DefaultKeyBits)
    {
        var request = CreateRequest(path, name, passphrase, keyBits: keyBits);
        Install(path, root.IssueAuthority($"{name} issuing CA", request), root.Certificate, root.MakeRevocationList(), clock);
    }

    /// <summary>Opens a server's files. One process at a time has them open.</summary>
    /// <param name="path">The server's directory.</param>
    /// <param name="passphrase">Opens its private keys.</param>
    /// <param name="clock">The server's clock.</param>
    /// <param name="timeStamps"><see cref="ServerOptions.TimeStampAuthority"/>: the server's own authority is made and opened only for
    /// <see cref="TimeStampChoice.Self"/>.</param>
    /// <exception cref="AuthorityException">Not there or not complete, opened by another process, wrong passphrase, or damaged.</exception>
    public static ServerDirectory Open(string path, ReadOnlySpan<char> passphrase, TimeProvider clock, TimeStampChoice? timeStamps = null)
    {
        var files = new ServerFiles(path);
        if (!File.Exists(files.Key))
            throw new AuthorityException(AuthorityFault.NotInitialised, files.Path);
        var name = files.ReadName();
        var key = KeyFile.Read(files.Key, passphrase);
        IssuingAuthority? authority = null;
        try
        {
            authority = IssuingAuthority.Open(files.ReadInstalledAuthorities() is { Count: > 0 } installed ? installed : [files.Authority], passphrase, clock);
            var leaf = CurrentCertificate(files, name, key, authority, clock);
            var ownTime = timeStamps is TimeStampChoice.Self ? OpenTimeStamps(files.TimeStamps, key, authority, passphrase, clock) : null;
            return new ServerDirectory(files, name, key, authority.ChainOf(leaf), authority, ownTime);
        }
        catch
        {
            authority?.Dispose();
            key.Dispose();
            throw;
        }
    }

    /// <summary>Takes over a newer list of the root, if its file holds one (CE-10).</summary>
    /// <exception cref="AuthorityException">The file is damaged.</exception>
    /// <exception cref="CertificateRefusedException">The list is not the root's.</exception>
    internal void UpdateRootList() => Authority.UpdateParentList(_files.ReadRootList());

    // Of the newest issuing CA, as the time-stamp authority's: by their issuers a verifier tells whose word the time is.
    private static Certificate CurrentCertificate(ServerFiles files, ServerName name, SigningKey key, IssuingAuthority authority, TimeProvider clock)
    {
        var held = files.ReadCertificate();
        if (held is not null && !authority.IsNamedUnder(held))
            throw new AuthorityException(AuthorityFault.Damaged, files.Certificate); // the issuing CA that certified it is missing here, and with it that of devices
        // The record may be an older copy (CE-16), and what this certificate has signed is read with it for ever (RC-02).
        if (held is not null && held.PublicKey.Equals(key.PublicKey) && FindOwn(authority.ChainsNamedBy(held), name, authority.Root) is { } own)
            authority.Knows(own);
        if (held is not null && authority.IsOfCurrent(held) && clock.GetUtcNow() + RenewBefore < held.NotAfter)
            return held;
        var certificate = authority.IssueServer([name], CertificationRequest.Create(key)).Leaf;
        OwnerOnly.Replace(files.Certificate, certificate.ToPem());
        return certificate;
    }

    // The first of the chains that leads from a server of this name to the root.
    private static VerifiedServer? FindOwn(IEnumerable<CertificateChain> chains, ServerName name, Certificate root)
    {
        foreach (var chain in chains)
        {
            try
            {
                if (PathValidator.ValidateRecordedServer(chain, TrustAnchor.FromCertificate(root)) is var server && server.Names.Contains(name))
                    return server;
            }
            catch (CertificateRefusedException)
            {
                // Of another CA of that name, or not what was written.
            }
        }
        return null;
    }

    private static TimeStampAuthority OpenTimeStamps(
        string path, SigningKey serverKey, IssuingAuthority authority, ReadOnlySpan<char> passphrase, TimeProvider clock)
    {
        if (!TimeStampStore.IsThere(path) && Directory.Exists(path))
            Directory.Delete(path, recursive: true); // a first start that was interrupted: nobody has certified that key
        if (!TimeStampStore.IsThere(path))
            TimeStampStore.CreateRequest(path, passphrase, authority.Root, serverKey.PublicKey.Bits);
        if (TimeStampStore.ReadChain(path) is not { } held || !authority.IsOfCurrent(held.Leaf) || clock.GetUtcNow() + RenewBefore >= held.Leaf.NotAfter)
            TimeStampStore.Install(path, PathValidator.ValidateTimeStampAuthority(
                authority.IssueTimeStampAuthority(TimeStampName, TimeStampStore.ReadRequest(path)), TrustAnchor.FromCertificate(authority.Root), clock.GetUtcNow()));
        return TimeStampStore.Open(path, passphrase, clock);
    }

    public void Dispose()
    {
        TimeStamps?.Dispose();
        Authority.Dispose();
        Key.Dispose();
    }
}
