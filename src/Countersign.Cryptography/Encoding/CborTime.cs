namespace Countersign.Cryptography;

/// <summary>The `time` of SPEC section 1: milliseconds since 1970-01-01T00:00:00Z, at most the last one of the year 9999.</summary>
public static class CborTime
{
    private static readonly ulong Latest = (ulong)DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    public static DateTimeOffset Time(this CborInput input) => DateTimeOffset.FromUnixTimeMilliseconds((long)input.UInt(Latest));

    /// <summary>Anything finer than a millisecond is cut off.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The time is before 1970.</exception>
    public static CborOutput Time(this CborOutput output, DateTimeOffset value)
    {
        var milliseconds = value.ToUnixTimeMilliseconds();
        ArgumentOutOfRangeException.ThrowIfNegative(milliseconds);
        return output.UInt((ulong)milliseconds);
    }

    /// <summary><paramref name="value"/> as the wire carries it: UTC, whole milliseconds.</summary>
    public static DateTimeOffset ToWholeMilliseconds(this DateTimeOffset value) => DateTimeOffset.FromUnixTimeMilliseconds(value.ToUnixTimeMilliseconds());
}
