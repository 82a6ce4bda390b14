using System.Globalization;
using System.Text;
using Countersign.Cli;

namespace Countersign.EndToEnd.Tests;

/// <summary>A small terminal that understands what the line editor sends, and nothing else: a test sees what a person would.</summary>
internal sealed class ScriptedTerminal : TextWriter
{
    // Each cell is a cluster; the second cell of a wide one is empty.
    private readonly List<List<string>> _rows = [[]];
    private readonly StringBuilder _sequence = new();
    private int _row;
    private int _column;

    public ScriptedTerminal(int width) => Width = width;

    public int Width { get; set; }
    public bool BracketedPaste { get; private set; }
    public override Encoding Encoding => Encoding.UTF8;
    public (int Row, int Column) Cursor => (_row, _column);

    /// <summary>All rows ever written, without trailing spaces and empty rows at the end.</summary>
    public IReadOnlyList<string> Rows
    {
        get
        {
            var rows = _rows.Select(r => string.Concat(r).TrimEnd()).ToList();
            while (rows.Count > 0 && rows[^1].Length == 0)
                rows.RemoveAt(rows.Count - 1);
            return rows;
        }
    }

    public override void Write(char value) => Write(value.ToString());

    public override void Write(string? value)
    {
        foreach (var cluster in CellWidth.Clusters(value ?? ""))
            foreach (var part in cluster is "\r\n" ? ["\r", "\n"] : new[] { cluster })
                Put(part);
    }

    private void Put(string cluster)
    {
        if (_sequence.Length > 0 || cluster == "\e")
        {
            _sequence.Append(cluster);
            if (_sequence.Length > 2 && cluster[0] is >= '@' and <= '~')
            {
                Obey(_sequence.ToString(2, _sequence.Length - 3), cluster[0]);
                _sequence.Clear();
            }
            return;
        }
        if (cluster is "\r")
            _column = 0;
        else if (cluster is "\n")
            Down();
        else
            Show(cluster);
    }

    private void Show(string cluster)
    {
        Assert.False(char.IsControl(cluster[0]), $"control character {(int)cluster[0]:X2} reached the terminal");
        var width = CellWidth.OfCluster(cluster);
        Assert.True(_column + width <= Width, "a row was left to the terminal to break");
        var row = _rows[_row];
        while (row.Count < _column + width)
            row.Add(" ");
        row[_column] = cluster;
        if (width == 2)
            row[_column + 1] = "";
        _column += width;
    }

    private void Down()
    {
        _row++;
        if (_row == _rows.Count)
            _rows.Add([]);
    }

    private void Obey(string parameters, char final)
    {
        var count = int.TryParse(parameters, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 1;
        switch (final, parameters)
        {
            case ('A', _):
                _row -= count;
                Assert.True(_row >= 0, "the cursor left the screen");
                break;
            case ('C', _):
                _column += count;
                break;
            case ('J', ""):
                _rows[_row].RemoveRange(Math.Min(_rows[_row].Count, _column), Math.Max(0, _rows[_row].Count - _column));
                _rows.RemoveRange(_row + 1, _rows.Count - _row - 1);
                break;
            case ('h', "?2004"):
                BracketedPaste = true;
                break;
            case ('l', "?2004"):
                BracketedPaste = false;
                break;
            default:
                Assert.Fail($"unknown sequence {parameters}{final}");
                break;
        }
    }
}
