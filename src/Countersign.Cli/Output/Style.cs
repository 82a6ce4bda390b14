namespace Countersign.Cli;

/// <summary>Colour, where there may be any. Colour only adds to words: without it nothing is lost.</summary>
internal sealed class Style
{
    private readonly bool _colour;

    private Style(bool colour) => _colour = colour;

    /// <summary>No escape byte at all.</summary>
    public static Style None { get; } = new(false);

    /// <summary>The style for one stream: none for pipes, <c>NO_COLOR</c> (no-color.org: set and not empty) and dumb terminals.</summary>
    public static Style For(bool isTerminal, Surroundings surroundings) =>
        isTerminal && !surroundings.TerminalIsDumb && string.IsNullOrEmpty(surroundings["NO_COLOR"]) ? new Style(true) : None;

    public string Bold(string text) => Wrap("1", text);
    public string Dim(string text) => Wrap("2", text);
    public string Good(string text) => Wrap("32", text);
    public string Look(string text) => Wrap("33", text);
    public string Bad(string text) => Wrap("31;1", text);
    public string Person(string text) => Wrap("36", text);

    private string Wrap(string code, string text) => _colour ? $"\e[{code}m{text}\e[0m" : text;
}
