namespace Countersign.Server;

/// <summary>A rate that somebody may use up: one unit in every <paramref name="one"/>, and after a rest a burst of them at once
/// (the virtual scheduling algorithm of ITU-T I.371).</summary>
internal sealed class Budget(TimeSpan one, int burst, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly long _one = Math.Max(1, (long)(one.TotalSeconds * clock.TimestampFrequency));
    private long _paid = long.MinValue; // when everything taken so far has been earned again

    /// <summary>Takes units that may not be there yet.</summary>
    /// <returns>How long the taker must wait for them; zero if they were there. Takers wait in the order in which they came.</returns>
    public TimeSpan Take(int units)
    {
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            _paid = PaidAfter(units, now);
            return clock.GetElapsedTime(now + (burst * _one), Math.Max(_paid, now + (burst * _one)));
        }
    }

    /// <summary>Takes units if they are all there; otherwise takes nothing.</summary>
    public BudgetOutcome TryTake(int units)
    {
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            var paid = PaidAfter(units, now);
            if (paid - now > burst * _one)
                return BudgetOutcome.Spent;
            _paid = paid;
            return BudgetOutcome.Taken;
        }
    }

    private long PaidAfter(int units, long now) => Math.Max(_paid, now) + (units * _one);
}

/// <summary>The answer of <see cref="Budget.TryTake"/>.</summary>
internal enum BudgetOutcome
{
    Taken,
    Spent,
}
