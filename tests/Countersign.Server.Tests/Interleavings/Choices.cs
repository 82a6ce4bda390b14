namespace Countersign.Server.Tests;

/// <summary>A row of choices that a seed fixes for good (SplitMix64): the same on every platform.</summary>
internal sealed class Choices(int seed)
{
    private ulong _state = (ulong)seed;

    /// <summary>From 0 to below <paramref name="end"/>.</summary>
    public int Next(int end) => Next(0, end);

    public int Next(int from, int end) => from + (int)(Next() % (ulong)(end - from));

    public ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
