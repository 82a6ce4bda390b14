using System.Text;
using System.Text.RegularExpressions;
using Countersign.Testing;

namespace Countersign.Cryptography.Tests;

public sealed partial class LabelTests
{
    private const string Prefix = "countersign/1 ";

    [Fact]
    public void The_labels_are_those_of_SPEC_2_1()
    {
        var specification = File.ReadAllText(Path.Combine(Repository.Root, "docs", "SPEC.md"));
        var section = specification[specification.IndexOf("### 2.1 ", StringComparison.Ordinal)..specification.IndexOf("### 2.2 ", StringComparison.Ordinal)];
        var written = section.Split('\n')
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .SelectMany(line => Quoted().Matches(line.Split('|')[1]).Select(m => Prefix + m.Groups[1].Value));

        Assert.Equal(written.Order(StringComparer.Ordinal), Texts().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void No_two_labels_are_the_same_and_none_could_be_read_as_another_with_data()
    {
        var texts = Texts().ToArray();
        Assert.Equal(texts.Length, texts.Distinct(StringComparer.Ordinal).Count());
        // Labels stand before 0x00 in hashes and after their length in derivations: ASCII without 0x00 is enough.
        Assert.All(texts, text => Assert.Matches("^countersign/1 [a-z0-9_ ]+$", text));
        Assert.All(texts, text => Assert.InRange(text.Length, 1, 255));
    }

    [Fact]
    public void A_label_outside_the_table_is_our_bug() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ((Label)999).Text().Length);

    private static IEnumerable<string> Texts() => Enum.GetValues<Label>().Select(label => Encoding.ASCII.GetString(label.Text()));

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();
}
