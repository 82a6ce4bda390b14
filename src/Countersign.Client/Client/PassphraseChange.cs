using Countersign.Cryptography;
using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>One passphrase for vault and account, changed in both or in neither; and the same passphrase at a higher cost.</summary>
/// <remarks>The order, each step durable before the next: (1) the coming keys and a second wrap of the vault are stored; from
/// here on both passphrases open the vault; (2) the server is asked; (3) on its yes the coming ones take the present ones'
/// place, on its no they are dropped, in one transaction. If this device or the link ends between (2) and (3), the next
/// login tells by the challenge's salt and cost which of the two the account has, and <see cref="AccountLogin"/> does (3).</remarks>
internal sealed class PassphraseChange(ProfileStore store, PasswordCost own)
{
    /// <summary>Changes the passphrase.</summary>
    /// <exception cref="PassphraseRefusedException">The present passphrase is another one.</exception>
    public async Task RunAsync(Session session, ReadOnlyMemory<char> present, ReadOnlyMemory<char> next, CancellationToken cancellation)
    {
        using var held = Held();
        using (var given = LoginSecret.Derive(present.Span, held.Salt, held.Cost))
            if (!IsSame(held, given))
                throw new PassphraseRefusedException();
        var cost = own.AtLeast(session.Welcome.Cost);
        using var coming = LoginSecret.Derive(next.Span, Salt16.Random(), cost);
        await ReplaceAsync(session, held, coming, store.Wrap(next.Span, cost), cancellation);
    }

    /// <summary>Renews what costs less to guess at than this server wants or than this device would make anew (AC-07): the account's
    /// record under the same salt, and the vault's wrap. Costs only ever grow here, inside AC-05's limits, whatever a server says.</summary>
    /// <param name="session">Just begun.</param>
    /// <param name="passphrase">What opened the vault. If it is not the account's (the other one of an interrupted change),
    /// nothing is done.</param>
    /// <param name="cancellation">Ends the attempt; the next login settles what became of it.</param>
    /// <exception cref="RequestRefusedException">The account stays as it was.</exception>
    public async Task RenewAsync(Session session, OpeningPassphrase passphrase, CancellationToken cancellation)
    {
        using var held = Held();
        var cost = held.Cost.AtLeast(own).AtLeast(session.Welcome.Cost);
        var isVaultBehind = store.Door.Cost.AtLeast(cost) != store.Door.Cost;
        if (cost == held.Cost && !isVaultBehind)
            return;
        using (var given = passphrase.Derive(held.Salt, held.Cost))
            if (!IsSame(held, given))
                return;
        var wrap = passphrase.Wrap(store, store.Door.Cost.AtLeast(cost));
        if (cost == held.Cost)
        {
            store.Database.InTransaction(() => store.Door.Create(wrap));
            return;
        }
        using var coming = passphrase.Derive(held.Salt, cost);
        await ReplaceAsync(session, held, coming, wrap, cancellation);
    }

    private async Task ReplaceAsync(Session session, LoginSecret held, LoginSecret coming, VaultWrap wrap, CancellationToken cancellation)
    {
        store.Database.InTransaction(() =>
        {
            store.Logins.Prepare(coming);
            store.Door.Prepare(wrap);
        });
        using var record = coming.ToRecord();
        var proof = Scram.ProveChange(held, session.Link.Binding, record);
        try
        {
            await session.AskAsync<Done>(id => new ChangePassword(id, record, proof), cancellation);
        }
        catch (RequestRefusedException)
        {
            Settle(taken: false);
            throw;
        }
        catch (NotConnectedException e) when (e.Cause is LinkEnd.ToldByServer { Code: WireCode.AuthFail })
        {
            Settle(taken: false);
            throw new PassphraseRefusedException();
        }
        Settle(taken: true);
    }

    private void Settle(bool taken) => store.Database.InTransaction(() =>
    {
        if (taken)
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

    private LoginSecret Held() => store.Logins.Current() ?? throw new InvalidOperationException("A registered profile has its account's keys.");

    private static bool IsSame(LoginSecret held, LoginSecret given)
    {
        using var a = held.Export();
        using var b = given.Export();
        return a.FixedTimeEquals(b.Span);
    }
}
