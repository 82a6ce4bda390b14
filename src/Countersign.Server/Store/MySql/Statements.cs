using System.Globalization;

namespace Countersign.Server;

/// <summary>Statements whose length depends on how many rows they are about. Runs have sizes of powers of two, so that few texts are
/// ever prepared.</summary>
internal static class Statements
{
    /// <summary>Rows in one statement: of the largest entries they fill half of the smallest packet a database accepts by default (16 MiB).</summary>
    public const int LargestRun = 64;

    /// <summary>Splits so many rows into runs.</summary>
    public static IEnumerable<(int From, int Count)> Runs(int rows)
    {
        for (int from = 0, size = LargestRun; from < rows; from += size)
        {
            while (size > rows - from)
                size /= 2;
            yield return (from, size);
        }
    }

    /// <summary>(@1, @2, …) with so many parameters.</summary>
    public static string List(int count, int first = 1) =>
        "(" + string.Join(", ", Enumerable.Range(first, count).Select(static i => "@" + i.ToString(CultureInfo.InvariantCulture))) + ")";

    /// <summary>(@1, @2), (@3, @4), … : so many rows of so many columns.</summary>
    public static string Values(int rows, int columns) => string.Join(", ", Enumerable.Range(0, rows).Select(row => List(columns, 1 + row * columns)));
}
