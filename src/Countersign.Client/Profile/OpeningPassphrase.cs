using System.Runtime.InteropServices;
using Countersign.Cryptography;

namespace Countersign.Client;

/// <summary>The passphrase that opened the vault, from then until the first link is up: long enough to renew the account's record
/// without asking for it again (AC-07).</summary>
internal sealed class OpeningPassphrase(ReadOnlySpan<char> passphrase) : IDisposable
{
    private readonly Secret _characters = Secret.CopyOf(MemoryMarshal.AsBytes(passphrase));

    public LoginSecret Derive(Salt16 salt, PasswordCost cost) => LoginSecret.Derive(Characters, salt, cost);

    public VaultWrap Wrap(ProfileStore store, PasswordCost cost) => store.Wrap(Characters, cost);

    private ReadOnlySpan<char> Characters => MemoryMarshal.Cast<byte, char>(_characters.Span);

    public void Dispose() => _characters.Dispose();
}
