namespace Countersign.Cli;

/// <summary>The program's own lines on a terminal, broken between words: where the terminal breaks them, words are cut in two.</summary>
internal static class WordWrap
{
    private const string Indent = "  ";

    /// <param name="line">May hold styles and line feeds. An indented line, and what follows the program's name, is there to be copied, and stays whole.</param>
    /// <param name="columns">Of the terminal; null: there is none, and lines stay whole.</param>
    /// <param name="command">How the program is called.</param>
    public static string Of(string line, Func<int>? columns, string command) =>
        columns is null ? line : string.Join('\n', line.Split('\n').SelectMany(one => Rows(one, columns(), command)));

    /// <summary>A line of a report: the rest of a broken one hangs below its last column, and never begins at the left edge, where a line of its own
    /// would. Others' words may be in it, made visible.</summary>
    /// <inheritdoc cref="Of"/>
    public static string Hanging(string line, Func<int>? columns) => columns is null ? line
        : string.Join('\n', line.Split('\n').SelectMany(one => Cells(one) < columns() ? [one] : Rows(one.Split(' '), columns(), new string(' ', Math.Max(Indent.Length, LastColumn(one))))));

    private static IEnumerable<string> Rows(string line, int columns, string command) =>
        line.StartsWith(Indent, StringComparison.Ordinal) || Cells(line) < columns ? [line] : Rows(Words(line, command), columns, Indent);

    private static List<string> Rows(IEnumerable<string> words, int columns, string indent)
    {
        var (rows, row) = (new List<string>(), (string?)null);
        foreach (var word in words)
            if (row?.Trim(' ').Length > 0 && Cells(row) + 1 + Cells(word) >= columns)
            {
                rows.Add(row);
                row = indent + word;
            }
            else
                row = row is null ? word : $"{row} {word}";
        rows.Add(row ?? "");
        return rows;
    }

    // Columns have two spaces or more before them, and the last of them begins in the line's first third, or there is none but the indentation.
    private static int LastColumn(string line)
    {
        const int rightmost = 26;
        var at = line.Length - line.TrimStart(' ').Length;
        for (var gap = line.IndexOf(Indent, at, StringComparison.Ordinal); gap >= 0 && gap < rightmost; gap = line.IndexOf(Indent, at, StringComparison.Ordinal))
            at = line.Length - line[gap..].TrimStart(' ').Length;
        return Cells(line[..at]);
    }

    private static IEnumerable<string> Words(string line, string command)
    {
        var at = $" {line}".IndexOf($" {command} ", StringComparison.Ordinal);
        return at < 0 ? line.Split(' ') : at == 0 ? [line] : [.. line[..(at - 1)].Split(' '), line[at..]];
    }

    // Without styles: an escape sequence of ours ends with its m.
    private static int Cells(string text)
    {
        var pieces = text.Split('\e');
        return CellWidth.Of(pieces[0]) + pieces.Skip(1).Sum(static piece => CellWidth.Of(piece[(piece.IndexOf('m') + 1)..]));
    }
}
