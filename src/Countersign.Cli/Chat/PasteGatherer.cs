namespace Countersign.Cli;

/// <summary>Joins lines that arrive together into one text.</summary>
internal sealed class PasteGatherer
{
    private readonly Lock _gate = new();
    private readonly Action<ChatInput> _typed;
    private readonly TimeSpan _gap;
    private readonly ITimer? _timer;
    private readonly List<string> _lines = [];

    /// <param name="typed">Gets each line, or each group of lines.</param>
    /// <param name="gap">Lines closer than this belong together; zero: none do.</param>
    /// <param name="clock">Measures the gap.</param>
    public PasteGatherer(Action<ChatInput> typed, TimeSpan gap, TimeProvider clock)
    {
        _typed = typed;
        _gap = gap;
        _timer = gap == TimeSpan.Zero ? null : clock.CreateTimer(_ => Flush(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Add(string line)
    {
        if (_timer is null)
        {
            _typed(new ChatInput.Line(line));
            return;
        }
        lock (_gate)
        {
            _lines.Add(line);
            _timer.Change(_gap, Timeout.InfiniteTimeSpan);
        }
    }

    public void Flush()
    {
        string text;
        lock (_gate)
        {
            if (_lines.Count == 0)
                return;
            text = string.Join('\n', _lines);
            _lines.Clear();
        }
        _typed(new ChatInput.Line(text));
    }
}
