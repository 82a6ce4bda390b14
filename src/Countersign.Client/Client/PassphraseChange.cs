using Countersign.Cryptography;
using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>One passphrase for vault and account, changed in both or in neither.</summary>
/// <remarks>The order, each step durable before the next: (1) the coming keys and a second wrap of the vault are stored; from
/// here on both passphrases open the vault; (2) the server is asked; (3) on its yes the coming ones take the present ones'
/// place, on its no they are dropped, in one transaction. If this device or the link ends between (2) and (3), the next
/// login tells by the challenge's salt which of the two the account has, and <see cref="AccountLogin"/> does (3).</remarks>
internal sealed class PassphraseChange(ProfileStore store, PasswordCost cost)
{
    public async Task RunAsync(Session session, ReadOnlyMemory<char> present, ReadOnlyMemory<char> next, CancellationToken cancellation)
    {
        using var held = store.Logins.Current() ?? throw new InvalidOperationException("A registered profile has its account's keys.");
        using (var given = LoginSecret.Derive(present.Span, held.Salt, held.Cost))
            RequireSame(held, given);
        using var coming = LoginSecret.Derive(next.Span, Salt16.Random(), cost);
        var wrap = store.Wrap(next.Span, cost);
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

    private static void RequireSame(LoginSecret held, LoginSecret given)
    {
        using var a = held.Export();
        using var b = given.Export();
        if (!a.FixedTimeEquals(b.Span))
            throw new PassphraseRefusedException();
    }
}
