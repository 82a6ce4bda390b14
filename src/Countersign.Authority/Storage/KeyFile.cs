using System.Security.Cryptography;
using Countersign.Cryptography;

namespace Countersign.Authority;

/// <summary>A private key as PEM of EncryptedPrivateKeyInfo (PKCS#8, PBES2): PBKDF2-HMAC-SHA-256 and AES-256-CBC, which
/// OpenSSL reads too.</summary>
public static class KeyFile
{
    // Stands beside a passphrase that people type: about a quarter of a second a guess and core.
    private const int Iterations = 600_000;

    /// <summary>The file's text for a key, under a passphrase.</summary>
    public static string Encrypt(SigningKey key, ReadOnlySpan<char> passphrase)
    {
        using var plain = key.ExportPkcs8();
        using var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(plain.Span, out _);
        return rsa.ExportEncryptedPkcs8PrivateKeyPem(passphrase,
            new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, Iterations)) + "\n";
    }

    /// <summary>Reads a file's key; the caller owns it.</summary>
    /// <exception cref="AuthorityException">Wrong passphrase, or no such key.</exception>
    public static SigningKey Read(string path, ReadOnlySpan<char> passphrase)
    {
        using var rsa = RSA.Create();
        try
        {
            rsa.ImportFromEncryptedPem(File.ReadAllText(path), passphrase);
        }
        catch (CryptographicException e)
        {
            throw new AuthorityException(AuthorityFault.WrongPassphrase, path, e);
        }
        catch (ArgumentException e)
        {
            throw new AuthorityException(AuthorityFault.Damaged, path, e);
        }
        var bytes = rsa.ExportPkcs8PrivateKey();
        try
        {
            using var plain = Secret.CopyOf(bytes);
            return SigningKey.ImportPkcs8(plain);
        }
        catch (MalformedException e)
        {
            throw new AuthorityException(AuthorityFault.Damaged, path, e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }
}
