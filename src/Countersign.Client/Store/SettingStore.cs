using Countersign.Cryptography;

namespace Countersign.Client;

/// <summary>Single values: public ones as they are, secret ones under the vault.</summary>
internal sealed class SettingStore(ClientDatabase database)
{
    public byte[]? Get(string name) => database.Blob("SELECT value FROM setting WHERE name=$1", name);

    public void Set(string name, byte[] value) =>
        database.Execute("INSERT INTO setting VALUES($1,$2) ON CONFLICT(name) DO UPDATE SET value=excluded.value", name, value);

    public void Remove(string name) => database.Execute("DELETE FROM setting WHERE name=$1", name);

    /// <summary>The caller owns the result.</summary>
    /// <exception cref="ProfileDamagedException">The value does not open under this vault.</exception>
    public Secret? GetSecret(Vault vault, string name) =>
        database.Blob("SELECT sealed FROM secret WHERE name=$1", name) is { } value ? vault.Open(Row(name), value) : null;

    public void SetSecret(Vault vault, string name, ReadOnlySpan<byte> value) => database.Execute(
        "INSERT INTO secret VALUES($1,$2) ON CONFLICT(name) DO UPDATE SET sealed=excluded.sealed", name, vault.Seal(Row(name), value));

    public void RemoveSecret(string name) => database.Execute("DELETE FROM secret WHERE name=$1", name);

    private static VaultRow Row(string name) => VaultRow.Named("secret", name);
}
