using System.Text.RegularExpressions;
using Countersign.Testing;

namespace Countersign.Specification.Tests;

/// <summary>docs/REVIEW.md says of every file that compares or wipes bytes what they are. A file that begins to, or ceases, fails here.</summary>
public sealed partial class ByteComparisonTests
{
    [Theory]
    [InlineData("constant time", "FixedTimeEquals(")]
    [InlineData("any time", "SequenceEqual(")]
    [InlineData("wiped", "ZeroMemory(")]
    public void The_review_lists_the_files_that_do_it(string table, string call)
    {
        var found = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Select(static file => Path.GetRelativePath(Path.Combine(Repository.Root, "src"), file).Replace('\\', '/'))
            .Where(static file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal))
            .Where(file => File.ReadAllText(Path.Combine(Repository.Root, "src", file)).Contains(call, StringComparison.Ordinal))
            .Select(static file => file["Countersign.".Length..^".cs".Length]);
        var reviewed = Row().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs/REVIEW.md")))
            .Where(m => m.Groups[2].Value == table).Select(static m => m.Groups[1].Value);
        Assert.Equal(found.Order(StringComparer.Ordinal), reviewed.Order(StringComparer.Ordinal));
    }

    [GeneratedRegex(@"^\| `([\w/.]+)` \| (constant time|any time|wiped) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
