namespace Countersign.Client.Tests;

/// <summary>The machine's time, which notes how long somebody means to wait once, and jumps to the end of such waits as often as it is
/// told to.</summary>
/// <param name="least">Shorter waits are not noted, and are waited for.</param>
/// <param name="most">So are longer ones; an hour, if nothing else is said: each link waits for days to replace a prekey.</param>
internal sealed class JumpingTime(TimeSpan least, TimeSpan? most = null) : TimeProvider
{
    private readonly TimeSpan _most = most ?? TimeSpan.FromHours(1);
    private readonly Lock _gate = new();
    private readonly List<TimeSpan> _waits = [];
    private TimeSpan _ahead;
    private int _jumps;

    /// <summary>The waits that were noted, in the order in which they began.</summary>
    public IReadOnlyList<TimeSpan> Waits
    {
        get
        {
            lock (_gate)
                return [.. _waits];
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
            return base.GetUtcNow() + _ahead;
    }

    public override long GetTimestamp()
    {
        lock (_gate)
            return base.GetTimestamp() + (long)(_ahead.TotalSeconds * TimestampFrequency);
    }

    /// <summary>So many waits from now on are jumped over.</summary>
    public void Jump(int waits)
    {
        lock (_gate)
            _jumps = waits;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        lock (_gate)
        {
            if (period == Timeout.InfiniteTimeSpan && dueTime >= least && dueTime <= _most)
            {
                _waits.Add(dueTime);
                if (_jumps > 0)
                {
                    _jumps--;
                    _ahead += dueTime;
                    dueTime = TimeSpan.Zero;
                }
            }
        }
        return System.CreateTimer(callback, state, dueTime, period);
    }
}
