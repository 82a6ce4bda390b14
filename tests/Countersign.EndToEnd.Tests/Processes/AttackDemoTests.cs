using Countersign.Cli;
using Countersign.Protocol;

namespace Countersign.EndToEnd.Tests;

/// <summary><c>demo --attacks</c>: every attack of the suite, against real processes, and the judge who tells how each ended.</summary>
public sealed class AttackDemoTests
{
    [Fact]
    [Trait("pace", "thorough")]
    public async Task R14_every_attack_of_the_demonstration_ends_as_documented()
    {
        using var home = new Scratch();
        using var temporary = new Scratch();
        var ended = await TheProgram.RunAsync(["demo", "--attacks", "--json"], "",
            new Dictionary<string, string?> { ["HOME"] = home.Path, ["TMPDIR"] = temporary.Path, ["XDG_DATA_HOME"] = null, ["XDG_STATE_HOME"] = null });
        Assert.True(ended.Exit == 0, ended.Output + ended.Talk);
        var (attacks, last) = (ended.Lines.SkipLast(1).ToList(), ended.Lines[^1]);
        Assert.All(attacks, static a => Assert.Equal(("attack", true), (a["type"]!.ToString(), (bool)a["ok"]!)));
        Assert.Equal(("demo", true, attacks.Count), (last["type"]!.ToString(), (bool)last["ok"]!, (int)last["attacks"]!));
        var ids = attacks.SelectMany(static a => a["id"]!.AsArray()).Select(static id => id!.ToString()).ToHashSet();
        Assert.Empty(Enumerable.Range(1, 30).Select(static n => $"A{n}").Except(ids));
        // Nothing is left: neither its directory nor anything in an empty home.
        Assert.Empty(Directory.EnumerateFileSystemEntries(temporary.Path, "countersign-*"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(home.Path));
    }

    [Fact]
    public void R14_the_demonstration_has_every_attack_of_the_suite_and_each_says_what_it_does()
    {
        var attacks = AttackList.All.SelectMany(static chapter => chapter.Attacks).ToList();
        Assert.Empty(Enumerable.Range(1, 30).Select(static n => $"A{n}").Except(attacks.SelectMany(static a => a.Ids)));
        Assert.All(attacks, static a =>
        {
            Assert.NotEmpty(a.Expected);
            Assert.DoesNotContain(a.Expected, static o => o is Outcome.Succeeded);
            Assert.DoesNotContain('\n', a.Did);
        });
    }

    [Fact]
    public void A28_the_demonstration_has_each_thing_that_a_server_can_do_to_its_members()
    {
        var operators = AttackList.All.SelectMany(static chapter => chapter.Attacks).Where(static a => a.Ids.Contains("A28")).Select(static a => a.GetType());
        Type[] deeds = [typeof(ForkedHistory), typeof(SignedAnew), typeof(WithheldReceipts), typeof(DatedBack), typeof(InventedMember), typeof(SwappedPrekey)];
        Assert.Empty(deeds.Except(operators));
    }

    public static TheoryData<string> Weak() => ["works", "other code", "partly", "not tried", "more"];

    [Theory]
    [MemberData(nameof(Weak))]
    public void R14_the_judge_says_so_when_an_attack_works_or_ends_otherwise(string how)
    {
        var refused = new Outcome.Refused(WireCode.BadCert);
        Outcome[] outcomes = how switch
        {
            "works" => [new Outcome.Succeeded("logged in")],
            "other code" => [new Outcome.Refused(WireCode.Internal)],
            "partly" => [refused, new Outcome.Succeeded("logged in")],
            "more" => [refused, new Outcome.NoEffect()],
            _ => [],
        };
        var attack = new StolenCertificate();
        var verdict = AttackVerdict.Of(attack, outcomes);
        Assert.False(verdict.Ok);
        Assert.NotEqual(attack.Happened, verdict.Happened);
        Assert.True(AttackVerdict.Of(attack, [refused, refused]).Ok);
        // What is printed and what the process ends with say the same.
        var data = new StringWriter();
        var lines = new AttackLines(new Screen(data, TextWriter.Null, new Surroundings(_ => null, false, false, false), json: true));
        lines.Print(AttackVerdict.Of(attack, [refused]));
        Assert.Equal(0, lines.Failed);
        lines.Print(verdict);
        Assert.Equal((2, 1), (lines.Count, lines.Failed));
        Assert.Contains("\"ok\":false", data.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void R14_an_attack_is_told_in_two_aligned_lines_without_colour_where_there_is_no_terminal()
    {
        var data = new StringWriter();
        new AttackLines(new Screen(data, TextWriter.Null, new Surroundings(_ => null, false, false, false), json: false))
            .Print(AttackVerdict.Of(new StolenCertificate(), [new Outcome.Refused(WireCode.BadCert)]));
        var told = data.ToString().TrimEnd('\n').Split('\n');
        Assert.Equal(2, told.Length);
        Assert.StartsWith("A1           Mallory", told[0], StringComparison.Ordinal);
        Assert.StartsWith("✓ refused    The server", told[1], StringComparison.Ordinal);
        Assert.DoesNotContain('\e', data.ToString());
    }
}
