namespace Countersign.EndToEnd.Tests;

/// <summary>Where a message goes when somebody has named a conversation after somebody else, through the real program.</summary>
public sealed class NamesTests(RunningUp up)
{
    [Fact]
    public async Task A17_a_conversation_that_is_called_like_a_person_gets_nothing_that_is_meant_for_her()
    {
        var (hugo, ines, malo, quin) = (await up.JoinAsync("hugo"), await up.JoinAsync("ines"), await up.JoinAsync("malo"), await up.JoinAsync("quin"));
        foreach (var there in new[] { ines, quin, malo })
            await TheProgram.RunAsync(["chat", "--data", there, "--json"], ""); // they have been there once
        await TheProgram.DoneAsync("send", "ines", "hello", "--data", hugo);
        // hugo has never met quin; nobody is called opsroom.
        var trap = await TheProgram.RunAsync(["chat", "--data", malo, "--json"], "/new ines hugo\n/new quin hugo\n/new opsroom hugo\n");
        Assert.Equal((0, 3), (trap.Exit, trap.Lines.Count(l => l["type"]!.ToString() == "done")));

        foreach (var name in new[] { "ines", "quin" })
        {
            var refused = await TheProgram.RunAsync("send", name, "the code is 4711", "--data", hugo, "--json");
            Assert.Equal((2, "ambiguous"), (refused.Exit, refused.Line("error")["code"]!.ToString()));
            Assert.Matches($"may mean: @{name}, the person; [0-9a-f]{{64}} #{name} [(]hugo, malo[)]", refused.Line("error")["message"]!.ToString());
        }
        var sent = (await TheProgram.DoneAsync("send", "@ines", "the code is 4711", "--data", hugo, "--json")).Line("sent");
        Assert.Equal("ines", sent["peer"]!.ToString());
        Assert.Equal(["hugo", "ines"], sent["users"]!.AsArray().Select(user => user!.ToString()));
        Assert.EndsWith("  to #ines (hugo, malo)\n", (await TheProgram.DoneAsync("send", "#ines", "for you", "--data", hugo)).Output);
        Assert.EndsWith("  to #opsroom (hugo, malo)\n", (await TheProgram.DoneAsync("send", "opsroom", "for you, too", "--data", hugo)).Output);

        Assert.Contains("4711", (await TheProgram.DoneAsync("tail", "hugo", "--no-follow", "--data", ines)).Output);
        var read = await TheProgram.DoneAsync("tail", "#ines", "--no-follow", "--data", malo);
        Assert.Contains("for you", read.Output);
        Assert.DoesNotContain("4711", read.Output);
    }

    [Fact]
    public async Task What_is_meant_for_one_person_does_not_go_to_who_was_added_while_its_writer_was_away()
    {
        var (jana, kurt, lena) = (await up.JoinAsync("jana"), await up.JoinAsync("kurt"), await up.JoinAsync("lena"));
        foreach (var there in new[] { kurt, lena })
            await TheProgram.RunAsync(["chat", "--data", there, "--json"], "");
        await TheProgram.DoneAsync("send", "kurt", "hello", "--data", jana);
        var added = await TheProgram.RunAsync(["chat", "jana", "--data", kurt, "--json"], "/add lena\n");
        Assert.Contains(added.Lines, l => l["type"]!.ToString() == "done" && l["command"]!.ToString() == "add");

        var sent = (await TheProgram.DoneAsync("send", "kurt", "for you alone", "--data", jana, "--json")).Line("sent");

        Assert.Equal(["jana", "kurt"], sent["users"]!.AsArray().Select(user => user!.ToString()));
        var list = await TheProgram.DoneAsync("conversations", "--data", jana);
        Assert.Contains("  jana, kurt, lena  ", list.Output);
        Assert.Contains("  @kurt  ", list.Output);
        await TheProgram.RunAsync(["chat", "--data", lena, "--json"], "");
        Assert.DoesNotContain("for you alone", (await TheProgram.DoneAsync("tail", "--no-follow", "--data", lena)).Output);
    }
}
