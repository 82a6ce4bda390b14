using System.Globalization;
using System.Text.RegularExpressions;
using Countersign.Testing;

namespace Countersign.Server.Tests;

/// <summary>docs/LIMITS.md, SPEC section 11 and the code say the same numbers.</summary>
public sealed partial class LimitTableTests
{
    private static readonly Dictionary<string, (string Default, string Allowed)> Code = ServerConfiguration.Table
        .Where(static row => row.Name.StartsWith("limits:", StringComparison.Ordinal))
        .ToDictionary(static row => row.Name["limits:".Length..], static row => (row.Default, row.Allowed));

    [Fact]
    public void The_operators_table_has_every_limit_with_its_default_and_what_it_may_be()
    {
        var documented = OperatorsRow().Matches(Read("docs/LIMITS.md"))
            .ToDictionary(static m => m.Groups[1].Value, static m => (Cores(m.Groups[2].Value), "a whole number from " + m.Groups[3].Value));
        Assert.Equal(Code.OrderBy(static row => row.Key), documented.OrderBy(static row => row.Key));
    }

    [Fact]
    public void The_specifications_table_has_the_defaults()
    {
        var limits = Read("docs/SPEC.md").Split("## 11. Limits")[1].Split("## 12.")[0];
        var named = 0;
        foreach (Match row in SpecificationsRow().Matches(limits))
        {
            var settings = SettingName().Matches(row.Groups[2].Value).Select(static m => Code[m.Groups[1].Value].Default);
            var values = row.Groups[1].Value.Split(" / ").Select(static value => Cores(value.Split(' ')[0] == "the" ? "cores" : value.Split(' ')[0]));
            if (!settings.Any())
                continue;
            Assert.Equal(settings, values);
            named += settings.Count();
        }
        Assert.InRange(named, 18, Code.Count);
    }

    [Fact]
    public void Every_limit_that_is_counted_is_one_of_the_table()
    {
        var names = typeof(LimitNames).GetFields().Select(static field => (string)field.GetRawConstantValue()!);
        Assert.Equal(["loginFailures"], names.Where(static name => !Code.ContainsKey(name)));
    }

    private static string Cores(string value) =>
        value == "cores" ? Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture) : value;

    private static string Read(string path) => File.ReadAllText(Path.Combine(Repository.Root, path));

    [GeneratedRegex(@"^\| `(\w+)` \| (\w+) \| (\d+ to \d+) \|", RegexOptions.Multiline)]
    private static partial Regex OperatorsRow();

    [GeneratedRegex(@"^\| [^|]+ \| ([^|]+) \| ([^|]*) \| [^|]* \|$", RegexOptions.Multiline)]
    private static partial Regex SpecificationsRow();

    [GeneratedRegex(@"`(\w+)`")]
    private static partial Regex SettingName();
}
