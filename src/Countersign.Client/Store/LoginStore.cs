using Countersign.Cryptography;

namespace Countersign.Client;

/// <summary>The account's keys as this device derived them from the passphrase: the present ones, and during a change of
/// passphrase or a renewal the coming ones. Which of the two the account has, the server's next challenge tells by its salt and cost.</summary>
internal sealed class LoginStore(SettingStore settings, Vault vault)
{
    private const string Present = "login";
    private const string Coming = "login coming";

    public bool IsEmpty => settings.Get(Present) is null;

    /// <summary>The keys for a challenge's salt and cost, or null if this device has none; the caller owns them.</summary>
    public (LoginSecret Secret, bool IsComing)? For(Salt16 salt, PasswordCost cost)
    {
        foreach (var name in (ReadOnlySpan<string>)[Present, Coming])
        {
            if (Read(name) is not { } secret)
                continue;
            if (secret.Salt == salt && secret.Cost == cost)
                return (secret, name == Coming);
            secret.Dispose();
        }
        return null;
    }

    /// <summary>Whether a challenge of this salt and cost, which this device has no keys for, is what another device's renewal of the
    /// same passphrase's record leaves behind (AC-07): no server can choose the salt of one, nor make it cheaper.</summary>
    public bool IsRenewal(Salt16 salt, PasswordCost cost)
    {
        using var present = Read(Present);
        return present is not null && present.Salt == salt && cost.AtLeast(present.Cost) == cost;
    }

    /// <summary>The present keys; the caller owns them.</summary>
    public LoginSecret? Current() => Read(Present);

    public void Set(LoginSecret secret) => Write(Present, secret);

    public void Prepare(LoginSecret coming) => Write(Coming, coming);

    public void Commit()
    {
        if (Read(Coming) is not { } coming)
            return;
        using (coming)
            Write(Present, coming);
        Abandon();
    }

    public void Abandon()
    {
        settings.Remove(Coming);
        settings.RemoveSecret(Coming);
    }

    // The salt and cost stand beside the sealed keys; changed ones only make the login fail.
    private void Write(string name, LoginSecret secret)
    {
        using var keys = secret.Export();
        settings.Set(name, CborOutput.Encode(o =>
        {
            o.StartArray(2).Bytes(secret.Salt.Span);
            secret.Cost.Write(o);
            o.EndArray();
        }));
        settings.SetSecret(vault, name, keys.Span);
    }

    private LoginSecret? Read(string name)
    {
        if (settings.Get(name) is not { } parameters)
            return null;
        using var keys = settings.GetSecret(vault, name) ?? throw new ProfileDamagedException("the account's keys are missing");
        return CborInput.Parse(parameters, i =>
        {
            i.StartArray(2);
            var secret = LoginSecret.Import(keys, Salt16.Parse(i.Bytes(Salt16.Size).Span), PasswordCost.Read(i));
            i.EndArray();
            return secret;
        });
    }
}
