using Countersign.Cryptography;

namespace Countersign.Authority;

/// <summary>A directory that a private key makes what it is: the key's file has its name when everything else is there.</summary>
internal static class KeyDirectory
{
    /// <summary>Makes the directory, its key, and the rest. What an interrupted attempt has left is made anew, with another key: nobody
    /// was given anything of the first one.</summary>
    /// <param name="path">The directory; it may be there, and hold other files.</param>
    /// <param name="keyFile">Full path of the key's file.</param>
    /// <param name="others">Full paths of all other files that the directory ever holds.</param>
    /// <param name="bits">Of the modulus.</param>
    /// <param name="passphrase">Encrypts the key.</param>
    /// <param name="make">Makes the rest. The key is durable by then, and nobody else makes this directory.</param>
    /// <returns>The key; the caller owns it.</returns>
    /// <exception cref="AuthorityException">AlreadyInitialised: the key is there, or is missing beside files that belong to one.</exception>
    /// <exception cref="IOException">Something could not be written, or another process is making the directory: the same call again
    /// begins anew.</exception>
    public static SigningKey Make(
        string path, string keyFile, IReadOnlyList<string> others, int bits, ReadOnlySpan<char> passphrase, Action<SigningKey> make)
    {
        if (passphrase.IsEmpty)
            throw new ArgumentException("A private key is never stored without a passphrase.", nameof(passphrase));
        OwnerOnly.CreateDirectory(path);
        RequireNone(path, keyFile, others);
        var key = SigningKey.Generate(bits);
        try
        {
            using var file = OwnerOnly.Begin(keyFile, KeyFile.Encrypt(key, passphrase));
            foreach (var left in others)
                File.Delete(left);
            make(key);
            file.GiveName();
            return key;
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    // Without an unfinished key the files are those of a key that somebody took away, and may be in use elsewhere.
    private static void RequireNone(string path, string keyFile, IReadOnlyList<string> others)
    {
        if (File.Exists(keyFile))
            throw new AuthorityException(AuthorityFault.AlreadyInitialised, path);
        if (!OwnerOnly.IsBegun(keyFile) && others.FirstOrDefault(File.Exists) is { } used)
            throw new AuthorityException(AuthorityFault.AlreadyInitialised, used);
    }
}
