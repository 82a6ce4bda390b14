using System.Globalization;
using Countersign.Evidence;
using Countersign.Testing;

namespace Countersign.Faults.Tests;

/// <summary>kill -9 of a client process in the middle of sending, again and again on the same device.</summary>
public sealed class KilledClientTests
{
    [Fact]
    public async Task A23_EN_17_a_client_killed_while_it_sends_goes_on_and_says_nothing_twice() => await KillAsync(3);

    [Fact]
    [Trait("pace", "thorough")]
    public async Task A23_EN_17_a_client_killed_20_times_while_it_sends_says_nothing_twice() => await KillAsync(20);

    private static async Task KillAsync(int times)
    {
        var dice = new Dice();
        await using var server = await RealServer.StartAsync();
        await using var bob = await Talker.OnlineAsync(server, "bob");
        await using var alice = await Talker.OnlineAsync(server, "alice");
        var talk = await alice.Client.StartDirectAsync(bob.Name);
        await bob.SayAndWaitAsync(talk);
        await alice.StopAsync();
        var (typed, queued) = (0, new HashSet<string>());
        for (var kill = 0; kill < times; kill++)
        {
            using var chat = await ChatProcess.StartAsync(alice.Place, "bob");
            await Eventually.True(() => chat.IsReady || chat.HasExited, "the chat is ready", TimeSpan.FromMinutes(1));
            Assert.False(chat.HasExited);
            var first = typed;
            var typing = Task.Run(async () =>
            {
                while (await chat.TypeAsync(Text(typed)))
                {
                    typed++;
                    await dice.SomeTimeAsync(20);
                }
            });
            var word = new[] { "queued", "sent", "accepted" }[dice.Below(3)]; // in which state it is killed
            await Eventually.True(() => chat.Lines("queued").Count > 2 && (word == "queued" || chat.Lines("delivery").Any(line => line["word"]!.ToString() == word)), word, TimeSpan.FromMinutes(1));
            await dice.SomeTimeAsync(100);
            await chat.KillAsync();
            await typing;
            Assert.Empty(chat.Lines("error"));
            Assert.Empty(chat.Lines("warning"));
            queued.UnionWith(Enumerable.Range(first, chat.Lines("queued").Count).Select(Text)); // each line answers one, in order
        }

        // Started again it sends what was queued, by itself.
        using (var last = await ChatProcess.StartAsync(alice.Place, "bob"))
        {
            await Eventually.True(() => queued.IsSubsetOf(Read()), "everything that was queued arrives", TimeSpan.FromMinutes(1));
            await last.EndAsync();
        }
        var read = Read();
        Assert.Equal(read.Distinct().Order(), read.Order());
        Assert.Empty(read.Except(Enumerable.Range(0, typed + 1).Select(Text)));
        alice.Start();
        await alice.SayAndWaitAsync(talk);
        await bob.ReadsAsync(talk, alice.Queued.Last());
        Assert.Equal(bob.Transcript(talk), alice.Transcript(talk));
        foreach (var author in bob.Transcript(talk).Select(static bytes => Entry.Parse(bytes)).GroupBy(static entry => entry.Author))
            Assert.Equal(Enumerable.Range(1, author.Count()).Select(static seq => (ulong)seq), author.Select(static entry => entry.Seq));
        Assert.Empty(alice.Faults);
        Assert.Empty(bob.Faults);
        Assert.False(Directory.Exists(Path.Combine(server.Files, "misconduct")));
        await server.RequireCheckedAsync();
        Dice.Say($"{times} kills, {typed} typed, {queued.Count} queued, {read.Count} read");

        IReadOnlyList<string> Read() => [.. bob.Texts(talk, 5000).Where(static text => text.StartsWith("line ", StringComparison.Ordinal))];
    }

    private static string Text(int number) => "line " + number.ToString(CultureInfo.InvariantCulture);
}
