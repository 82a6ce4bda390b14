using Countersign.Testing;

namespace Countersign.Specification.Tests;

/// <summary>ProVerif is not installed where the tests run: its models are at least well-formed and well-typed, each mutant too.</summary>
public sealed class ProVerifModelTests
{
    public static TheoryData<string> Models => [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "formal"), "*.pv").Select(f => Path.GetFileName(f)!)];

    [Theory]
    [MemberData(nameof(Models))]
    public void R14_every_variant_of_a_model_is_well_formed_and_well_typed(string file)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "formal", file));
        var variants = Preprocessor.Variants(text).ToList();
        Assert.NotEmpty(variants);
        foreach (var flags in variants)
        {
            var problem = Record.Exception(() => Assert.NotEqual(0, Model.Read(Preprocessor.Run(text, flags)).Queries));
            Assert.True(problem is null, $"{file} {string.Join(' ', flags)}: {problem?.Message}");
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void R14_every_mutant_changes_its_model(string file)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "formal", file));
        foreach (var flags in Preprocessor.Variants(text))
            foreach (var flag in flags)
                Assert.NotEqual(Preprocessor.Run(text, flags), Preprocessor.Run(text, flags.Except([flag]).ToHashSet()));
    }

    [Theory]
    [InlineData("free c: channel. process out(c, n)", "not declared")]
    [InlineData("free c: channel. fun f(bitstring): bitstring. process new n: nat; out(c, f(n))", "takes")]
    [InlineData("free c: channel. event E(nat). process event E(1, 2)", "takes")]
    [InlineData("free c: channel. process ( out(c, 1)", "expected")]
    [InlineData("free c: channel. (* process out(c, 1)", "comment")]
    public void The_checker_sees_what_is_wrong(string text, string message) =>
        Assert.Contains(message, Assert.Throws<FormatException>(() => Model.Read(text)).Message, StringComparison.Ordinal);
}
