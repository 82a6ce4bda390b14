using System.Globalization;
using Countersign.Client;
using Countersign.Evidence;

namespace Countersign.Cli;

/// <summary>Entries as people name them: by the position in the transcript, from 0, which reports and verdicts name, too.</summary>
internal static class EntryNumbers
{
    /// <summary>Single positions.</summary>
    public static IReadOnlyList<ulong> Positions(IReadOnlyList<string> words) => words.Count <= EraseBody.MaxEntries
        ? [.. words.Select(Position)]
        : throw CommandException.Usage($"at most {EraseBody.MaxEntries} entries at once.");

    /// <summary><c>all</c>, <c>none</c>, or positions and ranges as <c>3,7-9</c>.</summary>
    public static Disclosure Disclosure(IReadOnlyList<string> words) => words switch
    {
        ["all"] => new Disclosure.All(),
        [] or ["none"] => new Disclosure.None(),
        _ => new Disclosure.Of([.. words.SelectMany(w => w.Split(',', StringSplitOptions.RemoveEmptyEntries)).Select(Range)]),
    };

    public static ulong Position(string text) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var position) && position <= long.MaxValue
        ? position
        : throw CommandException.Usage($"'{text}' is no entry.", "entries are numbered from 0, as in 5");

    private static PositionRange Range(string text)
    {
        if (text.Split('-') is not [var first, var last])
            return new PositionRange(Position(text), Position(text));
        return Position(first) <= Position(last)
            ? new PositionRange(Position(first), Position(last))
            : throw CommandException.Usage($"the range {text} ends before it begins.", "as in 3-9");
    }
}
