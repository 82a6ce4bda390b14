using Countersign.Cryptography;

namespace Countersign.Client;

/// <summary>Encrypts what must stay secret at rest. Each sealed value has a key of its own, derived from the vault key and a
/// random salt stored with it; the row it belongs to is authenticated.</summary>
internal sealed class Vault : IDisposable
{
    public const int KeySize = 32;
    private const int SaltSize = 24;
    private const int RowKeySize = 16;
    private readonly Secret _key;

    /// <param name="key">32 bytes; the vault owns it from here on.</param>
    public Vault(Secret key) => _key = key;

    public static VaultRow KeyRow { get; } = VaultRow.Named("vault", "key");

    public static Vault Fresh() => new(Secret.Random(KeySize));

    public VaultWrap Wrap(ReadOnlySpan<char> passphrase, PasswordCost cost) => VaultWrap.Create(_key, passphrase, cost);

    public byte[] Seal(VaultRow row, ReadOnlySpan<byte> value)
    {
        using var salt = Secret.Random(SaltSize);
        using var key = RowKey(salt.Span);
        return [.. salt.Span, .. MessageCipher.Encrypt(key, row.AssociatedData, value)];
    }

    /// <exception cref="ProfileDamagedException">The value was changed, or moved here from another row.</exception>
    public Secret Open(VaultRow row, ReadOnlySpan<byte> value)
    {
        if (value.Length < SaltSize)
            throw new ProfileDamagedException("a sealed value is too short");
        using var key = RowKey(value[..SaltSize]);
        try
        {
            return MessageCipher.Decrypt(key, row.AssociatedData, value[SaltSize..]);
        }
        catch (BadCiphertextException e)
        {
            throw new ProfileDamagedException("a sealed value does not open", e);
        }
    }

    public void Dispose() => _key.Dispose();

    private Secret RowKey(ReadOnlySpan<byte> salt) => KeySchedule.Derive(_key, Label.VaultRow, salt, RowKeySize);
}
