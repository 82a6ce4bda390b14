using System.Globalization;

namespace Countersign.Load;

/// <summary>The one table of a run: what was measured, both sides of the ratio, the ratio, and the goal.</summary>
internal sealed class Table
{
    private readonly List<string[]> _rows = [["goal", "measured", "ours", "beside", "ratio", "wanted", ""]];

    /// <param name="goal">Letter of the goal, or empty.</param>
    /// <param name="measured">What it is.</param>
    /// <param name="ours">Our side, with unit.</param>
    /// <param name="beside">The other side, with unit.</param>
    /// <param name="ratio">As the goal defines it.</param>
    /// <param name="wanted">The bound; null if there is none.</param>
    /// <param name="atLeast">Whether the ratio must reach the bound or stay below it.</param>
    public void Add(string goal, string measured, string ours, string beside, double ratio, double? wanted = null, bool atLeast = true)
    {
        var met = wanted is not { } bound ? "" : (atLeast ? ratio >= bound : ratio <= bound) ? "met" : "MISSED";
        string[] row = [goal, measured, ours, beside, Number(ratio), wanted is { } w ? (atLeast ? "≥ " : "≤ ") + Number(w) : "", met];
        _rows.Add(row);
        Console.Error.WriteLine("  " + string.Join("  ", row));
    }

    public void Print()
    {
        var widths = Enumerable.Range(0, _rows[0].Length).Select(i => _rows.Max(row => row[i].Length)).ToArray();
        for (var r = 0; r < _rows.Count; r++)
        {
            Console.WriteLine("| " + string.Join(" | ", _rows[r].Select((cell, i) => cell.PadRight(widths[i]))) + " |");
            if (r == 0)
                Console.WriteLine("|" + string.Concat(widths.Select(static w => new string('-', w + 2) + "|")));
        }
    }

    public static string Number(double value) => value.ToString(Math.Abs(value) >= 100 ? "0" : "0.00", CultureInfo.InvariantCulture);

    public static string Microseconds(double seconds) => Number(seconds * 1e6) + " µs";
}
