using System.Text;
using Countersign.Cli;

namespace Countersign.EndToEnd.Tests;

public sealed class LineEditorTests
{
    private readonly ScriptedTerminal _terminal = new(40);
    private readonly LineEditor _editor;
    private readonly KeyDecoder _decoder = new();

    public LineEditorTests()
    {
        _editor = new LineEditor(_terminal, () => (_terminal.Width, 24), typed => Completion.From(typed, ["/help", "/history", "/who"])) { Prompt = "> " };
        _editor.Start();
    }

    private IReadOnlyList<EditorEvent> Type(string keys) => _editor.Handle(_decoder.Decode(Encoding.UTF8.GetBytes(keys)));

    [Fact]
    public void The_prompt_survives_incoming_lines()
    {
        Type("hel");
        _editor.Print("12:01 alice  hi");
        Type("lo");
        _editor.Print("12:02 alice  there?");
        Assert.Equal(["12:01 alice  hi", "12:02 alice  there?", "> hello"], _terminal.Rows);
        Assert.Equal((2, 7), _terminal.Cursor);
    }

    [Fact]
    public void The_cursor_moves_and_edits_in_the_middle()
    {
        Type("helo");
        Type("\e[D");
        Type("l");
        Type("\e[H");
        Type("oh ");
        Assert.Equal(["> oh hello"], _terminal.Rows);
        Assert.Equal((0, 5), _terminal.Cursor);
        Assert.Equal([new EditorEvent(EditorEventKind.Submitted, "oh hello")], Type("\r"));
        Assert.Equal([">"], _terminal.Rows);
    }

    [Fact]
    public void Wide_and_combined_characters_are_one_step_each()
    {
        Type("你e\u0301👩‍🚀x");
        Assert.Equal((0, 2 + 2 + 1 + 2 + 1), _terminal.Cursor);
        Type("\e[D\e[D");
        Assert.Equal((0, 2 + 2 + 1), _terminal.Cursor);
        Type("\u007f\u007f");
        Assert.Equal(["> 👩‍🚀x"], _terminal.Rows);
    }

    [Fact]
    public void Long_input_breaks_into_rows_and_comes_back()
    {
        Type(new string('a', 100));
        Assert.Equal(3, _terminal.Rows.Count);
        _editor.Print("a line");
        Assert.Equal("a line", _terminal.Rows[0]);
        Assert.Equal(new string('a', 100), string.Concat(_terminal.Rows.Skip(1))[2..]);
        Type("\u0015");
        Assert.Equal(["a line", ">"], _terminal.Rows);
    }

    [Fact]
    public void A_window_that_became_wider_leaves_no_traces()
    {
        Type(new string('a', 60));
        _terminal.Width = 90;
        _editor.Resized();
        Assert.Equal(["> " + new string('a', 60)], _terminal.Rows);
    }

    [Fact]
    public void Experience_8_a_paste_never_sends()
    {
        Assert.Empty(Type("\e[200~rm -rf /\nyes\n\e[201~"));
        Assert.Equal(["> rm -rf /⏎yes"], _terminal.Rows);
        Assert.Equal([new EditorEvent(EditorEventKind.Submitted, "rm -rf /\nyes")], Type("\r"));
    }

    [Fact]
    public void Experience_8_a_long_paste_asks_first()
    {
        var log = string.Join('\n', Enumerable.Range(0, 40));
        Type($"\e[200~{log}\e[201~");
        Assert.Equal(["pasted 40 lines, 109 characters: keep …"], _terminal.Rows);
        Assert.Empty(Type("n"));
        Assert.Equal([">"], _terminal.Rows);
        Type($"\e[200~{log}\e[201~");
        Assert.Empty(Type("y"));
        Assert.Equal([new EditorEvent(EditorEventKind.Submitted, log)], Type("\r"));
    }

    [Fact]
    public void A25_pasted_escape_sequences_are_shown_not_obeyed()
    {
        Type("\e[200~\e]0;owned\a\u202E\e[201~");
        Assert.Equal(["> ␛]0;owned␇‹U+202E›"], _terminal.Rows);
    }

    [Fact]
    public void History_walks_back_and_returns_to_the_draft()
    {
        Type("one\r");
        Type("two\r");
        Type("dra");
        Type("\e[A\e[A");
        Assert.Equal(["> one"], _terminal.Rows);
        Type("\e[B\e[B");
        Assert.Equal(["> dra"], _terminal.Rows);
    }

    [Fact]
    public void Tab_completes_as_far_as_it_is_clear()
    {
        Type("/h\t");
        Assert.Equal(["/help  /history", "> /h"], _terminal.Rows);
        Type("e\t");
        Assert.Equal("> /help", _terminal.Rows[^1]);
        Assert.Equal([new EditorEvent(EditorEventKind.Submitted, "/help ")], Type("\r"));
    }

    [Fact]
    public void Interrupt_clears_the_line_first_and_ends_only_an_empty_one()
    {
        Type("half a thought");
        Assert.Empty(Type("\u0003"));
        Assert.Equal([">"], _terminal.Rows);
        Assert.Equal(EditorEventKind.Interrupted, Assert.Single(Type("\u0003")).Kind);
        Assert.Equal(EditorEventKind.Ended, Assert.Single(Type("\u0004")).Kind);
    }

    [Fact]
    public void Stopping_gives_the_terminal_back()
    {
        Assert.True(_terminal.BracketedPaste);
        Type("unfinished");
        _editor.Stop();
        Assert.False(_terminal.BracketedPaste);
        Assert.Empty(_terminal.Rows);
        Assert.Equal((0, 0), _terminal.Cursor);
    }
}
