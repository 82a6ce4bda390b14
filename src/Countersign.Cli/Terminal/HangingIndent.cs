using System.Text;
using Wcwidth;

namespace Countersign.Cli;

/// <summary>Breaks a line before the terminal does. Where the terminal breaks, the rest begins at the left edge, where only a line of its own
/// may: with spaces in the right number, one person's text would look like another person's line.</summary>
internal static class HangingIndent
{
    /// <summary>What the rest of a broken line begins with: no line of its own does.</summary>
    public const string Bar = "       │ ";

    private const string NarrowBar = "│ ";
    private const int Narrow = 24;
    private const string NoStyle = "\e[0m";

    /// <summary>The rows of a line: between words where that does not waste half of the row. The last column stays empty.</summary>
    /// <param name="line">Made visible; styles may be in it, and go on in the next row.</param>
    /// <param name="columns">Of the terminal.</param>
    public static IEnumerable<string> Break(string line, int columns)
    {
        var indent = columns < Narrow ? NarrowBar : Bar;
        var parts = Parts(line);
        var style = "";
        for (var at = 0; ;)
        {
            var before = at == 0 ? "" : indent;
            var end = Fitting(parts, at, columns - 1 - before.Length);
            var row = new StringBuilder(before).Append(style);
            for (; at < end; at++)
            {
                row.Append(parts[at].Text);
                style = !IsStyle(parts[at]) ? style : parts[at].Text == NoStyle ? "" : parts[at].Text;
            }
            while (at < parts.Count && end < parts.Count && parts[at].Text == " ")
                at++;
            if (at == parts.Count)
            {
                yield return row.ToString();
                yield break;
            }
            yield return row.Append(style.Length > 0 ? NoStyle : "").ToString();
        }
    }

    private static int Fitting(IReadOnlyList<Part> parts, int start, int room)
    {
        var (end, cells, space) = (start, 0, start);
        for (; end < parts.Count && cells + parts[end].Cells <= room; end++)
        {
            cells += parts[end].Cells;
            if (parts[end].Text == " ")
                space = end;
        }
        return end == parts.Count || parts[end].Text == " " ? end
            : space - start > (end - start) / 2 ? space
            : Math.Max(end, start + 1); // a terminal too narrow for one character
    }

    private static List<Part> Parts(string line)
    {
        var parts = new List<Part>();
        for (var at = 0; at < line.Length;)
        {
            var length = line[at] == '\e' && line.IndexOf('m', at) is var end and > 0 ? end + 1 - at
                : System.Globalization.StringInfo.GetNextTextElementLength(line, at);
            var text = line.Substring(at, length);
            parts.Add(new Part(text, text[0] == '\e' ? 0 : MostCells(text)));
            at += length;
        }
        return parts;
    }

    // What a terminal does not draw as one picture, it draws one beside the other.
    private static int MostCells(string cluster)
    {
        var cells = 0;
        foreach (var rune in cluster.EnumerateRunes())
            cells += rune.Value is >= 0x1F1E6 and <= 0x1F1FF ? 2 : rune.Value is 0xFE0F ? 1 : Math.Max(0, UnicodeCalculator.GetWidth(rune));
        return Math.Max(cells, CellWidth.OfCluster(cluster));
    }

    private static bool IsStyle(Part part) => part.Text[0] == '\e';

    private readonly record struct Part(string Text, int Cells);
}
