namespace Countersign.Evidence;

/// <summary>Between when and when something was signed.</summary>
/// <param name="Earliest">By the server's word, or by the author's own claim.</param>
/// <param name="Latest">Proved by a time stamp if <paramref name="IsProved"/>, otherwise by the server's word; null if no head
/// covers the place.</param>
/// <param name="IsProved">A time stamp covers the place.</param>
internal readonly record struct TimeBracket(DateTimeOffset Earliest, DateTimeOffset? Latest, bool IsProved)
{
    public TimeBracket NotBefore(DateTimeOffset time) => time > Earliest ? this with { Earliest = time } : this;
}

/// <summary>The signed heads as a measure of time (BU-18). An entry below a head's size was there when the head was signed, and
/// when it was stamped; one at or above it was not there when it was signed.</summary>
internal sealed class TimeLine
{
    private readonly (ulong Size, DateTimeOffset Time)[] _heads;
    private readonly DateTimeOffset[] _latestUpTo;
    private readonly DateTimeOffset[] _earliestFrom;
    private readonly (ulong Size, DateTimeOffset Time)[] _stamps;
    private readonly DateTimeOffset[] _stampedFrom;

    public TimeLine(IEnumerable<ProvedHead> heads)
    {
        var all = heads.OrderBy(static h => h.Head.Head.Size).ToList();
        _heads = [.. all.Select(static h => (h.Head.Head.Size, h.Head.Time))];
        _stamps = [.. all.Where(static h => h.ProvedTime is not null).Select(static h => (h.Head.Head.Size, h.ProvedTime!.Value))];
        _latestUpTo = new DateTimeOffset[_heads.Length];
        for (var i = 0; i < _heads.Length; i++)
            _latestUpTo[i] = i > 0 && _latestUpTo[i - 1] > _heads[i].Time ? _latestUpTo[i - 1] : _heads[i].Time;
        _earliestFrom = SuffixMinimum(_heads);
        _stampedFrom = SuffixMinimum(_stamps);
    }

    /// <summary>When the entry at a position was signed, as far as heads and stamps tell.</summary>
    public TimeBracket Of(ulong position)
    {
        var stamp = FirstAbove(_stamps, position);
        var latest = stamp < _stamps.Length ? _stampedFrom[stamp] : AcceptedBy(position);
        return new TimeBracket(SignedBefore(position + 1), latest, stamp < _stamps.Length);
    }

    /// <summary>The server's time of the first head that covers a position; null if none does.</summary>
    public DateTimeOffset? AcceptedBy(ulong position)
    {
        var head = FirstAbove(_heads, position);
        return head < _heads.Length ? _earliestFrom[head] : null;
    }

    /// <summary>The newest server's time of a head that is smaller than <paramref name="size"/>: whoever saw that size, or made
    /// what came there, did so later.</summary>
    public DateTimeOffset SignedBefore(ulong size)
    {
        var above = size == 0 ? 0 : FirstAbove(_heads, size - 1);
        return above == 0 ? DateTimeOffset.MinValue : _latestUpTo[above - 1];
    }

    private static int FirstAbove((ulong Size, DateTimeOffset)[] list, ulong size)
    {
        int low = 0, high = list.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (list[middle].Size <= size)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    private static DateTimeOffset[] SuffixMinimum((ulong, DateTimeOffset Time)[] list)
    {
        var minimum = new DateTimeOffset[list.Length];
        for (var i = list.Length - 1; i >= 0; i--)
            minimum[i] = i + 1 < list.Length && minimum[i + 1] < list[i].Time ? minimum[i + 1] : list[i].Time;
        return minimum;
    }
}
