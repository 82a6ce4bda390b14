using Countersign.Authority;
using Countersign.Cryptography;

namespace Countersign.Server;

/// <summary>Where the files of a server's directory are, and how those without a secret are read.</summary>
internal sealed class ServerFiles(string path)
{
    /// <summary>Issuing CAs of one server (LI-09).</summary>
    public const int MostAuthorities = 8;

    public string Path { get; } = System.IO.Path.GetFullPath(path);

    public string Name => At("server.name");
    public string Key => At("server.key");
    public string Certificate => At("server.crt");
    public string Database => At("server.db");

    /// <summary>Kind and identity of the store that belongs to this directory.</summary>
    public string Store => At("server.store");

    /// <summary>The directory of the first issuing CA. The root's certificate and list are there, and its journal is the server's lock.</summary>
    public string Authority => At("authority");
    public string TimeStamps => At("timestamps");
    public string Misconduct => At("misconduct");
    public string Root => System.IO.Path.Combine(Authority, "root.crt");

    /// <summary>The root that the server was made for; not there if whoever installs its certificate says so then.</summary>
    public string PinnedRoot => At("root.crt");
    public string RootList => System.IO.Path.Combine(Authority, "root.crl");

    /// <summary>The directories of the issuing CAs that were made here, certified or not, the oldest first: authority, authority.2, ….</summary>
    /// <exception cref="AuthorityException">Damaged: one is missing below a later one.</exception>
    public IReadOnlyList<string> ReadAuthorities()
    {
        var all = Enumerable.Range(1, MostAuthorities).Select(AuthorityAt).ToList();
        var made = all.GetRange(0, all.FindLastIndex(AuthorityStore.IsThere) + 1);
        return made.Find(static directory => !AuthorityStore.IsThere(directory)) is { } missing
            ? throw new AuthorityException(AuthorityFault.Damaged, missing)
            : made;
    }

    /// <summary>Those of <see cref="ReadAuthorities"/> that the root has certified: the last one certifies, from the next start on.</summary>
    /// <exception cref="AuthorityException">Damaged: one is missing below a later one.</exception>
    public IReadOnlyList<string> ReadInstalledAuthorities() => [.. ReadAuthorities().Where(AuthorityStore.IsInstalled)];

    /// <param name="number">From 1 on.</param>
    public string AuthorityAt(int number) => number == 1 ? Authority : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Authority}.{number}");

    /// <exception cref="AuthorityException">NotInitialised, or damaged.</exception>
    public ServerName ReadName()
    {
        if (!File.Exists(Name))
            throw new AuthorityException(AuthorityFault.NotInitialised, Path);
        return ServerName.TryParse(File.ReadAllText(Name).Trim(), out var name) ? name : throw new AuthorityException(AuthorityFault.Damaged, Name);
    }

    /// <summary>No server was made here; what an interrupted attempt left may be here.</summary>
    /// <exception cref="AuthorityException">AlreadyInitialised.</exception>
    public void RequireNew()
    {
        // These come after the key has its name: they are those of a server whose key somebody took away.
        string[] later = [Key, Root, Certificate, Store, Database];
        string[] before = [Name, PinnedRoot, Authority];
        if (later.Concat(OwnerOnly.IsBegun(Key) ? [] : before).FirstOrDefault(System.IO.Path.Exists) is { } used)
            throw new AuthorityException(AuthorityFault.AlreadyInitialised, used);
    }

    /// <summary>Deletes what an interrupted attempt left: nobody was given anything of it.</summary>
    public void DeleteBegun()
    {
        File.Delete(Name);
        File.Delete(PinnedRoot);
        if (Directory.Exists(Authority))
            Directory.Delete(Authority, recursive: true);
    }

    /// <summary>The root that the server was made for; null if whoever installs its certificate says so.</summary>
    /// <exception cref="AuthorityException">Damaged.</exception>
    public Certificate? ReadPinnedRoot() =>
        File.Exists(PinnedRoot) ? Read(PinnedRoot, static text => Cryptography.Certificate.ParsePem(text)) : null;

    /// <exception cref="AuthorityException">Damaged.</exception>
    public CertificationRequest ReadRequest() =>
        Read(System.IO.Path.Combine(Authority, "ca.csr"), static text => CertificationRequest.ParsePem(text));

    /// <exception cref="AuthorityException">NotInstalled, or damaged.</exception>
    public Certificate ReadRoot() => File.Exists(Root)
        ? Read(Root, static text => Cryptography.Certificate.ParsePem(text))
        : throw new AuthorityException(AuthorityFault.NotInstalled, Authority);

    /// <summary>The server's certificate; null before the first start.</summary>
    /// <exception cref="AuthorityException">Damaged.</exception>
    public Certificate? ReadCertificate() =>
        File.Exists(Certificate) ? Read(Certificate, static text => Cryptography.Certificate.ParsePem(text)) : null;

    /// <summary>The certificate of the issuing CA that says it has issued this one.</summary>
    /// <exception cref="AuthorityException">Damaged: there is none.</exception>
    public Certificate ReadIssuer(Certificate leaf) => FindIssuer(leaf) ?? throw new AuthorityException(AuthorityFault.Damaged, Certificate);

    /// <summary>The same; null if there is none.</summary>
    /// <exception cref="AuthorityException">Damaged.</exception>
    public Certificate? FindIssuer(Certificate leaf) =>
        ReadInstalledAuthorities().Select(static directory => Read(System.IO.Path.Combine(directory, "ca.crt"), static text => Cryptography.Certificate.ParsePem(text)))
            .FirstOrDefault(leaf.IsNamedUnder);

    /// <summary>The issuing CAs' own lists; none of one that was not open yet.</summary>
    /// <exception cref="AuthorityException">Damaged.</exception>
    public IReadOnlyList<CertificateRevocationList> ReadOwnLists() =>
        [.. ReadInstalledAuthorities().Select(static directory => System.IO.Path.Combine(directory, "ca.crl")).Where(File.Exists)
            .Select(static list => Read(list, static text => CertificateRevocationList.ParsePem(text)))];

    /// <exception cref="AuthorityException">Damaged.</exception>
    public CertificateRevocationList ReadRootList() => Read(RootList, static text => CertificateRevocationList.ParsePem(text));

    /// <summary>Proves that no server runs on this directory, and keeps one from starting until the result is disposed.</summary>
    /// <exception cref="AuthorityException">Locked; NotInstalled.</exception>
    public IDisposable RequireStopped()
    {
        ReadRoot(); // installed, or there is nothing to lock
        // What IssuingAuthority.Open locks; the first start makes it.
        var journal = System.IO.Path.Combine(Authority, "journal.jsonl");
        try
        {
            return OwnerOnly.Open(journal, FileMode.OpenOrCreate, FileShare.None);
        }
        catch (IOException e)
        {
            throw new AuthorityException(AuthorityFault.Locked, Path, e);
        }
    }

    private string At(string name) => System.IO.Path.Combine(Path, name);

    private static T Read<T>(string path, Func<string, T> parse)
    {
        try
        {
            return parse(File.ReadAllText(path));
        }
        catch (CertificateRefusedException e)
        {
            throw new AuthorityException(AuthorityFault.Damaged, path, e);
        }
    }
}
