using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Server.Tests;

/// <summary>The same entry again, and another one in its place (EN-07, EN-17, RC-08).</summary>
public sealed class ResubmissionTests(SharedServer shared)
{
    [Fact]
    public async Task R8_EN_07_a_gap_in_seq_is_REPLAY_and_ends_the_link()
    {
        var (alice, talk) = await TalkingAsync();
        await using var _ = alice;
        await alice.SendAsync(new Submit(alice.NextId(), new Encoded<Entry>(talk.Message(seq: 9).Bytes)));
        Assert.Equal(WireCode.Replay, await alice.ReadAlertAsync());
        await shared.HonestIsUnharmedAsync();
    }

    [Fact]
    public async Task R8_EN_07_a_known_seq_with_other_bytes_is_REPLAY_and_a_security_event()
    {
        var (alice, talk) = await TalkingAsync();
        await using var _ = alice;
        await talk.SubmitAsync(alice, talk.Message(seq: 3));
        await alice.SendAsync(new Submit(alice.NextId(), new Encoded<Entry>(talk.Message(seq: 3).Bytes)));
        Assert.Equal(WireCode.Replay, await alice.ReadAlertAsync());
        Assert.Contains(
            await shared.Server.Administration.SecurityEventsAsync(),
            e => e.Kind == SecurityEventKind.SequenceReused && e.Subject == alice.User.Device.Value);
    }

    [Fact]
    public async Task RC_08_R8_two_entries_for_one_place_are_kept_as_a_proof_that_anybody_can_judge()
    {
        await using var server = await TestServer.StartAsync();
        await using var alice = await server.NewReadyAsync("alice", 1);
        var talk = await TestTalk.FoundAsync(alice);
        await talk.SubmitAsync(alice, talk.NewEpoch(alice.User));
        var (first, second) = (talk.Message(seq: 3), talk.Message(seq: 3));
        var seen = talk.Seen;
        await talk.SubmitAsync(alice, first);
        await talk.SubmitAsync(alice, first); // the same bytes again are no misconduct
        Assert.Empty(server.Administration.Misconduct());

        await alice.SendAsync(new Submit(alice.NextId(), new Encoded<Entry>(second.Bytes)));

        Assert.Equal(WireCode.Replay, await alice.ReadAlertAsync());
        var (path, verdict) = Assert.Single(server.Administration.Misconduct());
        var proof = Assert.IsType<ContradictingEntries>(verdict.Proof);
        Assert.Equal((first.Hash, second.Hash, seen.Size), (proof.First.Entry.Hash, proof.Second.Entry.Hash, proof.First.Entry.Seen.Size));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    [Fact]
    public async Task RC_08_a_device_that_repeats_its_misconduct_fills_no_log()
    {
        await using var server = await TestServer.StartAsync();
        await using var alice = await server.NewReadyAsync("alice", 1);
        var talk = await TestTalk.FoundAsync(alice);
        await talk.SubmitAsync(alice, talk.NewEpoch(alice.User));
        var (first, second) = (talk.Message(seq: 3), talk.Message(seq: 3));
        await talk.SubmitAsync(alice, first);
        for (var link = 0; link < 3; link++)
        {
            await using var again = await server.ConnectAsync();
            await again.LogInAsync(alice.User);
            await again.SendAsync([.. Enumerable.Range(0, 20).Select(_ => new Submit(again.NextId(), new Encoded<Entry>(second.Bytes)))]);
            Assert.Equal(WireCode.Replay, await again.ReadAlertAsync());
        }
        Assert.InRange((await server.Administration.SecurityEventsAsync()).Count(static e => e.Kind == SecurityEventKind.SequenceReused), 1, Rates.MisusesAtOnce);
        Assert.Single(server.Administration.Misconduct());
    }

    [Fact]
    public async Task RC_08_EN_17_another_entry_with_another_seen_accuses_nobody()
    {
        await using var server = await TestServer.StartAsync();
        await using var alice = await server.NewReadyAsync("alice", 1);
        var talk = await TestTalk.FoundAsync(alice);
        await talk.SubmitAsync(alice, talk.NewEpoch(alice.User));
        await talk.SubmitAsync(alice, talk.Message(seq: 3));
        await alice.SendAsync(new Submit(alice.NextId(), new Encoded<Entry>(talk.Message(seq: 3).Bytes))); // its seen is larger
        Assert.Equal(WireCode.Replay, await alice.ReadAlertAsync());
        Assert.Empty(server.Administration.Misconduct());
    }

    [Fact]
    public async Task EN_07_the_same_bytes_are_answered_like_the_first_time_also_after_a_restart_and_stored_once()
    {
        await using var server = await TestServer.StartAsync();
        await using var first = await server.NewReadyAsync("alice", 1);
        var (talk, genesis) = TestTalk.Found(first.User);
        var accepted = await talk.SubmitAsync(first, genesis);
        Assert.Equal(accepted.Position, (await talk.SubmitAsync(first, genesis)).Position);
        await server.RestartAsync();
        await using var second = await server.ConnectAsync();
        await second.LogInAsync(first.User);
        var again = await talk.SubmitAsync(second, genesis);
        Assert.Equal((accepted.Position, accepted.Head.Head), (again.Position, again.Head.Head));
        Assert.Single((await second.AskAsync<Fetched>(id => new Fetch(id, talk.Id, 0))).Entries);
    }

    private async Task<(TestClient Alice, TestTalk Talk)> TalkingAsync()
    {
        var alice = await shared.NewReadyAsync(1);
        var talk = await TestTalk.FoundAsync(alice);
        await talk.SubmitAsync(alice, talk.NewEpoch(alice.User));
        return (alice, talk);
    }
}
