using System.Text.RegularExpressions;
using Countersign.Testing;

namespace Countersign.Attacks.Tests;

/// <summary>The table in README.md says which test tries which attack; the sources say the same.</summary>
public sealed partial class AttackTableTests
{
    private static readonly Lazy<string[]> Names = new(() =>
        [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .SelectMany(static file => TestName().Matches(File.ReadAllText(file))).Select(static m => m.Groups[1].Value).Distinct()]);

    private static readonly Lazy<string[]> Lines = new(() =>
        File.ReadAllLines(Path.Combine(Repository.Root, "tests", "Countersign.Attacks.Tests", "README.md")));

    [Fact]
    public void Every_attack_from_A1_to_A30_has_a_row_and_a_test_that_bears_its_number()
    {
        Assert.Equal(Enumerable.Range(1, 30), Rows().Select(static row => row.Number));
        foreach (var (number, tests, _) in Rows())
            Assert.True(Cited(tests).Any(name => Numbers(name).Contains(number)), $"A{number}");
    }

    [Fact]
    public void The_table_names_only_tests_that_exist() =>
        Assert.Empty(Lines.Value.SelectMany(Cited).Except(Names.Value));

    [Fact]
    public void Every_test_that_bears_an_attacks_number_stands_in_its_row()
    {
        var missing = new List<string>();
        foreach (var (number, tests, control) in Rows())
            missing.AddRange(Names.Value.Where(name => Numbers(name).Contains(number)).Except(Cited(tests + control)).Select(name => $"A{number}: {name}"));
        Assert.Equal("", string.Join('\n', missing.Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void Every_attack_has_a_control_or_the_reason_why_there_is_none()
    {
        foreach (var (number, _, control) in Rows())
            Assert.True(Cited(control).Any(static name => name.Contains("control", StringComparison.Ordinal)) || control.Contains("none:", StringComparison.Ordinal), $"A{number}");
    }

    [Fact]
    public void What_has_no_number_has_a_control_too_or_the_reason_why_there_is_none()
    {
        var rows = Lines.Value.SkipWhile(static line => line != "## What has no number").TakeWhile(static line => line != "## Time")
            .Where(static line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1).Select(static line => line.Split(" | ")).ToList();
        Assert.True(rows.Count >= 20);
        Assert.All(rows, static row => Assert.True(
            row.Length == 3 && Cited(row[1]).Any() && (Cited(row[2]).Any(static name => name.Contains("ontrol_", StringComparison.Ordinal)) || row[2].StartsWith("none: ", StringComparison.Ordinal)), row[0]));
    }

    private static IEnumerable<(int Number, string Tests, string Control)> Rows() =>
        Lines.Value.Select(static line => Row().Match(line)).Where(static m => m.Success)
            .Select(static m => (int.Parse(m.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture), m.Groups[2].Value, m.Groups[3].Value));

    private static IEnumerable<string> Cited(string text) => Quoted().Matches(text).Select(static m => m.Groups[1].Value);

    private static HashSet<int> Numbers(string name) =>
        [.. Attack().Matches(name).Select(static m => int.Parse(m.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture))];

    [GeneratedRegex(@"public (?:async )?(?:void|Task) (\w+)\s*\(")]
    private static partial Regex TestName();

    [GeneratedRegex(@"^\| A(\d+) \|[^|]*\|([^|]*)\|([^|]*)\|$")]
    private static partial Regex Row();

    [GeneratedRegex(@"`(\w+)`")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"(?<![A-Za-z0-9])A(\d{1,2})(?=_)")]
    private static partial Regex Attack();
}
