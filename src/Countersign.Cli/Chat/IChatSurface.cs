namespace Countersign.Cli;

/// <summary>Where a chat is shown and typed: a terminal with an input line, or plain lines.</summary>
internal interface IChatSurface : IDisposable
{
    /// <summary>How lines look here.</summary>
    LineFormat Format { get; }

    /// <summary>Shows lines, each exactly once.</summary>
    void Print(params IEnumerable<string> lines);

    /// <summary>True if lines can be shown while they may still change.</summary>
    bool HasLive { get; }

    /// <summary>Shows lines that may still change, in place of those of the last call. Without styles.</summary>
    void Live(IReadOnlyList<string> lines);

    /// <summary>What stands before the input, where there is an input line.</summary>
    void Prompt(string prompt);

    /// <summary>Begins to read; everything typed goes to <paramref name="typed"/>, from any thread.</summary>
    void Start(Action<ChatInput> typed, Func<string, Completion> complete);
}

/// <summary>What comes into the chat from its user.</summary>
internal abstract record ChatInput
{
    private ChatInput() { }

    /// <summary>A complete line, or several from a paste that was then sent.</summary>
    public sealed record Line(string Text) : ChatInput;

    /// <summary>Ctrl-C.</summary>
    public sealed record Interrupted : ChatInput;

    /// <summary>Ctrl-D, or the end of a pipe.</summary>
    public sealed record Ended : ChatInput;
}
