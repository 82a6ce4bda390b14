using Countersign.Cryptography;

namespace Countersign.Client;

/// <summary>Opens the vault with a passphrase. During a change of passphrase there are two wraps, the present and the coming
/// one, and either passphrase opens it until the server has told which one is the account's.</summary>
internal sealed class VaultDoor(SettingStore settings)
{
    private const string Present = "vault";
    private const string Coming = "vault coming";

    /// <exception cref="WrongPassphraseException">No wrap opens.</exception>
    public Vault Open(ReadOnlySpan<char> passphrase)
    {
        foreach (var name in (ReadOnlySpan<string>)[Present, Coming])
            if (settings.Get(name) is { } stored && Parse(stored).TryOpen(passphrase) is { } key)
                return new Vault(key);
        throw new WrongPassphraseException();
    }

    /// <summary>What a guess at the vault's passphrase costs.</summary>
    public PasswordCost Cost => Parse(settings.Get(Present) ?? throw new ProfileDamagedException("the vault's wrap is missing")).Cost;

    public void Create(VaultWrap wrap) => settings.Set(Present, wrap.Encode());

    public void Prepare(VaultWrap coming) => settings.Set(Coming, coming.Encode());

    /// <summary>The coming passphrase takes the present one's place.</summary>
    public void Commit()
    {
        if (settings.Get(Coming) is not { } coming)
            return;
        settings.Set(Present, coming);
        settings.Remove(Coming);
    }

    public void Abandon() => settings.Remove(Coming);

    private static VaultWrap Parse(byte[] stored)
    {
        try
        {
            return VaultWrap.Parse(stored);
        }
        catch (MalformedException e)
        {
            throw new ProfileDamagedException("the vault's wrap does not parse", e);
        }
    }
}
