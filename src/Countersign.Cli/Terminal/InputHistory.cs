namespace Countersign.Cli;

/// <summary>Lines sent before, for the cursor keys. In memory only: a file of them would hold in the clear what the
/// conversations keep encrypted.</summary>
internal sealed class InputHistory
{
    private const int Most = 200;
    private readonly List<string> _lines = [];
    private int _at;
    private string _draft = "";

    public void Add(string line)
    {
        if (line.Length > 0 && (_lines.Count == 0 || _lines[^1] != line))
            _lines.Add(line);
        if (_lines.Count > Most)
            _lines.RemoveAt(0);
        _at = _lines.Count;
        _draft = "";
    }

    /// <summary>The line before; <paramref name="current"/> is kept as the draft when the walk begins.</summary>
    public string Older(string current)
    {
        if (_at == _lines.Count)
            _draft = current;
        if (_at == 0)
            return _lines.Count == 0 ? current : _lines[0];
        return _lines[--_at];
    }

    /// <summary>The line after; at the end the draft comes back.</summary>
    public string Newer(string current)
    {
        if (_at >= _lines.Count)
            return current;
        _at++;
        return _at == _lines.Count ? _draft : _lines[_at];
    }
}
