using Countersign.Cryptography;

namespace Countersign.Server;

/// <summary>What the links of one user may send.</summary>
/// <param name="Entries">Entries submitted.</param>
/// <param name="Requests">Everything else.</param>
internal sealed record UserBudget(Budget Entries, Budget Requests);

/// <summary>The <see cref="UserBudget"/> of each user. As with <see cref="Budgets{TKey}"/>, the last <paramref name="kept"/> that were asked for are kept.</summary>
internal sealed class UserBudgets(Rate entries, Rate requests, int kept)
{
    private readonly Lock _lock = new();
    private readonly LeastRecentlyUsed<UserName, UserBudget> _budgets = new(kept);

    public UserBudget Of(UserName user)
    {
        lock (_lock)
        {
            if (_budgets.TryGet(user, out var budget))
                return budget;
            budget = new UserBudget(new Budget(entries), new Budget(requests));
            _budgets.Put(user, budget);
            return budget;
        }
    }
}
