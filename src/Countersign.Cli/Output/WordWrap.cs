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

    private static IEnumerable<string> Rows(string line, int columns, string command)
    {
        if (line.StartsWith(Indent, StringComparison.Ordinal) || Cells(line) < columns)
            return [line];
        var rows = new List<string>();
        var row = "";
        foreach (var word in Words(line, command))
        {
            if (row.Length > 0 && Cells(row) + 1 + Cells(word) >= columns)
            {
                rows.Add(row);
                row = Indent + word;
            }
            else
                row = row.Length == 0 ? word : $"{row} {word}";
        }
        return [.. rows, row];
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
