using Countersign.Cryptography;

namespace Countersign.Authority;

/// <summary>The authority's files. Nothing here is needed by anyone else but ca.crt, root.crt and ca.crl, which are public.</summary>
internal sealed class AuthorityDirectory(string path)
{
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    public string Key => In("ca.key");

    /// <summary>The CA's certificate, and after it those that it renewed: whoever wants one reads the first.</summary>
    public string Certificate => In("ca.crt");

    public string Request => In("ca.csr");
    public string Root => In("root.crt");
    public string Journal => In("journal.jsonl");
    public string List => In("ca.crl");
    public string ParentList => In("root.crl");

    private string In(string name) => System.IO.Path.Combine(Path, name);

    /// <inheritdoc cref="KeyDirectory.Make"/>
    public SigningKey Make(int bits, ReadOnlySpan<char> passphrase, Action<SigningKey> make) =>
        KeyDirectory.Make(Path, Key, [Certificate, Request, Root, Journal, List, ParentList], bits, passphrase, make);

    /// <exception cref="AuthorityException">No authority here, or not certified yet.</exception>
    public void RequireInstalled()
    {
        if (!File.Exists(Key))
            throw new AuthorityException(AuthorityFault.NotInitialised, Path);
        if (!File.Exists(Certificate))
            throw new AuthorityException(AuthorityFault.NotInstalled, Path);
    }

    public static Certificate ReadCertificate(string path) => Read(path, static text => Cryptography.Certificate.ParsePem(text));

    /// <summary>Of <see cref="Certificate"/>: the present one first.</summary>
    /// <exception cref="AuthorityException">Damaged.</exception>
    public static IReadOnlyList<Certificate> ReadCertificates(string path) => Read(path, static text => Cryptography.Certificate.ParseEveryPem(text));

    public static CertificationRequest ReadRequest(string path) => Read(path, static text => CertificationRequest.ParsePem(text));

    public static CertificateRevocationList ReadList(string path) => Read(path, static text => CertificateRevocationList.ParsePem(text));

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
