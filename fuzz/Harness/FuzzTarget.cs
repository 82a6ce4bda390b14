using System.Diagnostics;

namespace Countersign.Fuzz;

/// <summary>One reader of bytes that somebody else wrote, with what it promises about any bytes at all.</summary>
/// <param name="Name">Also the name of its folder in fuzz/corpus.</param>
/// <param name="Read">Reads, and returns the one encoding of what it read, or null where the form has no such thing.</param>
/// <param name="Refuses">The documented exceptions; any other is a finding.</param>
public sealed record FuzzTarget(string Name, Func<byte[], byte[]?> Read, Func<Exception, bool> Refuses)
{
    /// <summary>Longer inputs are cut: what is longer never reaches the reader.</summary>
    public int MaxLength { get; init; } = 262144;

    /// <summary>Bytes a reading may allocate, whatever its input.</summary>
    public long AllocatedAtMost { get; init; } = 128 * 1024;

    /// <summary>Bytes it may allocate besides, for each byte of the input.</summary>
    public int AllocatedForEachByte { get; init; } = 48;

    /// <summary>How long a reading may take: far above what any needs, on a machine that does other things, too.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Reads the input and holds the reader to its promises.</summary>
    /// <returns>Whether the input was accepted.</returns>
    /// <exception cref="FindingException">A promise was broken.</exception>
    public bool Try(byte[] input)
    {
        var watch = Stopwatch.StartNew();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var (accepted, canonical) = Outcome(input);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        if (allocated > AllocatedAtMost + ((long)AllocatedForEachByte * input.Length))
            throw new FindingException(Name, input, $"{allocated} bytes allocated for {input.Length} bytes of input");
        if (watch.Elapsed > Patience)
            throw new FindingException(Name, input, $"took {watch.Elapsed}");
        if (canonical is not null && !canonical.AsSpan().SequenceEqual(input))
            throw new FindingException(Name, input, "accepted, and encoded otherwise than it came");
        return accepted;
    }

    private (bool Accepted, byte[]? Canonical) Outcome(byte[] input)
    {
        try
        {
            return (true, Read(input));
        }
        catch (Exception e) when (Refuses(e))
        {
            return (false, null);
        }
        catch (Exception e)
        {
            throw new FindingException(Name, input, $"{e.GetType().Name} is not documented", e);
        }
    }
}
