using System.Text;

namespace Countersign.Cli;

/// <summary>How prompt and input fall into rows of a given width, and where the cursor stands. Rows are broken here and never by
/// the terminal, whose own wrapping at the last column differs between makes.</summary>
internal sealed class InputLayout
{
    /// <summary>Stands for a line break within the input.</summary>
    public const string LineBreak = "⏎";

    private InputLayout(List<(string Text, int Cells)> rows, int cursorRow, int cursorCell)
    {
        Rows = rows;
        CursorRow = cursorRow;
        CursorCell = cursorCell;
    }

    public IReadOnlyList<(string Text, int Cells)> Rows { get; }
    public int CursorRow { get; }
    public int CursorCell { get; }

    /// <summary>Lays out at most <paramref name="mostRows"/> rows, those around the cursor where there are more.</summary>
    public static InputLayout Of(string prompt, EditBuffer input, int width, int mostRows)
    {
        var limit = Math.Max(4, width - 1);
        prompt = CellWidth.Cut(prompt, limit / 2);
        var rows = new List<(string, int)>();
        var row = new StringBuilder(prompt);
        var cells = CellWidth.Of(prompt);
        var cursor = (Row: 0, Cell: cells);
        for (var i = 0; i < input.Clusters.Count; i++)
        {
            if (i == input.Cursor)
                cursor = (rows.Count, cells);
            var shown = input.Clusters[i] is "\n" ? LineBreak : Visible.Line(input.Clusters[i]);
            var wide = CellWidth.Of(shown);
            if (cells + wide > limit)
            {
                rows.Add((row.ToString(), cells));
                row.Clear();
                cells = 0;
                if (i == input.Cursor)
                    cursor = (rows.Count, 0);
            }
            row.Append(shown);
            cells += wide;
        }
        rows.Add((row.ToString(), cells));
        if (input.Cursor == input.Clusters.Count)
            cursor = (rows.Count - 1, cells);
        var first = Math.Clamp(cursor.Row - mostRows + 1, 0, Math.Max(0, rows.Count - mostRows));
        return new InputLayout([.. rows.Skip(first).Take(mostRows)], cursor.Row - first, cursor.Cell);
    }

    /// <summary>How many rows of a terminal of this width lie above the cursor: a terminal that became narrower has broken the
    /// rows it held.</summary>
    public int RowsAboveCursor(int width)
    {
        var above = CursorCell / Math.Max(1, width);
        for (var i = 0; i < CursorRow; i++)
            above += 1 + Math.Max(0, Rows[i].Cells - 1) / Math.Max(1, width);
        return above;
    }
}
