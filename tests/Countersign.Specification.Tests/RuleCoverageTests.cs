using System.Text.RegularExpressions;
using Countersign.Testing;

namespace Countersign.Specification.Tests;

/// <summary>The specification, the code and the tests are three artefacts; these tests compare them.</summary>
public sealed partial class RuleCoverageTests
{
    private static readonly HashSet<string> Rules = [.. DefinedRule().Matches(Read("docs/SPEC.md")).Select(m => m.Groups[1].Value)];

    [Fact]
    public void The_specification_defines_each_rule_once()
    {
        var all = DefinedRule().Matches(Read("docs/SPEC.md")).Select(m => m.Groups[1].Value).ToList();
        Assert.NotEmpty(all);
        Assert.Equal(all.Distinct(), all);
    }

    [Fact]
    public void The_code_cites_only_rules_that_exist() =>
        None(CitedInCode().Except(Rules));

    [Fact]
    public void Every_rule_is_cited_where_the_code_enforces_it() =>
        None(Rules.Except(CitedInCode()));

    [Fact]
    public void The_tests_name_only_rules_that_exist() =>
        None(NamedInTests().Except(Rules));

    [Fact]
    public void Every_rule_is_tried_by_a_test_that_names_it() =>
        None(Rules.Except(NamedInTests()));

    private static void None(IEnumerable<string> rules) => Assert.Equal("", string.Join(' ', rules.Order(StringComparer.Ordinal)));

    private static HashSet<string> CitedInCode()
    {
        var cited = new HashSet<string>();
        foreach (var text in Sources("src"))
            foreach (Match m in RuleRange().Matches(text))
                cited.UnionWith(Expand(m));
        return cited;
    }

    private static HashSet<string> NamedInTests() =>
        [.. Sources("tests").SelectMany(t => TestName().Matches(t)).SelectMany(m => NamedRule().Matches(m.Groups[1].Value))
            .Select(m => $"{m.Groups[1].Value}-{m.Groups[2].Value}")];

    // "CB-01 to CB-06" and "HS-01…HS-03" cite everything between.
    private static IEnumerable<string> Expand(Match m)
    {
        var prefix = m.Groups[1].Value;
        var first = int.Parse(m.Groups[2].Value);
        var last = m.Groups[3].Success ? int.Parse(m.Groups[3].Value) : first;
        for (var n = first; n <= last; n++)
            yield return $"{prefix}-{n:00}";
    }

    private static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal))
            .Select(File.ReadAllText);

    private static string Read(string path) => File.ReadAllText(Path.Combine(Repository.Root, path));

    private const string Families = "CB|HS|RL|AC|SE|EN|TR|RC|CK|CE|IN|ER|BU|TS|LI";

    [GeneratedRegex(@"^- \*\*((?:" + Families + @")-\d\d)\*\*", RegexOptions.Multiline)]
    private static partial Regex DefinedRule();

    [GeneratedRegex(@"\b(" + Families + @")-(\d\d)\b(?:(?: to |…|–|\.\.)(?:\1-)?(\d\d)\b)?")]
    private static partial Regex RuleRange();

    [GeneratedRegex(@"\b(?:void|Task)\s+(\w+)\s*\(")]
    private static partial Regex TestName();

    [GeneratedRegex(@"(?<![A-Z0-9])(" + Families + @")_(\d\d)(?!\d)")]
    private static partial Regex NamedRule();
}
