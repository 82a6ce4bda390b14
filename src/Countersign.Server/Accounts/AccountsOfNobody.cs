using Countersign.Cryptography;

namespace Countersign.Server;

/// <summary>What users without an account are answered with (AC-03): records that are distributed as those of the accounts there
/// are, now and while these are renewed.</summary>
internal sealed class AccountsOfNobody : IDisposable
{
    private readonly Secret _serverSecret;
    private readonly Lock _lock = new();
    private PasswordCosts _costs;

    private AccountsOfNobody(Secret serverSecret, PasswordCosts costs) => (_serverSecret, _costs) = (serverSecret, costs);

    /// <param name="store">Whose accounts are counted: once, and from then on here, by the one server of this store.</param>
    /// <param name="wanted">The cost of nobody while there are no accounts.</param>
    public static async Task<AccountsOfNobody> LoadAsync(IServerStore store, PasswordCost wanted)
    {
        var costs = new PasswordCosts(await store.PasswordCostsAsync().ConfigureAwait(false), wanted);
        return new AccountsOfNobody(await store.ServerSecretAsync().ConfigureAwait(false), costs); // last: what fails before leaves no secret behind
    }

    /// <summary>The record this user would have; the caller owns it.</summary>
    public AccountRecord RecordOf(UserName user)
    {
        PasswordCosts costs;
        lock (_lock)
            costs = _costs;
        return AccountRecord.OfNobody(_serverSecret, user, costs);
    }

    /// <summary>There is one account more.</summary>
    public void Registered(PasswordCost cost)
    {
        lock (_lock)
            _costs = _costs.With(cost);
    }

    /// <summary>An account has another record.</summary>
    public void Changed(PasswordCost old, PasswordCost next)
    {
        lock (_lock)
            _costs = _costs.Without(old).With(next);
    }

    public void Dispose() => _serverSecret.Dispose();
}
