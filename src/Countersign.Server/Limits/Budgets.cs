namespace Countersign.Server;

/// <summary>A <see cref="Budget"/> for each user, address or other key. The last <paramref name="kept"/> that were asked for are
/// kept: whose budget is forgotten has not used it for long, and begins with a full one.</summary>
internal sealed class Budgets<TKey>(Rate rate, int kept) where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly LeastRecentlyUsed<TKey, Budget> _budgets = new(kept);

    public Budget Of(TKey key)
    {
        lock (_lock)
        {
            if (_budgets.TryGet(key, out var budget))
                return budget;
            budget = new Budget(rate);
            _budgets.Put(key, budget);
            return budget;
        }
    }
}
