using Countersign.Cryptography;

namespace Countersign.Authority;

/// <summary>Time-stamp authorities come from a directory: made, certified, opened.</summary>
/// <remarks>The directory is 0700 and holds tsa.key (0600, encrypted), tsa.csr, tsa.crt and issuing.crt (none if the root itself
/// certifies), root.crt (the root to lead to), and tsa.serial, which says which serial numbers are used and is the lock.</remarks>
public static class TimeStampStore
{
    /// <summary>How far the clock of a machine with ordinary time synchronisation may be off.</summary>
    public static TimeSpan DefaultAccuracy { get; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether the directory holds an authority, certified or not.</summary>
    public static bool IsThere(string directory) => new Files(directory) is var files && File.Exists(files.Key) && File.Exists(files.Request);

    /// <summary>Makes a key in a new directory, and the request that a CA is to certify (also in tsa.csr). What was interrupted is made
    /// anew by the same call.</summary>
    /// <param name="directory">A new one, or one without an authority.</param>
    /// <param name="passphrase">Encrypts the key.</param>
    /// <param name="root">The root that the certificate has to lead to, kept as root.crt; null if whoever installs it says so then.</param>
    /// <param name="keyBits">Of the modulus.</param>
    /// <exception cref="AuthorityException">The directory holds an authority already.</exception>
    public static CertificationRequest CreateRequest(string directory, ReadOnlySpan<char> passphrase, Certificate? root = null, int keyBits = AuthorityStore.DefaultKeyBits)
    {
        var files = new Files(directory);
        CertificationRequest? request = null;
        using var key = KeyDirectory.Make(files.Path, files.Key, files.Others, keyBits, passphrase, key =>
        {
            request = CertificationRequest.Create(key);
            if (root is not null)
                OwnerOnly.Create(files.Root, root.ToPem());
            OwnerOnly.Create(files.Request, request.ToPem());
        });
        return request!;
    }

    /// <summary>The request made with the key, for its first certificate and the later ones.</summary>
    /// <exception cref="AuthorityException">There is no authority in this directory.</exception>
    public static CertificationRequest ReadRequest(string directory)
    {
        var files = new Files(directory);
        return File.Exists(files.Request)
            ? CertificationRequest.ParsePem(File.ReadAllText(files.Request))
            : throw new AuthorityException(AuthorityFault.NotInitialised, files.Path);
    }

    /// <summary>Puts a certificate into place: the first one, or the next one for the same key.</summary>
    /// <param name="directory">The authority's.</param>
    /// <param name="certified">The certificate and its issuing CA's, validated.</param>
    /// <exception cref="AuthorityException">Not initialised, or for another key.</exception>
    public static void Install(string directory, VerifiedTimeStampAuthority certified)
    {
        var files = new Files(directory);
        var chain = certified.Chain;
        if (!ReadRequest(directory).Key.Equals(chain.Leaf.PublicKey))
            throw new AuthorityException(AuthorityFault.OtherKey, files.Path);
        OwnerOnly.Replace(files.Root, certified.Root.ToPem());
        if (chain.Certificates.Count > 1)
            OwnerOnly.Replace(files.Issuing, chain.Certificates[1].ToPem());
        else
            File.Delete(files.Issuing);
        OwnerOnly.Replace(files.Certificate, chain.Leaf.ToPem()); // last: its presence says that all is there
    }

    /// <summary>The installed chain, without the root; null before the first installation.</summary>
    /// <exception cref="AuthorityException">Damaged.</exception>
    public static CertificateChain? ReadChain(string directory)
    {
        var files = new Files(directory);
        if (!File.Exists(files.Certificate))
            return null;
        var leaf = AuthorityDirectory.ReadCertificate(files.Certificate);
        return File.Exists(files.Issuing) ? new([leaf, AuthorityDirectory.ReadCertificate(files.Issuing)]) : new([leaf]);
    }

    /// <summary>The root that the authority stands under, or is to.</summary>
    /// <exception cref="AuthorityException">None is known yet, or damaged.</exception>
    public static Certificate ReadRoot(string directory)
    {
        var files = new Files(directory);
        return File.Exists(files.Root) ? AuthorityDirectory.ReadCertificate(files.Root) : throw new AuthorityException(AuthorityFault.NotInstalled, files.Path);
    }

    /// <summary>Opens an authority. One process at a time has it open.</summary>
    /// <param name="directory">Where it was made.</param>
    /// <param name="passphrase">Of its key.</param>
    /// <param name="clock">The time that tokens state.</param>
    /// <param name="accuracy">How far that may be off, in whole milliseconds; <see cref="DefaultAccuracy"/> unless given.</param>
    /// <exception cref="AuthorityException">Not initialised or installed, locked, wrong passphrase, damaged, or certified for another key.</exception>
    public static TimeStampAuthority Open(string directory, ReadOnlySpan<char> passphrase, TimeProvider clock, TimeSpan? accuracy = null)
    {
        var files = new Files(directory);
        if (!File.Exists(files.Key))
            throw new AuthorityException(AuthorityFault.NotInitialised, files.Path);
        var chain = ReadChain(directory) ?? throw new AuthorityException(AuthorityFault.NotInstalled, files.Path);
        var serials = FileSerials.Open(files.Serials);
        SigningKey? key = null;
        try
        {
            key = KeyFile.Read(files.Key, passphrase);
            if (!chain.Leaf.PublicKey.Equals(key.PublicKey))
                throw new AuthorityException(AuthorityFault.OtherKey, files.Path);
            return new TimeStampAuthority(chain, key, serials, clock, accuracy ?? DefaultAccuracy);
        }
        catch
        {
            key?.Dispose();
            serials.Dispose();
            throw;
        }
    }

    private sealed class Files(string directory)
    {
        public string Path { get; } = System.IO.Path.GetFullPath(directory);

        public string Key => At("tsa.key");
        public string Request => At("tsa.csr");
        public string Certificate => At("tsa.crt");
        public string Issuing => At("issuing.crt");
        public string Root => At("root.crt");
        public string Serials => At("tsa.serial");

        public IReadOnlyList<string> Others => [Request, Certificate, Issuing, Root, Serials];

        private string At(string name) => System.IO.Path.Combine(Path, name);
    }
}
