using System.Text.Json.Nodes;

namespace Countersign.Cli;

/// <summary>The two ways out: data on standard output, talk on standard error. With <c>--json</c> data and errors are one
/// JSON object a line, and there is no talk.</summary>
/// <remarks>Text that came from others goes through <see cref="Visible"/> before it gets here as text; JSON keeps it as it is,
/// with every character outside ASCII and every control character escaped. Thread-safe: one line is one write.</remarks>
internal sealed class Screen
{
    private readonly Lock _gate = new();
    private readonly TextWriter _data;
    private readonly TextWriter _talk;
    private readonly string _command;

    public Screen(TextWriter data, TextWriter talk, Surroundings surroundings, bool json)
    {
        _data = data;
        _talk = talk;
        _command = surroundings.CommandName;
        Json = json;
        DataStyle = json ? Style.None : Style.For(surroundings.OutputIsTerminal, surroundings);
        TalkStyle = Style.For(surroundings.ErrorIsTerminal, surroundings);
        DataColumns = !json && surroundings.OutputIsTerminal ? static () => TerminalSize.Now().Width : null;
        TalkColumns = surroundings.ErrorIsTerminal ? static () => TerminalSize.OfError().Width : null;
    }

    public bool Json { get; }

    /// <summary>Standard output itself, for what shows data in its own way.</summary>
    public TextWriter DataWriter => _data;
    /// <summary>Standard error itself, for a server's log.</summary>
    public TextWriter TalkWriter => _talk;

    public Style DataStyle { get; }
    public Style TalkStyle { get; }

    /// <summary>How wide the terminal is that standard output leads to, and standard error; null if it is none.</summary>
    public Func<int>? DataColumns { get; }

    /// <inheritdoc cref="DataColumns"/>
    public Func<int>? TalkColumns { get; }

    /// <summary>One piece of data: <paramref name="text"/> for people, or the object for scripts.</summary>
    public void Data(string text, JsonObject json) => DataLine(Json ? json.ToJsonString() : WordWrap.Hanging(text, DataColumns));

    /// <summary>A line of a report for people.</summary>
    public void Report(string line) => DataLine(WordWrap.Hanging(line, DataColumns));

    /// <summary>Data that is the same for both, such as a completion script.</summary>
    public void Raw(string text) => DataLine(text);

    /// <summary>One line to the person in front of it; nothing with <c>--json</c>.</summary>
    public void Talk(string line)
    {
        if (Json)
            return;
        lock (_gate)
        {
            _talk.Write(WordWrap.Of(line, TalkColumns, _command) + "\n");
            _talk.Flush();
        }
    }

    /// <summary>Says that a file was written (rule 2 of the experience: every command that writes a file names it).</summary>
    public void Wrote(string what, string path)
    {
        if (Json)
            DataLine(JsonLine.Of("file", ("what", what), ("path", path)).ToJsonString());
        else
            Talk($"wrote {what}: {Visible.Line(path)}");
    }

    /// <summary>An error and the step after it.</summary>
    public void Error(CommandException error)
    {
        if (Json)
        {
            DataLine(JsonLine.Of("error", ("code", error.Code), ("exit", (int)error.Exit), ("message", error.Message), ("hint", error.Hint)).ToJsonString());
            return;
        }
        lock (_gate)
        {
            var line = $"countersign: {TalkStyle.Bad("error:")} {Visible.Line(error.Message)}";
            _talk.Write(string.Join('\n', TalkColumns is null ? [line] : HangingIndent.Break(line, TalkColumns())) + "\n");
            if (error.Hint is not null)
                _talk.Write(WordWrap.Of($"countersign: hint: {Visible.Line(error.Hint)}", TalkColumns, _command) + "\n");
            _talk.Flush();
        }
    }

    /// <summary>A failure that no command foresaw, with what somebody needs who is to mend it.</summary>
    public void Bug(Exception exception)
    {
        Error(new CommandException(ExitCode.Bug, "bug", $"this is a bug in countersign: {exception.GetType().Name}: {exception.Message}",
            "please report it with the lines below and what you did"));
        if (!Json)
            lock (_gate)
            {
                _talk.Write(exception.StackTrace + "\n");
                _talk.Flush();
            }
    }

    private void DataLine(string line)
    {
        lock (_gate)
        {
            _data.Write(line + "\n");
            _data.Flush();
        }
    }
}
