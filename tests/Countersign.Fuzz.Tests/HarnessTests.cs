using Countersign.Cryptography;
using Countersign.Testing;

namespace Countersign.Fuzz.Tests;

/// <summary>The harness sees what it is there to see.</summary>
public sealed class HarnessTests
{
    [Fact]
    public void Another_exception_is_a_finding() =>
        Assert.Contains("not documented", Finding(static _ => throw new IndexOutOfRangeException()), StringComparison.Ordinal);

    [Fact]
    public void A_second_encoding_is_a_finding() =>
        Assert.Contains("otherwise", Finding(static b => [.. b, 0]), StringComparison.Ordinal);

    [Fact]
    public void Memory_out_of_proportion_is_a_finding() =>
        Assert.Contains("allocated", Finding(static b => new byte[1 << 20].Length > 0 ? null : b), StringComparison.Ordinal);

    [Fact]
    public void A_documented_refusal_is_none() =>
        Assert.False(Target(static _ => throw new MalformedException("no")).Try([1]));

    [Fact]
    public void Every_folder_of_the_corpus_belongs_to_a_target() =>
        Assert.Equal(
            Catalogue.All.Select(static t => t.Name).Order(),
            Directory.EnumerateDirectories(Path.Combine(Repository.Root, "fuzz/corpus")).Select(static d => Path.GetFileName(d)!).Order());

    [Fact]
    public void A_seed_gives_the_same_inputs_again() =>
        Assert.Equal(Inputs(7), Inputs(7));

    private static List<byte[]> Inputs(int seed)
    {
        var mutator = new Mutator(seed);
        return [.. Enumerable.Range(0, 50).Select(_ => mutator.Mutate([[1, 2, 3], [4, 5]], 100))];
    }

    private static string Finding(Func<byte[], byte[]?> read) => Assert.Throws<FindingException>(() => Target(read).Try([1, 2, 3])).Message;

    private static FuzzTarget Target(Func<byte[], byte[]?> read) => new("some", read, static e => e is MalformedException);
}
