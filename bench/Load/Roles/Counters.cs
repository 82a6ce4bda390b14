using System.Diagnostics;
using System.Globalization;

namespace Countersign.Load;

/// <summary>What a process has used since its start, as it says itself.</summary>
internal readonly record struct Counters(TimeSpan Cpu, long Allocated, long Resident, long Heap)
{
    public static Counters Here()
    {
        using var process = Process.GetCurrentProcess();
        return new Counters(Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes(precise: true), process.WorkingSet64, GC.GetTotalMemory(false));
    }

    public static Counters operator -(Counters later, Counters earlier) =>
        new(later.Cpu - earlier.Cpu, later.Allocated - earlier.Allocated, later.Resident - earlier.Resident, later.Heap - earlier.Heap);

    public string Line() => string.Create(CultureInfo.InvariantCulture, $"{Cpu.Ticks} {Allocated} {Resident} {Heap}");

    public static Counters Parse(string line)
    {
        var numbers = line.Split(' ').Select(static part => long.Parse(part, CultureInfo.InvariantCulture)).ToArray();
        return new Counters(TimeSpan.FromTicks(numbers[0]), numbers[1], numbers[2], numbers[3]);
    }
}
