using System.Globalization;
using System.Text;

namespace Countersign.Cli;

/// <summary>What the editor hands on.</summary>
internal enum EditorEventKind
{
    Submitted,
    Interrupted,
    Ended,
}

internal readonly record struct EditorEvent(EditorEventKind Kind, string Text = "");

/// <summary>One input line at the bottom of the terminal, below lines that keep arriving. It writes ordinary lines above itself
/// and owns nothing but its own rows, so the terminal's scroll-back stays whole.</summary>
/// <remarks>Thread-safe: lines arrive on one thread, keys on another. It does no input of its own; <see cref="Handle"/> is fed.</remarks>
internal sealed class LineEditor
{
    /// <summary>Longer pastes ask before they become input.</summary>
    public const int LongPaste = 2000;

    /// <summary>Pastes of more lines than this ask, too.</summary>
    public const int ManyLines = 12;

    private readonly Lock _gate = new();
    private readonly TextWriter _terminal;
    private readonly Func<(int Width, int Height)> _size;
    private readonly Func<string, Completion> _complete;
    private readonly EditBuffer _input = new();
    private readonly InputHistory _history = new();
    private InputLayout? _drawn;
    private string _prompt = "> ";
    private string? _heldPaste;
    private IReadOnlyList<string> _live = [];
    private int _liveDrawn;

    public LineEditor(TextWriter terminal, Func<(int Width, int Height)> size, Func<string, Completion> complete)
    {
        _terminal = terminal;
        _size = size;
        _complete = complete;
    }

    /// <summary>What stands before the input; changing it redraws.</summary>
    public string Prompt
    {
        set
        {
            lock (_gate)
            {
                _prompt = value;
                if (_drawn is not null)
                    Redraw([]);
            }
        }
    }

    /// <summary>Draws the input line and turns bracketed paste on.</summary>
    public void Start()
    {
        lock (_gate)
        {
            _terminal.Write("\e[?2004h");
            Redraw([]);
        }
    }

    /// <summary>Takes the input line away and leaves the cursor at the start of an empty row.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            Erase();
            _terminal.Write("\e[?2004l");
            _terminal.Flush();
        }
    }

    /// <summary>Writes lines above the input, each of one row or of several.</summary>
    public void Print(params IEnumerable<string> lines)
    {
        lock (_gate)
            Redraw(lines);
    }

    /// <summary>Lines that may still change, shown between what is printed and the input; longer ones are cut. At most a few.</summary>
    public void Live(IReadOnlyList<string> lines)
    {
        lock (_gate)
        {
            _live = lines;
            if (_drawn is not null)
                Redraw([]);
        }
    }

    /// <summary>Draws again, after the window changed its size.</summary>
    public void Resized()
    {
        lock (_gate)
            Redraw([]);
    }

    /// <summary>Applies the keys of one read.</summary>
    public IReadOnlyList<EditorEvent> Handle(IReadOnlyList<Key> keys)
    {
        lock (_gate)
        {
            var events = new List<EditorEvent>();
            foreach (var key in PastedLines.Gather(keys))
                if (HandleOne(key) is { } happened)
                    events.Add(happened);
            Redraw([]);
            return events;
        }
    }

    private EditorEvent? HandleOne(Key key)
    {
        if (_heldPaste is not null)
        {
            DecidePaste(key);
            return null;
        }
        switch (key.Kind)
        {
            case KeyKind.Enter:
                return Submit();
            case KeyKind.Interrupt when _input.IsEmpty:
                return new EditorEvent(EditorEventKind.Interrupted);
            case KeyKind.Interrupt:
                _input.Clear();
                return null;
            case KeyKind.EndOfInput when _input.IsEmpty:
                return new EditorEvent(EditorEventKind.Ended);
            case KeyKind.EndOfInput:
                _input.Apply(new Key(KeyKind.Delete));
                return null;
            case KeyKind.Paste:
                Paste(key.Text);
                return null;
            case KeyKind.Tab:
                Complete();
                return null;
            case KeyKind.Up:
                _input.Set(_history.Older(_input.Text));
                return null;
            case KeyKind.Down:
                _input.Set(_history.Newer(_input.Text));
                return null;
            case KeyKind.ClearScreen:
                _terminal.Write("\e[H\e[2J");
                _drawn = null;
                return null;
            default:
                _input.Apply(key);
                return null;
        }
    }

    private EditorEvent? Submit()
    {
        var text = _input.Text;
        _input.Clear();
        _history.Add(text);
        return new EditorEvent(EditorEventKind.Submitted, text);
    }

    // Rule 8 of the experience: a paste never sends. It stays in the input; a long one asks first.
    private void Paste(string text)
    {
        text = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').Replace("\t", "    ", StringComparison.Ordinal).TrimEnd('\n');
        if (text.Length > LongPaste || text.AsSpan().Count('\n') >= ManyLines)
            _heldPaste = text;
        else
            _input.Insert(text);
    }

    private void DecidePaste(Key key)
    {
        if (key.Kind is KeyKind.Enter || key is { Kind: KeyKind.Text, Text: "y" or "Y" })
            _input.Insert(_heldPaste!);
        else if (key.Kind is not (KeyKind.Escape or KeyKind.Interrupt or KeyKind.Text or KeyKind.Backspace))
            return;
        _heldPaste = null;
    }

    private void Complete()
    {
        var completion = _complete(_input.BeforeCursor);
        if (completion.Insert.Length > 0)
            _input.Insert(completion.Insert);
        if (completion.Candidates.Count > 1)
            Redraw(HangingIndent.Break(string.Join("  ", completion.Candidates), _size().Width));
    }

    private void Redraw(IEnumerable<string> lines)
    {
        var (width, height) = _size();
        Erase();
        foreach (var line in lines)
            _terminal.Write(line.Replace("\n", "\r\n", StringComparison.Ordinal) + "\r\n");
        foreach (var line in _live)
            _terminal.Write(CellWidth.Cut(line, width - 1) + "\r\n");
        _liveDrawn = _live.Count;
        _drawn = _heldPaste is { } paste
            ? InputLayout.Of(AskAboutPaste(paste, width), new EditBuffer(), width * 2, 1)
            : InputLayout.Of(_prompt, _input, width, Math.Max(1, Math.Min(8, height / 2)));
        _terminal.Write(string.Join("\r\n", _drawn.Rows.Select(r => r.Text)));
        Move(_drawn.Rows.Count - 1 - _drawn.CursorRow, 'A');
        _terminal.Write('\r');
        Move(_drawn.CursorCell, 'C');
        _terminal.Flush();
    }

    private static string AskAboutPaste(string paste, int width) => CellWidth.Cut(string.Create(CultureInfo.InvariantCulture,
        $"pasted {paste.AsSpan().Count('\n') + 1} lines, {paste.Length} characters: keep in the input? (y/n) "), width - 1);

    private void Erase()
    {
        if (_drawn is null)
            return;
        Move(_drawn.RowsAboveCursor(_size().Width) + _liveDrawn, 'A');
        _terminal.Write("\r\e[J");
        _drawn = null;
    }

    private void Move(int count, char direction)
    {
        if (count > 0)
            _terminal.Write(string.Create(CultureInfo.InvariantCulture, $"\e[{count}{direction}"));
    }
}
