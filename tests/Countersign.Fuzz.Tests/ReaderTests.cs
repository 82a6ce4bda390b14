using Countersign.Testing;

namespace Countersign.Fuzz.Tests;

/// <summary>Every reader of foreign bytes keeps its promises on changed messages: the documented exceptions only, bounded memory
/// and time, one encoding of each thing. The seed is printed with each finding; COUNTERSIGN_FUZZ_SEED repeats a run.</summary>
public sealed class ReaderTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "fuzz/corpus");

    private static readonly int Seed =
        int.TryParse(Environment.GetEnvironmentVariable("COUNTERSIGN_FUZZ_SEED"), out var given) ? given : Random.Shared.Next();

    public static TheoryData<string> Targets => [.. Catalogue.All.Select(static target => target.Name)];

    // A bundle is verified whole; all others are read in microseconds.
    private static int Fast(string target) => target == "bundle" ? 15 : 500;

    [Theory]
    [MemberData(nameof(Targets))]
    public void R14_the_seeds_are_accepted(string name)
    {
        var target = Catalogue.Find(name);
        var seeds = Corpus.Read(Folder, target);
        Assert.NotEmpty(seeds);
        Assert.All(seeds, seed => Assert.True(target.Try(seed.Bytes), seed.Name));
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void R14_changed_messages_cause_no_finding(string name) => Run(name, Fast(name));

    [Theory]
    [Trait("pace", "thorough")]
    [MemberData(nameof(Targets))]
    public void R14_many_changed_messages_cause_no_finding(string name) => Run(name, Fast(name) * 16);

    private static void Run(string name, int rounds)
    {
        var target = Catalogue.Find(name);
        var seeds = Corpus.Read(Folder, target).Select(static seed => seed.Bytes).ToList();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {Seed}, {rounds} rounds");
        var mutator = new Mutator(Seed);
        for (var round = 0; round < rounds; round++)
        {
            var input = mutator.Mutate(seeds, target.MaxLength);
            var problem = Record.Exception(() => target.Try(input));
            Assert.True(problem is null, $"seed {Seed}, round {round}: {problem}");
        }
    }
}
