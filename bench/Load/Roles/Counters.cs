using System.Diagnostics;
using System.Globalization;
using System.Runtime;

namespace Countersign.Load;

/// <summary>What a process has used since its start, as it says itself.</summary>
internal readonly record struct Counters(TimeSpan Cpu, TimeSpan Compiling, long Allocated, long Resident, long Heap)
{
    private const double Settled = 0.01;

    /// <summary>Whether the process did little else than its work in this time: code that is used much is compiled again in the background, for the
    /// first minutes of a server's years.</summary>
    public bool IsSettled => Compiling < Settled * Cpu;

    public static Counters Here()
    {
        using var process = Process.GetCurrentProcess();
        return new Counters(Environment.CpuUsage.TotalTime, JitInfo.GetCompilationTime(), GC.GetTotalAllocatedBytes(precise: true), process.WorkingSet64, GC.GetTotalMemory(false));
    }

    public static Counters operator -(Counters later, Counters earlier) =>
        new(later.Cpu - earlier.Cpu, later.Compiling - earlier.Compiling, later.Allocated - earlier.Allocated, later.Resident - earlier.Resident, later.Heap - earlier.Heap);

    public string Line() => string.Create(CultureInfo.InvariantCulture, $"{Cpu.Ticks} {Compiling.Ticks} {Allocated} {Resident} {Heap}");

    public static Counters Parse(string line)
    {
        var numbers = line.Split(' ').Select(static part => long.Parse(part, CultureInfo.InvariantCulture)).ToArray();
        return new Counters(TimeSpan.FromTicks(numbers[0]), TimeSpan.FromTicks(numbers[1]), numbers[2], numbers[3], numbers[4]);
    }
}
