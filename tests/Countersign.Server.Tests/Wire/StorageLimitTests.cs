using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Server.Tests;

/// <summary>SPEC section 11 over real sockets: how much of a user's is stored.</summary>
public sealed class StorageLimitTests
{
    [Fact]
    public async Task A_user_stores_so_much_also_after_a_restart_and_what_is_there_already_is_answered()
    {
        var limits = new ServerLimits { StoredBytesPerUser = StorageRoom.Block + 20_000 };
        await using var server = await TestServer.StartAsync(limits);
        await using var honest = await HonestPair.StartAsync(server);
        await using var hoarder = await server.NewReadyAsync("hoarder", 1);
        var (talk, genesis) = TestTalk.Found(hoarder.User);
        await talk.SubmitAsync(hoarder, genesis);
        var epoch = talk.NewEpoch(hoarder.User);
        await talk.SubmitAsync(hoarder, epoch);
        var stored = (long)genesis.Bytes.Length + epoch.Bytes.Length;
        Entry last;
        while (true)
        {
            last = talk.Message(8_192);
            if (await hoarder.AskAnyAsync(id => new Submit(id, new Encoded<Entry>(last.Bytes))) is not Accepted)
                break;
            stored += last.Bytes.Length;
        }
        Assert.InRange(stored, limits.StoredBytesPerUser - last.Bytes.Length, limits.StoredBytesPerUser);
        Assert.Equal(WireCode.TooLarge, (await TestTalk.RefusedAsync(hoarder, last)).Code);
        await talk.SubmitAsync(hoarder, genesis); // EN-07
        await honest.TalkAsync();
        Assert.Equal(2, await server.TimesMetAsync(LimitNames.StoredMiBPerUser));
        await server.RestartAsync(new ServerOptions { Limits = limits });
        await using var again = await server.ConnectAsync();
        await again.LogInAsync(hoarder.User);
        Assert.Equal(WireCode.TooLarge, (await TestTalk.RefusedAsync(again, last)).Code);
    }

    [Fact]
    public async Task Who_may_store_no_more_closes_and_leaves_what_there_is_and_adds_nobody()
    {
        await using var server = await TestServer.StartAsync();
        await using var hoarder = await server.NewReadyAsync("hoarder", 1);
        var (bob, carol) = (await server.EnrolAsync("bob", 2), await server.EnrolAsync("carol", 3));
        var (closed, left) = (await TestTalk.FoundAsync(hoarder), await TestTalk.FoundAsync(hoarder, bob));
        await closed.SubmitAsync(hoarder, closed.NewEpoch(hoarder.User));
        await server.RestartAsync(new ServerOptions { Limits = new ServerLimits { StoredBytesPerUser = 1 } });
        await using var again = await server.ConnectAsync();
        await again.LogInAsync(hoarder.User);
        Assert.Equal(WireCode.TooLarge, (await TestTalk.RefusedAsync(again, closed.Message(seq: 3))).Code);
        Assert.Equal(WireCode.TooLarge, (await TestTalk.RefusedAsync(again, left.Members([carol], [hoarder.User], seq: 2))).Code);
        Assert.Equal(WireCode.TooLarge, (await TestTalk.RefusedAsync(again, left.Members([], [], seq: 2))).Code); // it ends nothing
        await closed.SubmitAsync(again, closed.Close(seq: 3));
        await left.SubmitAsync(again, left.Members([], [hoarder.User], seq: 2));
    }

    [Fact]
    public async Task CK_07_who_may_store_no_more_gives_those_who_stay_one_key_after_a_removal_and_no_other()
    {
        await using var server = await TestServer.StartAsync();
        await using var hoarder = await server.NewReadyAsync("hoarder", 1);
        var (bob, carol) = (await server.EnrolAsync("bob", 2), await server.EnrolAsync("carol", 3));
        var talk = await TestTalk.FoundAsync(hoarder, bob, carol);
        await talk.SubmitAsync(hoarder, talk.NewEpoch(hoarder.User, bob, carol));
        await server.RestartAsync(new ServerOptions { Limits = new ServerLimits { StoredBytesPerUser = 1 } });
        await using var again = await server.ConnectAsync();
        await again.LogInAsync(hoarder.User);
        Assert.Equal(WireCode.TooLarge, (await TestTalk.RefusedAsync(again, talk.NewEpoch(hoarder.User, bob, carol))).Code);
        await talk.SubmitAsync(again, talk.Members([], [carol], seq: 3));
        await talk.SubmitAsync(again, talk.NewEpoch(hoarder.User, bob)); // without it bob could write nothing, and nor could he who owes it close
        Assert.Equal(WireCode.TooLarge, (await TestTalk.RefusedAsync(again, talk.NewEpoch(hoarder.User, bob))).Code);
        await talk.SubmitAsync(again, talk.Close(seq: 5));
    }

