using System.Security.Cryptography;

namespace Countersign.Cryptography;

/// <summary>HPKE (RFC 9180), base mode, single shot (section 6.1): DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM.</summary>
public static class Hpke
{
    /// <summary>Bytes that sealing adds to the plaintext: the authentication tag. The encapsulated key travels beside it.</summary>
    public const int Overhead = 16;

    /// <summary>Seals to the holder of the recipient's private key, with a fresh ephemeral key.</summary>
    /// <param name="recipient">The recipient's public key.</param>
    /// <param name="info">What the sealing is for and between whom; both sides give the same.</param>
    /// <param name="aad">Associated data.</param>
    /// <param name="plaintext">The secret to seal; stays the caller's.</param>
    public static HpkeSealed Seal(EcPoint recipient, ReadOnlySpan<byte> info, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plaintext)
    {
        using var ephemeral = EcPrivateKey.Generate();
        return Seal(ephemeral, recipient, info, aad, plaintext);
    }

    /// <summary>Opens what was sealed to this key; the caller owns the plaintext.</summary>
    /// <exception cref="BadCiphertextException">It does not open: another recipient, info or aad, or changed bytes.</exception>
    public static Secret Open(EcPrivateKey recipient, HpkeSealed message, ReadOnlySpan<byte> info, ReadOnlySpan<byte> aad)
    {
        using var shared = HpkeKem.Decapsulate(message.EncapsulatedKey, recipient);
        using var context = HpkeContext.Base(shared, info);
        using var cipher = new AesGcm(context.Key.Span, Overhead);
        return AesGcmOpen.Open(cipher, context.BaseNonce.Span, aad, message.Ciphertext.Span);
    }

    internal static HpkeSealed Seal(EcPrivateKey ephemeral, EcPoint recipient, ReadOnlySpan<byte> info, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plaintext)
    {
        using var shared = HpkeKem.Encapsulate(ephemeral, recipient);
        using var context = HpkeContext.Base(shared, info);
        using var cipher = new AesGcm(context.Key.Span, Overhead);
        var ciphertext = new byte[plaintext.Length + Overhead];
        // Sequence number 0, the context's only one: the nonce is the base nonce itself.
        cipher.Encrypt(context.BaseNonce.Span, plaintext, ciphertext.AsSpan(0, plaintext.Length), ciphertext.AsSpan(plaintext.Length), aad);
        return HpkeSealed.Own(ephemeral.Point, ciphertext);
    }
}
