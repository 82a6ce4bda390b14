using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Server.Tests;

/// <summary>A server whose clock is set, over a real socket.</summary>
public sealed class ClockTests
{
    [Fact]
    public async Task RC_10_a_server_whose_clock_was_set_back_signs_nothing_and_answers_BUSY_also_after_a_restart_until_its_time_has_come()
    {
        await using var server = await TestServer.StartAsync();
        await using var alice = await server.NewReadyAsync("alice", 1);
        var talk = await TestTalk.FoundAsync(alice);
        server.Clock.Lead = TimeSpan.FromMinutes(10);
        await talk.SubmitAsync(alice, talk.NewEpoch(alice.User));
        server.Clock.Lead = TimeSpan.Zero;
        Assert.Equal(WireCode.Busy, (await TestTalk.RefusedAsync(alice, talk.Message(seq: 3))).Code);
        await alice.PingAsync();

        await server.RestartAsync(); // and forgets the heads it has signed

        await using var back = await server.ConnectAsync();
        await back.LogInAsync(alice.User);
        Assert.Equal(WireCode.Busy, (await TestTalk.RefusedAsync(back, talk.Message(seq: 3))).Code);
        Assert.Equal(WireCode.Busy, (await back.AskAsync<Refused>(id => new Fetch(id, talk.Id, 0))).Code); // its answer would have a head
        server.Clock.Lead = TimeSpan.FromMinutes(11);
        await talk.SubmitAsync(back, talk.Message(seq: 3));
        Assert.Equal(3, (await back.AskAsync<Fetched>(id => new Fetch(id, talk.Id, 0))).Entries.Count);
    }
}
