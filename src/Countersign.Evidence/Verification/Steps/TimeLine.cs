using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>Between when and when something was signed.</summary>
/// <param name="Earliest">By the server's word, or by the author's own claim as far as the server's word allows it.</param>
/// <param name="Latest">Proved by a time stamp if <paramref name="IsProved"/>, otherwise by the server's word; null if no head
/// covers the place.</param>
/// <param name="IsProved">A time stamp covers the place.</param>
internal readonly record struct TimeBracket(DateTimeOffset Earliest, DateTimeOffset? Latest, bool IsProved);

/// <summary>The signed heads as a measure of time (BU-18). An entry below a head's size was there when the head was signed, and
/// when it was stamped; one at or above it was not there when it was signed, if the head was the newest then.</summary>
/// <remarks>Of the transcript's own heads alone: one that contradicts it, or cannot be compared with it, says nothing of its entries. Which of them were signed while they were the newest, the way through the transcript tells: what is asked about a size or
/// a position is known once that size is reached.</remarks>
internal sealed class TimeLine
{
    private readonly ProvedHead[] _heads;
    private readonly DateTimeOffset[] _newestUpTo;
    private readonly ProvedHead[] _accepting;
    private readonly DateTimeOffset[] _earliestFrom;
    private readonly ProvedHead[] _stamps;
    private readonly DateTimeOffset[] _stampedFrom;
    private int _reached;

    public TimeLine(IEnumerable<ProvedHead> heads)
    {
        _heads = [.. heads.OrderBy(static h => h.Size).ThenBy(static h => h.Head.Time)];
        _stamps = [.. _heads.Where(static h => h.Stamp is not null)];
        _newestUpTo = new DateTimeOffset[_heads.Length];
        _accepting = [.. Believed(_heads)];
        _earliestFrom = SuffixMinimum(_accepting, static h => h.Head.Time);
        _stampedFrom = SuffixMinimum(_stamps, static h => h.ProvedTime!.Value);
    }

    /// <summary>The transcript has this size now.</summary>
    /// <param name="size">Sizes ascend.</param>
    /// <param name="isSignedOnce">The last entry is shown, is in its place, and removes nobody: a server signs such a size only while it
    /// is the newest (RC-09). A device that was removed may have its last head signed again, at any later time.</param>
    public void Reached(ulong size, bool isSignedOnce)
    {
        for (; _reached < _heads.Length && _heads[_reached].Size <= size; _reached++)
        {
            var (head, before) = (_heads[_reached], _reached == 0 ? DateTimeOffset.MinValue : _newestUpTo[_reached - 1]);
            var counts = isSignedOnce && head.Size == size && head.Head.Time > before;
            _newestUpTo[_reached] = counts ? head.Head.Time : before;
        }
    }

    /// <summary>When the entry at a position was signed, as far as heads and stamps tell.</summary>
    /// <param name="position">Of the entry.</param>
    /// <param name="claimed">The entry's own time; null: heads and stamps alone. A clock may be ahead (EN-08), and one that is ahead of the
    /// server's word is.</param>
    public TimeBracket Of(ulong position, DateTimeOffset? claimed = null)
    {
        var stamp = FirstAbove(_stamps, position);
        var (accepted, earliest) = (AcceptedBy(position), SignedBefore(position + 1));
        var latest = stamp < _stamps.Length ? _stampedFrom[stamp] : accepted;
        if (latest is not null && claimed - ConversationLimits.MaxClockLead is { } atLeast && atLeast > earliest)
            earliest = atLeast;
        return new TimeBracket(earliest < accepted ? earliest : accepted ?? earliest, latest, stamp < _stamps.Length);
    }

    /// <summary>What the server's clock showed, at the latest, when it took the entry at a position (EN-08, as EN-18 asks): by the earliest time
    /// of a head that covers it, or of a stamp, which the clock of whoever signed the head may be ahead of. Null if nothing covers it.</summary>
    public DateTimeOffset? TakenBy(ulong position)
    {
        var (stamp, accepted) = (FirstAbove(_stamps, position), AcceptedBy(position));
        var stamped = stamp < _stamps.Length ? ConversationLimits.Later(_stampedFrom[stamp], ConversationLimits.MaxClockLead) : accepted;
        return (accepted < stamped ? accepted : stamped) is { } head ? ConversationLimits.LatestAcceptance(head) : null;
    }

    /// <summary>The newest server's time of a head that is smaller than <paramref name="size"/>: whoever saw that size, or made
    /// what came there, did so later.</summary>
    public DateTimeOffset SignedBefore(ulong size)
    {
        var above = size == 0 ? 0 : Math.Min(FirstAbove(_heads, size - 1), _reached);
        return above == 0 ? DateTimeOffset.MinValue : _newestUpTo[above - 1];
    }

    /// <summary>Sizes of heads that the server dated before a smaller one.</summary>
    public IEnumerable<ulong> Backdated() =>
        _heads.Where(head => SignedBefore(head.Size) - head.Head.Time > ConversationLimits.MaxClockLead).Select(static head => head.Size).Distinct();

    // The earliest server's time of a head that covers a position; null if none does.
    private DateTimeOffset? AcceptedBy(ulong position)
    {
        var head = FirstAbove(_accepting, position);
        return head < _accepting.Length ? _earliestFrom[head] : null;
    }

    // One that a smaller head contradicts is nobody's limit: an author is not to answer for what the server dated back.
    private static IEnumerable<ProvedHead> Believed(ProvedHead[] heads)
    {
        var (newest, newestBelow, size) = (DateTimeOffset.MinValue, DateTimeOffset.MinValue, 0UL);
        foreach (var head in heads)
        {
            if (head.Size > size)
                (newestBelow, size) = (newest, head.Size);
            if (newestBelow - head.Head.Time <= ConversationLimits.MaxClockLead)
                yield return head;
            newest = head.Head.Time > newest ? head.Head.Time : newest;
        }
    }

    private static int FirstAbove(ProvedHead[] list, ulong size)
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

    private static DateTimeOffset[] SuffixMinimum(ProvedHead[] list, Func<ProvedHead, DateTimeOffset> time)
    {
        var minimum = new DateTimeOffset[list.Length];
        for (var i = list.Length - 1; i >= 0; i--)
            minimum[i] = i + 1 < list.Length && minimum[i + 1] < time(list[i]) ? minimum[i + 1] : time(list[i]);
        return minimum;
    }
}
