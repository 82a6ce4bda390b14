namespace Countersign.Evidence;

/// <summary>The reasons of each entry that is shown, eight bytes each. Withheld subtrees, however many entries they stand for,
/// take nothing.</summary>
internal sealed class EntryReasons
{
    private readonly List<ReasonSet> _reasons = [];
    private readonly List<(ulong Position, int Index)> _runs = [];

    public void Add(ulong position)
    {
        if (_runs.Count == 0 || _runs[^1].Position + (ulong)(_reasons.Count - _runs[^1].Index) != position)
            _runs.Add((position, _reasons.Count));
        _reasons.Add(default);
    }

    public void Add(ulong position, Reason reason)
    {
        var index = IndexOf(position) ?? throw new ArgumentOutOfRangeException(nameof(position));
        _reasons[index] = _reasons[index].With(reason);
    }

    /// <summary>The reasons of an entry, or null if it is not shown.</summary>
    public ReasonSet? Find(ulong position) => IndexOf(position) is { } index ? _reasons[index] : null;

    /// <summary>Positions of all entries shown, ascending.</summary>
    public IEnumerable<ulong> Positions
    {
        get
        {
            for (var run = 0; run < _runs.Count; run++)
            {
                var end = run + 1 < _runs.Count ? _runs[run + 1].Index : _reasons.Count;
                for (var index = _runs[run].Index; index < end; index++)
                    yield return _runs[run].Position + (ulong)(index - _runs[run].Index);
            }
        }
    }

    private int? IndexOf(ulong position)
    {
        int low = 0, high = _runs.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_runs[middle].Position <= position)
                low = middle + 1;
            else
                high = middle;
        }
        if (low == 0)
            return null;
        var (start, first) = _runs[low - 1];
        var end = low < _runs.Count ? _runs[low].Index : _reasons.Count;
        return position - start < (ulong)(end - first) ? first + (int)(position - start) : null;
    }
}
