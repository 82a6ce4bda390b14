namespace Countersign.Cli;

/// <summary>What a typed line is: a message, or a command with its arguments. An unknown <c>/word</c> is never a message;
/// <c>//x</c> is the message <c>/x</c>.</summary>
internal abstract record TypedLine
{
    private TypedLine() { }

    public sealed record Nothing : TypedLine;

    public sealed record Message(string Text) : TypedLine;

    /// <param name="Word">Lower case, without the slash.</param>
    /// <param name="Rest">What follows it, trimmed.</param>
    public sealed record Command(string Word, string Rest) : TypedLine
    {
        public IReadOnlyList<string> Words => Rest.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    public static TypedLine Parse(string line)
    {
        if (string.IsNullOrWhiteSpace(line))
            return new Nothing();
        if (line.StartsWith("//", StringComparison.Ordinal))
            return new Message(line[1..]);
        if (!line.StartsWith('/'))
            return new Message(line);
        var end = line.AsSpan(1).IndexOfAny(' ', '\n') is var at and >= 0 ? at + 1 : line.Length;
        return new Command(line[1..end].ToLowerInvariant(), line[end..].Trim());
    }
}
