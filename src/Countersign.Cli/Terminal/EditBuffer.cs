using System.Text;

namespace Countersign.Cli;

/// <summary>The text being typed and the cursor in it. It knows no terminal. Line breaks may be in it: they come from a paste,
/// or from Alt-Enter.</summary>
internal sealed class EditBuffer
{
    private readonly List<string> _clusters = [];

    /// <summary>In grapheme clusters from the start.</summary>
    public int Cursor { get; private set; }

    public string Text => string.Concat(_clusters);
    public bool IsEmpty => _clusters.Count == 0;
    public IReadOnlyList<string> Clusters => _clusters;
    public string BeforeCursor => string.Concat(_clusters.Take(Cursor));

    public void Insert(string text)
    {
        // Joined with what stands before: a combining mark becomes part of the character it follows.
        var before = BeforeCursor + text;
        var after = string.Concat(_clusters.Skip(Cursor));
        _clusters.Clear();
        _clusters.AddRange(CellWidth.Clusters(before));
        Cursor = _clusters.Count;
        _clusters.AddRange(CellWidth.Clusters(after));
    }

    public void Set(string text)
    {
        _clusters.Clear();
        _clusters.AddRange(CellWidth.Clusters(text));
        Cursor = _clusters.Count;
    }

    public void Clear() => Set("");

    /// <summary>Replaces the <paramref name="count"/> clusters before the cursor.</summary>
    public void ReplaceBefore(int count, string text)
    {
        RemoveRange(Cursor - count, Cursor);
        Insert(text);
    }

    /// <summary>Applies an editing key; false for one that is none.</summary>
    public bool Apply(Key key)
    {
        switch (key.Kind)
        {
            case KeyKind.Text: Insert(key.Text); return true;
            case KeyKind.NewLine: Insert("\n"); return true;
            case KeyKind.Backspace: RemoveRange(Cursor - 1, Cursor); return true;
            case KeyKind.Delete: RemoveRange(Cursor, Cursor + 1); return true;
            case KeyKind.Left: Cursor = Math.Max(0, Cursor - 1); return true;
            case KeyKind.Right: Cursor = Math.Min(_clusters.Count, Cursor + 1); return true;
            case KeyKind.Home: Cursor = 0; return true;
            case KeyKind.End: Cursor = _clusters.Count; return true;
            case KeyKind.WordLeft: Cursor = WordLeft(); return true;
            case KeyKind.WordRight: Cursor = WordRight(); return true;
            case KeyKind.DeleteWordLeft: RemoveRange(WordLeft(), Cursor); return true;
            case KeyKind.DeleteToStart: RemoveRange(0, Cursor); return true;
            case KeyKind.DeleteToEnd: RemoveRange(Cursor, _clusters.Count); return true;
            default: return false;
        }
    }

    private void RemoveRange(int from, int to)
    {
        from = Math.Max(0, from);
        to = Math.Min(_clusters.Count, to);
        if (from >= to)
            return;
        _clusters.RemoveRange(from, to - from);
        if (Cursor > from)
            Cursor = Math.Max(from, Cursor - (to - from));
    }

    private int WordLeft()
    {
        var at = Cursor;
        while (at > 0 && IsSpace(_clusters[at - 1]))
            at--;
        while (at > 0 && !IsSpace(_clusters[at - 1]))
            at--;
        return at;
    }

    private int WordRight()
    {
        var at = Cursor;
        while (at < _clusters.Count && IsSpace(_clusters[at]))
            at++;
        while (at < _clusters.Count && !IsSpace(_clusters[at]))
            at++;
        return at;
    }

    private static bool IsSpace(string cluster) => Rune.IsWhiteSpace(Rune.GetRuneAt(cluster, 0));
}
