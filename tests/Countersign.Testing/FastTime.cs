namespace Countersign.Testing;

/// <summary>A time in which everything that waits waits a part of it: minutes of silence become seconds. The clock shows the right time.</summary>
/// <param name="times">How many times as fast.</param>
public sealed class FastTime(int times = 20) : TimeProvider
{
    public override long TimestampFrequency => base.TimestampFrequency / times;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        System.CreateTimer(callback, state, Fast(dueTime), Fast(period));

    private TimeSpan Fast(TimeSpan time) => time < TimeSpan.Zero ? time : time / times;
}