    [Fact]
    public async Task EN_11_who_may_store_no_more_joins_what_others_put_him_into_and_leaves_it()
    {
        await using var server = await TestServer.StartAsync();
        await using var honest = await HonestPair.StartAsync(server);
        var hoarder = await server.EnrolAsync("hoarder", 1);
        await using (var first = await server.ConnectAsync())
            await first.RegisterAsync(hoarder);
        var founded = await TestTalk.FoundAsync(honest.Writer, hoarder);
        await server.RestartAsync(new ServerOptions { Limits = new ServerLimits { StoredBytesPerUser = 1 } });
        await using var again = await server.ConnectAsync();
        await again.LogInAsync(hoarder);
        var talk = founded.As(hoarder);
        await talk.SubmitAsync(again, talk.Join());
        Assert.Equal(WireCode.TooLarge, (await TestTalk.RefusedAsync(again, talk.Message(seq: 2))).Code);
        await talk.SubmitAsync(again, talk.Members([], [hoarder], seq: 2));
    }

    [Fact]
    public async Task Entries_that_are_refused_or_come_again_take_no_room()
    {
        await using var server = await TestServer.StartAsync(new ServerLimits { StoredBytesPerUser = 10_000 });
        await using var alice = await server.NewReadyAsync("alice", 1);
        var talk = await TestTalk.FoundAsync(alice);
        await talk.SubmitAsync(alice, talk.NewEpoch(alice.User));
        var message = talk.Message(2_048);
        var early = talk.Message(2_048, seq: 4, time: DateTimeOffset.UtcNow.AddHours(1));
        for (var i = 0; i < 8; i++)
        {
            await talk.SubmitAsync(alice, message);
            Assert.Equal(WireCode.BadTime, (await TestTalk.RefusedAsync(alice, early)).Code);
        }
        await talk.SubmitAsync(alice, talk.Message(2_048));
    }

    public enum Trouble
    {
        ClockBehind,
        NotStored,
        StoredAllTheSame,
    }

    [Theory]
    [InlineData(Trouble.ClockBehind)]
    [InlineData(Trouble.NotStored)]
    [InlineData(Trouble.StoredAllTheSame)]
    public async Task An_entry_that_was_answered_with_BUSY_however_often_takes_room_once(Trouble trouble)
    {
        FailingStore store = null!;
        var limits = new ServerLimits { StoredBytesPerUser = 20_000 };
        await using var server = await TestServer.StartAsync(new ServerOptions { Limits = limits }, inner => store = new FailingStore(inner));
        await using var alice = await server.NewReadyAsync("alice", 1);
        var (talk, genesis) = TestTalk.Found(alice.User);
        await talk.SubmitAsync(alice, genesis);
        var (epoch, seq) = (talk.NewEpoch(alice.User), 3ul);
        await talk.SubmitAsync(alice, epoch);
        var message = talk.Message(2_048, seq);
        (store.Fails, store.FailsAfterwards) = (trouble == Trouble.NotStored, trouble == Trouble.StoredAllTheSame);
        server.Clock.Lead = trouble == Trouble.ClockBehind ? -TimeSpan.FromMinutes(10) : TimeSpan.Zero;
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(WireCode.Busy, (await TestTalk.RefusedAsync(alice, message)).Code);
            store.FailsAfterwards = false;
            if (trouble == Trouble.StoredAllTheSame)
                break;
        }
        (store.Fails, server.Clock.Lead) = (false, TimeSpan.Zero);
        await talk.SubmitAsync(alice, message);
        await talk.SubmitAsync(alice, message);
        var stored = (long)genesis.Bytes.Length + epoch.Bytes.Length + message.Bytes.Length;
        Entry next;
        while (await alice.AskAnyAsync(id => new Submit(id, new Encoded<Entry>((next = talk.Message(2_048, ++seq)).Bytes))) is Accepted)
            stored += message.Bytes.Length;
        Assert.InRange(stored, limits.StoredBytesPerUser - message.Bytes.Length - 16, limits.StoredBytesPerUser);
    }
}
