using Countersign.Testing;

namespace Countersign.Specification.Tests;

/// <summary>docs/VALIDATION.md has a row or a reason for every file of vectors, and no row that no test stands behind.</summary>
public sealed class ValidationTests
{
    [Fact]
    public void Every_row_is_a_test()
    {
        var sources = string.Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText));
        Assert.NotEmpty(ValidationPage.Rows());
        Assert.All(ValidationPage.Rows(), row => Assert.Contains($" {row.Test}(", sources));
    }

    [Theory]
    [InlineData("wycheproof/testvectors_v1")]
    [InlineData("argon2/kats")]
    [InlineData("merkle/testdata")]
    [InlineData("cose/cose-wg-Examples")]
    [InlineData("cose")]
    [InlineData("rfc3161")]
    [InlineData(".")]
    public void Every_collection_is_run_or_has_a_reason(string folder)
    {
        Assert.SkipWhen(OutsideVectors.Folder is null, OutsideVectors.SkipReason);
        var page = File.ReadAllText(ValidationPage.Path);
        var ran = ValidationPage.Rows().Select(static row => row.Source).ToList();
        foreach (var path in Directory.EnumerateFileSystemEntries(Path.Combine(OutsideVectors.Folder!, folder)).Where(static p => Directory.Exists(p) || p.EndsWith(".json", StringComparison.Ordinal)))
        {
            var name = folder == "." ? Path.GetFileName(path) : $"{folder}/{Path.GetFileName(path)}";
            Assert.True(ran.Any(source => source.StartsWith(name, StringComparison.Ordinal)) || page.Contains($"`{name}`", StringComparison.Ordinal)
                || page.Contains($"`{folder}/` except the folders above", StringComparison.Ordinal), name);
        }
    }
}
