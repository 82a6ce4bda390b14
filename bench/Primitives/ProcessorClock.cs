using Perfolizer.Horology;

namespace Countersign.Bench;

/// <summary>Processor time of this process instead of the time of day: what else the machine does then counts much less.</summary>
internal sealed class ProcessorClock : IClock
{
    public string Title => "processor time";

    public bool IsAvailable => true;

    public Frequency Frequency => new(TimeSpan.TicksPerSecond);

    public long GetTimestamp() => Environment.CpuUsage.TotalTime.Ticks;
}
