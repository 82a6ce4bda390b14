namespace Countersign.Evidence;

/// <summary>What the steps find: reasons of each entry in one word, and findings for people, of which equal ones about a run of
/// entries are one. A hostile bundle cannot make the list long.</summary>
internal sealed class FindingList
{
    /// <summary>Most findings that are told apart; entries have their reasons beyond it.</summary>
    private const int MaxFindings = 1000;

    private readonly EntryReasons _entries = new();
    private readonly List<Finding> _findings = [];
    private readonly Dictionary<(Reason, DeviceId?, string?), int> _open = [];
    private ReasonSet _whole;

    public ReasonSet Whole => _whole;

    public IReadOnlyList<Finding> Findings => _findings;

    public EntryReasons Entries => _entries;

    /// <summary>About the bundle, or one of its parts.</summary>
    public void Add(Finding finding)
    {
        _whole = _whole.With(finding.Reason);
        if (_findings.Count < MaxFindings && !_findings.Contains(finding))
            _findings.Add(finding);
    }

    /// <summary>One more entry, without reasons yet; positions ascend.</summary>
    public void AddEntry(ulong position) => _entries.Add(position);

    /// <summary>About every entry from a position on.</summary>
    public void AddFrom(ulong position, Reason reason)
    {
        foreach (var (first, last) in _entries.AddFrom(position, reason))
            Add(new Finding(reason, first, last));
    }

    /// <summary>About one entry that was added.</summary>
    public void AddTo(ulong position, Reason reason, DeviceId? device = null, string? rule = null)
    {
        _whole = _whole.With(reason);
        _entries.Add(position, reason);
        if (_open.TryGetValue((reason, device, rule), out var index) && _findings[index].Through + 1 == position)
        {
            _findings[index] = _findings[index] with { Through = position };
            return;
        }
        if (_findings.Count >= MaxFindings)
            return;
        _open[(reason, device, rule)] = _findings.Count;
        _findings.Add(new Finding(reason, position, position, device, Rule: rule));
    }
}
