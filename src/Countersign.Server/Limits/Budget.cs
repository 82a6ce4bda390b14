namespace Countersign.Server;

/// <summary>A rate: one unit in every <paramref name="one"/>, and after a rest a burst of them at once (the virtual scheduling algorithm
/// of ITU-T I.371).</summary>
internal sealed class Rate(TimeSpan one, int burst, TimeProvider clock)
{
    public long One { get; } = Math.Max(1, (long)(one.TotalSeconds * clock.TimestampFrequency));

    public long Burst => burst * One;

    public TimeProvider Clock => clock;
}

/// <summary>A <see cref="Rate"/> that somebody may use up. Thread-safe.</summary>
internal sealed class Budget(Rate rate)
{
    private long _paid = long.MinValue; // when everything taken so far has been earned again

    /// <summary>Takes units that may not be there yet.</summary>
    /// <returns>How long the taker must wait for them; zero if they were there. Takers wait in the order in which they came.</returns>
    public TimeSpan Take(int units)
    {
        while (true)
        {
            var (former, now) = (Volatile.Read(ref _paid), rate.Clock.GetTimestamp());
            var paid = PaidAfter(former, units, now);
            if (Interlocked.CompareExchange(ref _paid, paid, former) == former)
                return rate.Clock.GetElapsedTime(now + rate.Burst, Math.Max(paid, now + rate.Burst));
        }
    }

    /// <summary>Takes units if they are all there; otherwise takes nothing.</summary>
    public BudgetOutcome TryTake(int units)
    {
        while (true)
        {
            var (former, now) = (Volatile.Read(ref _paid), rate.Clock.GetTimestamp());
            var paid = PaidAfter(former, units, now);
            if (paid - now > rate.Burst)
                return BudgetOutcome.Spent;
            if (Interlocked.CompareExchange(ref _paid, paid, former) == former)
                return BudgetOutcome.Taken;
        }
    }

    private long PaidAfter(long former, int units, long now) => Math.Max(former, now) + (units * rate.One);
}

/// <summary>The answer of <see cref="Budget.TryTake"/>.</summary>
internal enum BudgetOutcome
{
    Taken,
    Spent,
}
