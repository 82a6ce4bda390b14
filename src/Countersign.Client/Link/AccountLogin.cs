using Countersign.Cryptography;
using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>Section 5 from this device's side, with the keys it derived before, or from a passphrase that is offered, or
/// from the one that opened the vault.</summary>
internal sealed class AccountLogin(ProfileStore store, OpeningPassphrase? opening, PasswordCost own)
{
    /// <summary>The passphrase that was offered is the vault's now.</summary>
    public bool HasAdopted { get; private set; }

    /// <summary>Logs in. The challenge's salt and cost show which keys the account has: after an interrupted change of passphrase that
    /// decides which passphrase is the vault's from now on.</summary>
    /// <param name="steps">Of the link.</param>
    /// <param name="choice">Both sides are authenticated.</param>
    /// <param name="offered">A passphrase to try if the account has another one than this profile knows; it becomes the vault's.</param>
    public async Task<ExpectRekeyReply> LoginAsync(LinkOpener.AccountSteps steps, AccountChoice choice, ReadOnlyMemory<char>? offered)
    {
        var challenge = await steps.AskAsync(choice);
        if (store.Logins.For(challenge.Salt, challenge.Cost) is { } known)
        {
            using var secret = known.Secret;
            var next = await steps.AnswerAsync(challenge, secret);
            Settle(known.IsComing);
            return next;
        }
        if (offered is not { } passphrase)
            return await LoginRenewedAsync(steps, challenge);
        using var derived = LoginSecret.Derive(passphrase.Span, challenge.Salt, challenge.Cost);
        var proved = await steps.AnswerAsync(challenge, derived);
        Adopt(derived, passphrase.Span);
        return proved;
    }

    // AC-07: another device has renewed the record. A challenge of another salt or a lower cost is a person's to answer.
    private async Task<ExpectRekeyReply> LoginRenewedAsync(LinkOpener.AccountSteps steps, PasswordChallenge challenge)
    {
        if (!store.Logins.IsRenewal(challenge.Salt, challenge.Cost))
            throw new LinkEndedException(new LinkEnd.PassphraseChangedElsewhere());
        if (opening is null)
            throw new LinkEndedException(new LinkEnd.AccountRenewedElsewhere());
        using var derived = opening.Derive(challenge.Salt, challenge.Cost);
        var proved = await steps.AnswerAsync(challenge, derived);
        store.Database.InTransaction(() =>
        {
            store.Logins.Set(derived);
            store.Logins.Abandon();
        });
        return proved;
    }

    /// <summary>Creates the account, at the cost that this server wants, if it is no lower than this device's own. Its keys are stored before they are sent, so that an interrupted registration can log in.</summary>
    public async Task<ExpectRekeyReply> RegisterAsync(LinkOpener.AccountSteps steps, AccountChoice choice, ReadOnlyMemory<char> passphrase)
    {
        using var secret = store.Logins.Current() ?? LoginSecret.Derive(passphrase.Span, Salt16.Random(), store.WantedCost?.AtLeast(own) ?? own);
        store.Database.InTransaction(() => store.Logins.Set(secret));
        using var record = secret.ToRecord();
        return await steps.RegisterAsync(choice, record);
    }

    private void Settle(bool changed) => store.Database.InTransaction(() =>
    {
        if (changed)
        {
            store.Door.Commit();
            store.Logins.Commit();
        }
        else
        {
            store.Door.Abandon();
            store.Logins.Abandon();
        }
    });

    private void Adopt(LoginSecret secret, ReadOnlySpan<char> passphrase)
    {
        var wrap = store.Wrap(passphrase, secret.Cost.AtLeast(own));
        store.Database.InTransaction(() =>
        {
            store.Door.Create(wrap);
            store.Door.Abandon();
            store.Logins.Set(secret);
            store.Logins.Abandon();
        });
        HasAdopted = true;
    }
}
