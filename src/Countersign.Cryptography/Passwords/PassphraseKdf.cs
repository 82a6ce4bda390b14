namespace Countersign.Cryptography;

/// <summary>The key that a passphrase gives for encryption at rest.</summary>
public static class PassphraseKdf
{
    /// <summary>Argon2id, then Derive under the label "vault kek": 32 bytes, owned by the caller.</summary>
    /// <inheritdoc cref="LoginSecret.Derive"/>
    public static Secret Derive(ReadOnlySpan<char> passphrase, Salt16 salt, PasswordCost cost)
    {
        using var bytes = PasswordText.Encode(passphrase);
        using var hashed = Argon2.Hash(bytes, salt, cost);
        return KeySchedule.Derive(hashed, Label.VaultKek, [], Hash32.Size);
    }
}
