namespace Countersign.Cli;

/// <summary>The chat as plain lines: no cursor movement, each line printed once. For screen readers, pipes and logs.</summary>
internal sealed class PlainSurface : IChatSurface
{
    /// <summary>Lines that a terminal delivers faster than anybody types belong to one paste.</summary>
    private static readonly TimeSpan PasteGap = TimeSpan.FromMilliseconds(40);

    private readonly Lock _gate = new();
#pragma warning disable CA2213 // Both stay the caller's.
    private readonly TextWriter _output;
    private readonly TextReader _input;
#pragma warning restore CA2213
    private readonly bool _inputIsTerminal;
    private readonly TimeProvider _clock;

    public PlainSurface(TextWriter output, TextReader input, bool inputIsTerminal, LineFormat format, TimeProvider clock)
    {
        _output = output;
        _input = input;
        _inputIsTerminal = inputIsTerminal;
        _clock = clock;
        Format = format;
    }

    public LineFormat Format { get; }

    public void Print(params IEnumerable<string> lines)
    {
        lock (_gate)
        {
            foreach (var line in lines)
                _output.Write(line + "\n");
            _output.Flush();
        }
    }

    public bool HasLive => false;

    public void Live(IReadOnlyList<string> lines) { }

    public void Prompt(string prompt) { }

    public void Start(Action<ChatInput> typed, Func<string, Completion> complete) =>
        new Thread(() => Read(typed)) { IsBackground = true, Name = "input" }.Start();

    // On a terminal the first line of a paste cannot be told from a typed one until the next arrives: lines wait for a moment,
    // and several at once are handed on as one text, about which the chat asks before it sends.
    private void Read(Action<ChatInput> typed)
    {
        var paste = new PasteGatherer(typed, _inputIsTerminal ? PasteGap : TimeSpan.Zero, _clock);
        while (_input.ReadLine() is { } line)
            paste.Add(line);
        paste.Flush();
        typed(new ChatInput.Ended());
    }

    public void Dispose() => _output.Flush();
}
