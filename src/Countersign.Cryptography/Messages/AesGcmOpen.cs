using System.Security.Cryptography;

namespace Countersign.Cryptography;

/// <summary>Opening of a whole AES-GCM message into a secret.</summary>
internal static class AesGcmOpen
{
    private const int TagSize = 16;

    /// <summary>Opens ciphertext ‖ tag, at least the tag; the caller owns the plaintext.</summary>
    /// <exception cref="BadCiphertextException">The tag is wrong.</exception>
    public static Secret Open(AesGcm cipher, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> sealedBytes)
    {
        try
        {
            return Secret.Create(sealedBytes.Length - TagSize, new Input(cipher, nonce, aad, sealedBytes), static (output, input) =>
                input.Cipher.Decrypt(input.Nonce, input.Sealed[..^TagSize], input.Sealed[^TagSize..], output, input.Aad));
        }
        catch (AuthenticationTagMismatchException)
        {
            throw new BadCiphertextException();
        }
    }

    private readonly ref struct Input(AesGcm cipher, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> sealedBytes)
    {
        public readonly AesGcm Cipher = cipher;
        public readonly ReadOnlySpan<byte> Nonce = nonce;
        public readonly ReadOnlySpan<byte> Aad = aad;
        public readonly ReadOnlySpan<byte> Sealed = sealedBytes;
    }
}
