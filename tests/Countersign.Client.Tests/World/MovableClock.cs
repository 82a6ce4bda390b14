namespace Countersign.Client.Tests;

/// <summary>The machine's clock, set ahead or back; what measures how long something takes goes on as it is.</summary>
internal sealed class MovableClock : TimeProvider
{
    public TimeSpan Lead { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Lead;
}
