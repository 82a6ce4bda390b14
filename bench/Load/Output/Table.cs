using System.Globalization;

namespace Countersign.Load;

/// <summary>The one table of a run: what was measured, both sides of the ratio, the ratio with its spread over the rounds, and the goal.</summary>
internal sealed class Table
{
    private readonly List<string[]> _rows = [["goal", "measured", "ours", "beside", "ratio", "rounds", "wanted", ""]];

    /// <summary>A figure of several rounds: the medians of both sides, and median, least and greatest of the rounds' ratios.</summary>
    /// <param name="goal">Letter of the goal, or empty.</param>
    /// <param name="measured">What it is.</param>
    /// <param name="ours">Our side in each round.</param>
    /// <param name="beside">The other side in the same rounds.</param>
    /// <param name="format">Writes one side with its unit.</param>
    /// <param name="wanted">The bound of ours ÷ beside; null if there is none.</param>
    /// <param name="atLeast">Whether the ratio must reach the bound or stay below it.</param>
    public void Add(string goal, string measured, Rounds ours, Rounds beside, Func<double, string> format, double? wanted = null, bool atLeast = true)
    {
        var ratio = ours.Per(beside);
        Add(goal, measured, format(ours.Median), format(beside.Median), ratio.Median, wanted, atLeast, $"{Number(ratio.Least)}–{Number(ratio.Most)} ({ratio.Count})");
    }

    /// <summary>A figure that was taken once.</summary>
    /// <param name="goal">Letter of the goal, or empty.</param>
    /// <param name="measured">What it is.</param>
    /// <param name="ours">Our side, with unit.</param>
    /// <param name="beside">The other side, with unit; empty if there is none.</param>
    /// <param name="ratio">As the goal defines it; null if there is no other side.</param>
    /// <param name="wanted">The bound; null if there is none.</param>
    /// <param name="atLeast">Whether the ratio must reach the bound or stay below it.</param>
    /// <param name="spread">The ratio's least and greatest over the rounds.</param>
    public void Add(
        string goal, string measured, string ours, string beside, double? ratio, double? wanted = null, bool atLeast = true, string spread = "")
    {
        var met = wanted is not { } bound ? "" : (atLeast ? ratio >= bound : ratio <= bound) ? "met" : "MISSED";
        string[] row =
        [
            goal, measured, ours, beside, ratio is { } r ? Number(r) : "", spread,
            wanted is { } w ? (atLeast ? "≥ " : "≤ ") + Number(w) : "", met,
        ];
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

    public static string PerSecond(double rate) => Number(rate) + "/s";

    public static string Bytes(double bytes) => Number(bytes) + " B";

    public static string KiB(double bytes) => Number(bytes / 1024) + " KiB";

    public static string Milliseconds(double seconds) => Number(seconds * 1e3) + " ms";

    public static string Microseconds(double seconds) => Number(seconds * 1e6) + " µs";
}
