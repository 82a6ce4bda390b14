namespace Countersign.Evidence;

/// <summary>The reasons of each entry that is shown, in runs of neighbours with the same ones: a bundle that passes is one run.
/// Withheld subtrees, however many entries they stand for, take nothing.</summary>
internal sealed class EntryReasons
{
    private readonly List<Run> _runs = [];

    private readonly record struct Run(ulong Start, ulong Count, ReasonSet Reasons)
    {
        public ulong End => Start + Count;
    }

    /// <summary>One more entry, without reasons yet; positions ascend.</summary>
    public void Add(ulong position)
    {
        _runs.Add(new Run(position, 1, default));
        Join(_runs.Count - 1);
    }

    /// <exception cref="ArgumentOutOfRangeException">The entry is not shown.</exception>
    public void Add(ulong position, Reason reason)
    {
        var index = IndexOf(position) ?? throw new ArgumentOutOfRangeException(nameof(position));
        if (_runs[index].Reasons.Contains(reason))
            return;
        Split(index, position + 1);
        index = Split(index, position);
        _runs[index] = _runs[index] with { Reasons = _runs[index].Reasons.With(reason) };
        Join(index + 1);
        Join(index);
    }

    /// <summary>Adds a reason to every entry shown from a position on, and says which these are.</summary>
    public IReadOnlyList<(ulong First, ulong Last)> AddFrom(ulong position, Reason reason)
    {
        var stretches = new List<(ulong First, ulong Last)>();
        for (var index = FirstFrom(position); index < _runs.Count; index++)
        {
            var run = _runs[index];
            if (stretches is [.., var last] && last.Last + 1 == run.Start)
                stretches[^1] = (last.First, run.End - 1);
            else
                stretches.Add((run.Start, run.End - 1));
            _runs[index] = run with { Reasons = run.Reasons.With(reason) };
        }
        return stretches;
    }

    /// <summary>The reasons of an entry, or null if it is not shown.</summary>
    public ReasonSet? Find(ulong position) => IndexOf(position) is { } index ? _runs[index].Reasons : null;

    /// <summary>Positions of all entries shown, ascending.</summary>
    public IEnumerable<ulong> Positions
    {
        get
        {
            foreach (var run in _runs)
                for (var position = run.Start; position < run.End; position++)
                    yield return position;
        }
    }

    // The index of the run that begins at the position, or next after it; a run across it is split there.
    private int FirstFrom(ulong position)
    {
        var index = RunsUpTo(position);
        return index > 0 && _runs[index - 1].End > position ? Split(index - 1, position) : index;
    }

    // Splits a run before a position inside it; the index of the run that begins there.
    private int Split(int index, ulong at)
    {
        var run = _runs[index];
        if (at <= run.Start)
            return index;
        if (at >= run.End)
            return index + 1;
        _runs[index] = run with { Count = at - run.Start };
        _runs.Insert(index + 1, new Run(at, run.End - at, run.Reasons));
        return index + 1;
    }

    // Makes a run one with the run before it if nothing tells them apart.
    private void Join(int index)
    {
        if (index < 1 || index >= _runs.Count || _runs[index - 1].End != _runs[index].Start || _runs[index - 1].Reasons != _runs[index].Reasons)
            return;
        _runs[index - 1] = _runs[index - 1] with { Count = _runs[index - 1].Count + _runs[index].Count };
        _runs.RemoveAt(index);
    }

    private int? IndexOf(ulong position)
    {
        var index = RunsUpTo(position) - 1;
        return index >= 0 && position < _runs[index].End ? index : null;
    }

    // How many runs begin at or before a position.
    private int RunsUpTo(ulong position)
    {
        int low = 0, high = _runs.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_runs[middle].Start <= position)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
