using System.Globalization;

namespace Countersign.Testing;

/// <summary>docs/VALIDATION.md: how many cases of each outside collection ran, and why others did not. Every run compares its counts
/// with the page's row; COUNTERSIGN_RECORD_VALIDATION=1 writes the row.</summary>
public static class ValidationPage
{
    private const string Begin = "<!-- counts -->", End = "<!-- end of counts -->";
    private static readonly Lock Writing = new();

    public static string Path { get; } = System.IO.Path.Combine(Repository.Root, "docs", "VALIDATION.md");

    /// <summary>Compares, or writes, one row.</summary>
    /// <param name="source">File or folder below the vectors' folder.</param>
    /// <param name="test">The test method that ran it.</param>
    /// <param name="ran">Cases that ran to their expected end.</param>
    /// <param name="skipped">Reason → cases that did not run for it.</param>
    /// <exception cref="InvalidOperationException">The page says otherwise.</exception>
    public static void Count(string source, string test, int ran, IEnumerable<KeyValuePair<string, int>> skipped)
    {
        var reasons = string.Join("; ", skipped.Select(static s => string.Create(CultureInfo.InvariantCulture, $"{s.Value}: {s.Key}")));
        var start = $"| `{source}` | `{test}` | ";
        var row = string.Create(CultureInfo.InvariantCulture, $"{start}{ran} | {reasons} |");
        if (Environment.GetEnvironmentVariable("COUNTERSIGN_RECORD_VALIDATION") == "1")
            Record(start, row);
        else if (!File.ReadAllLines(Path).Contains(row))
            throw new InvalidOperationException($"docs/VALIDATION.md has no row\n{row}\nRun with COUNTERSIGN_RECORD_VALIDATION=1 and look at the difference.");
    }

    /// <summary>Source and test of every row.</summary>
    public static IReadOnlyList<(string Source, string Test)> Rows() =>
        [.. Table(File.ReadAllLines(Path)).Select(static row => row.Split('|')).Select(static cells => (cells[1].Trim(' ', '`'), cells[2].Trim(' ', '`')))];

    private static void Record(string start, string row)
    {
        lock (Writing)
        {
            var page = File.ReadAllLines(Path);
            var table = Table(page).Where(line => !line.StartsWith(start, StringComparison.Ordinal)).Append(row).Order(StringComparer.Ordinal);
            var first = Array.IndexOf(page, Begin) + 3;
            File.WriteAllText(Path, string.Join('\n', [.. page[..first], .. table, .. page[Array.IndexOf(page, End)..], ""]));
        }
    }

    // Below the marker stand the two lines of the table's head.
    private static string[] Table(string[] page) => page[(Array.IndexOf(page, Begin) + 3)..Array.IndexOf(page, End)];
}
