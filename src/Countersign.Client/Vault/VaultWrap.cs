using System.Security.Cryptography;
using Countersign.Cryptography;

namespace Countersign.Client;

/// <summary>The vault key under a passphrase: Argon2id with a salt of its own, then AES-128-GCM.</summary>
/// <remarks>The salt is fresh for every wrap, so each key-encryption key encrypts once and the constant nonce of
/// <see cref="MessageCipher"/> is safe. Stored form: CBOR [salt, [memory KiB, passes], wrapped].</remarks>
internal sealed class VaultWrap
{
    private const int WrappedSize = Vault.KeySize + 16;
    private readonly Salt16 _salt;
    private readonly PasswordCost _cost;
    private readonly byte[] _wrapped;

    private VaultWrap(Salt16 salt, PasswordCost cost, byte[] wrapped) => (_salt, _cost, _wrapped) = (salt, cost, wrapped);

    public PasswordCost Cost => _cost;

    public static VaultWrap Create(Secret vaultKey, ReadOnlySpan<char> passphrase, PasswordCost cost)
    {
        var salt = Salt16.Random();
        using var kek = Kek(passphrase, salt, cost);
        return new VaultWrap(salt, cost, MessageCipher.Encrypt(kek, Vault.KeyRow.AssociatedData, vaultKey.Span));
    }

    /// <summary>The vault key, or null if this is not the passphrase it was wrapped under.</summary>
    public Secret? TryOpen(ReadOnlySpan<char> passphrase)
    {
        using var kek = Kek(passphrase, _salt, _cost);
        try
        {
            return MessageCipher.Decrypt(kek, Vault.KeyRow.AssociatedData, _wrapped);
        }
        catch (BadCiphertextException)
        {
            return null;
        }
    }

    public byte[] Encode() => CborOutput.Encode(o =>
    {
        o.StartArray(3).Bytes(_salt.Span);
        _cost.Write(o);
        o.Bytes(_wrapped).EndArray();
    });

    public static VaultWrap Parse(ReadOnlyMemory<byte> stored) => CborInput.Parse(stored, i =>
    {
        i.StartArray(3);
        var salt = Salt16.Parse(i.Bytes(Salt16.Size).Span);
        var wrap = new VaultWrap(salt, PasswordCost.Read(i), i.Bytes(WrappedSize).ToArray());
        i.EndArray();
        return wrap;
    });

    private static Secret Kek(ReadOnlySpan<char> passphrase, Salt16 salt, PasswordCost cost)
    {
        using var derived = PassphraseKdf.Derive(passphrase, salt, cost); // 32 bytes under the label "vault kek"
        return Secret.CopyOf(derived.Span[..MessageCipher.KeySize]);
    }
}
