namespace Countersign.Server.Tests;

/// <summary>A clock that a test sets: so far ahead of this machine's. Its timers run as they do anyway.</summary>
internal sealed class SetClock : TimeProvider
{
    public TimeSpan Lead { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Lead;
}
