namespace Countersign.Server.Tests;

/// <summary>A clock that a test sets: so far ahead of this machine's. Its timers run as they do anyway.</summary>
internal sealed class SetClock : TimeProvider
{
    private int _timesAsked;

    public TimeSpan Lead { get; set; }

    /// <summary>How often somebody asked what time it is.</summary>
    public int TimesAsked => Volatile.Read(ref _timesAsked);

    public override DateTimeOffset GetUtcNow()
    {
        Interlocked.Increment(ref _timesAsked);
        return base.GetUtcNow() + Lead;
    }
}
