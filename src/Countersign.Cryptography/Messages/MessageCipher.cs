using System.Security.Cryptography;

namespace Countersign.Cryptography;

/// <summary>AES-128-GCM under a key that encrypts exactly one message (SPEC 9, CK-01), hence with the zero nonce.</summary>
/// <remarks>AES-GCM commits to no key: who opens a message checks the signed key commitment first (CK-02).</remarks>
public static class MessageCipher
{
    /// <summary>Length of a message key in bytes.</summary>
    public const int KeySize = 16;

    /// <summary>Bytes that encryption adds: the authentication tag.</summary>
    public const int Overhead = 16;

    private static ReadOnlySpan<byte> ZeroNonce => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>Encrypts the one message of this key: ciphertext ‖ tag.</summary>
    /// <param name="key">16 bytes, never used before; stays the caller's, who must not encrypt with it again.</param>
    /// <param name="aad">The entry's protected header.</param>
    /// <param name="plaintext">The padded content.</param>
    public static byte[] Encrypt(Secret key, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plaintext)
    {
        using var cipher = Cipher(key);
        var output = new byte[plaintext.Length + Overhead];
        cipher.Encrypt(ZeroNonce, plaintext, output.AsSpan(0, plaintext.Length), output.AsSpan(plaintext.Length), aad);
        return output;
    }

    /// <summary>Opens ciphertext ‖ tag; the caller owns the plaintext.</summary>
    /// <exception cref="BadCiphertextException">It does not open.</exception>
    public static Secret Decrypt(Secret key, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> ciphertext)
    {
        if (ciphertext.Length < Overhead)
            throw new BadCiphertextException();
        using var cipher = Cipher(key);
        return AesGcmOpen.Open(cipher, ZeroNonce, aad, ciphertext);
    }

    private static AesGcm Cipher(Secret key)
    {
        if (key.Length != KeySize)
            throw new ArgumentException($"A message key has {KeySize} bytes.", nameof(key));
        return new AesGcm(key.Span, Overhead);
    }
}
