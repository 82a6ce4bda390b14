namespace Countersign.Faults.Tests;

/// <summary>A time in which everything that waits waits a twentieth of it: minutes of silence become seconds. The clock shows the right time.</summary>
internal sealed class FastTime : TimeProvider
{
    private const int Times = 20;

    public override long TimestampFrequency => base.TimestampFrequency / Times;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        System.CreateTimer(callback, state, Fast(dueTime), Fast(period));

    private static TimeSpan Fast(TimeSpan time) => time < TimeSpan.Zero ? time : time / Times;
}
