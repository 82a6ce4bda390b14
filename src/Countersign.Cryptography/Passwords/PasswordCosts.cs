namespace Countersign.Cryptography;

/// <summary>How many accounts have which cost: what an account that does not exist is given its own from (AC-03). Never changed:
/// each change makes a new one.</summary>
public sealed class PasswordCosts
{
    private readonly (PasswordCost Cost, long Accounts)[] _counts;
    private readonly PasswordCost _ofNone;

    /// <param name="counts">Each cost once, in any order.</param>
    /// <param name="ofNone">The answer while there are no accounts.</param>
    public PasswordCosts(IEnumerable<(PasswordCost Cost, long Accounts)> counts, PasswordCost ofNone)
    {
        _counts = [.. counts.Where(static c => c.Accounts > 0).OrderBy(static c => c.Cost.MemoryKiB).ThenBy(static c => c.Cost.Passes)];
        _ofNone = ofNone;
    }

    /// <summary>With one account more.</summary>
    public PasswordCosts With(PasswordCost cost) => Changed(cost, 1);

    /// <summary>With one account less.</summary>
    public PasswordCosts Without(PasswordCost cost) => Changed(cost, -1);

    /// <summary>The cost of the account at this share of all, in ascending order of cost: 0 is the first, 2^64 would be after the last.</summary>
    /// <remarks>Whoever has a fixed share moves to a higher cost when enough accounts have, and back only if accounts do.</remarks>
    internal PasswordCost At(ulong share)
    {
        var place = (long)(((UInt128)share * (ulong)_counts.Sum(static c => c.Accounts)) >> 64);
        foreach (var (cost, accounts) in _counts)
        {
            if (place < accounts)
                return cost;
            place -= accounts;
        }
        return _ofNone;
    }

    private PasswordCosts Changed(PasswordCost cost, long by)
    {
        var counts = _counts.ToDictionary(static c => c.Cost, static c => c.Accounts);
        counts[cost] = Math.Max(0, counts.GetValueOrDefault(cost) + by);
        return new PasswordCosts(counts.Select(static c => (c.Key, c.Value)), _ofNone);
    }
}
