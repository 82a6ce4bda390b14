namespace Countersign.Server.Tests;

/// <summary>A clock that a test sets: so far ahead of this machine's. Its timers run as they do anyway.</summary>
internal sealed class SetClock : TimeProvider
{
    private readonly System.Collections.Concurrent.ConcurrentQueue<TimeSpan> _once = [];
    private int _timesAsked;

    public TimeSpan Lead { get; set; }

    /// <summary>How often somebody asked what time it is.</summary>
    public int TimesAsked => Volatile.Read(ref _timesAsked);

    /// <summary>What the next who ask are told instead, one after the other.</summary>
    public void LeadOnce(params ReadOnlySpan<TimeSpan> leads)
    {
        foreach (var lead in leads)
            _once.Enqueue(lead);
    }

    public override DateTimeOffset GetUtcNow()
    {
        Interlocked.Increment(ref _timesAsked);
        return base.GetUtcNow() + (_once.TryDequeue(out var once) ? once : Lead);
    }
}
