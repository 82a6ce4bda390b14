using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Server.Tests;

/// <summary>SPEC section 11 over real sockets: what one user may do, while two honest users talk.</summary>
public sealed class UserLimitTests
{
    [Fact]
    public async Task LI_05_entries_above_the_rate_are_read_later_and_none_is_lost_or_refused()
    {
        await using var server = await TestServer.StartAsync(new ServerLimits { EntriesPerSecond = 10 });
        await using var honest = await HonestPair.StartAsync(server);
        await using var flooder = await server.NewReadyAsync("flooder", 1);
        var talk = await TestTalk.FoundAsync(flooder);
        await talk.SubmitAsync(flooder, talk.NewEpoch(flooder.User));
        var entries = Enumerable.Range(3, 130).Select(seq => talk.Message(seq: (ulong)seq)).ToList();
        await flooder.SendAsync([.. entries.Select(entry => new Submit(flooder.NextId(), new Encoded<Entry>(entry.Bytes)))]);
        await HeldBackAsync(server, LimitNames.EntriesPerSecond);
        await honest.TalkAsync();
        var positions = new List<ulong>();
        foreach (var _ in entries)
            positions.Add((await flooder.ReceiveAsync<Accepted>()).Position);
        Assert.Equal(Enumerable.Range(2, 130).Select(static position => (ulong)position), positions.Order()); // SE-04: answers come in any order
    }

    [Fact]
    public async Task LI_05_other_messages_above_the_rate_are_read_later_on_all_links_of_the_user_together()
    {
        await using var server = await TestServer.StartAsync(new ServerLimits { RequestsPerSecond = 10 });
        await using var honest = await HonestPair.StartAsync(server);
        await using var first = await server.NewReadyAsync("flooder", 1);
        await using var second = await server.ConnectAsync();
        await second.LogInAsync(first.User);
        await first.SendAsync([.. Enumerable.Range(1, 150).Select(static i => new Ping((ulong)i))]); // one record: more than a burst
        await first.ReceiveAsync<Pong>();
        await second.SendAsync(new ListConversations(second.NextId(), null));
        await HeldBackAsync(server, LimitNames.RequestsPerSecond);
        await honest.TalkAsync();
        await second.ReceiveAsync<Listed>();
    }

    [Fact]
    public async Task LI_05_a_link_with_too_many_requests_unanswered_is_read_later()
    {
        await using var server = await TestServer.StartAsync(new ServerLimits { UnansweredRequests = 1 });
        await using var honest = await HonestPair.StartAsync(server);
        await using var flooder = await server.NewReadyAsync("flooder", 1);
        var talk = await TestTalk.FoundAsync(flooder);
        await talk.SubmitAsync(flooder, talk.NewEpoch(flooder.User));
        var entries = Enumerable.Range(3, 20).Select(seq => talk.Message(seq: (ulong)seq)).ToList();
        await flooder.SendAsync([.. entries.Select(entry => new Submit(flooder.NextId(), new Encoded<Entry>(entry.Bytes)))]);
        await honest.TalkAsync();
        foreach (var _ in entries)
            await flooder.ReceiveAsync<Accepted>();
        Assert.InRange(await server.TimesMetAsync(LimitNames.UnansweredRequests), 1, 20);
    }

    [Fact]
    public async Task A_user_founds_so_many_conversations_also_after_a_restart_and_the_same_genesis_counts_once()
    {
        var limits = new ServerLimits { ConversationsPerUser = 2 };
        await using var server = await TestServer.StartAsync(limits);
        await using var honest = await HonestPair.StartAsync(server);
        await using var founder = await server.NewReadyAsync("founder", 1);
        var (first, genesis) = TestTalk.Found(founder.User, honest.Writer.User);
        await first.SubmitAsync(founder, genesis);
        await first.SubmitAsync(founder, genesis);
        await TestTalk.FoundAsync(founder);
        Assert.Equal(WireCode.TooLarge, (await TestTalk.RefusedAsync(founder, TestTalk.Found(founder.User).Genesis)).Code);
        await first.SubmitAsync(founder, genesis); // EN-07
        await TestTalk.FoundAsync(honest.Writer); // his own second: who adds him to conversations takes nothing from him
        Assert.Equal(1, await server.TimesMetAsync(LimitNames.ConversationsPerUser));
        await server.RestartAsync(new ServerOptions { Limits = limits });
        await using var again = await server.ConnectAsync();
        await again.LogInAsync(founder.User);
        Assert.Equal(WireCode.TooLarge, (await TestTalk.RefusedAsync(again, TestTalk.Found(founder.User).Genesis)).Code);
    }

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

    [Fact]
    public async Task SE_10_welcome_says_how_much_of_a_conversation_the_operator_allows()
    {
        await using var server = await TestServer.StartAsync(new ServerLimits { MembersPerConversation = 40, ChangesPerConversation = 3000 });
        await using var alice = await server.NewReadyAsync("alice", 1);
        Assert.Equal(new ConversationRoom(40, 3000), alice.Link.Welcome.Room);
    }

    [Fact]
    public async Task LI_10_a_conversation_with_all_its_changes_gets_no_members_and_no_keys_but_is_written_left_and_closed()
    {
        await using var server = await TestServer.StartAsync(new ServerLimits { ChangesPerConversation = 5 });
        await using var honest = await HonestPair.StartAsync(server);
        await using var alice = await server.NewReadyAsync("alice", 1);
        await using var bob = await server.NewReadyAsync("bob", 2); // who signs what there is no room for, and other bytes for the same place
        var carol = await server.EnrolAsync("carol", 3);
        var talk = await TestTalk.FoundAsync(alice, bob.User); // two members and
        for (var i = 0; i < 3; i++)
            await talk.SubmitAsync(alice, talk.NewEpoch(alice.User, bob.User)); // three epochs
        var bobs = talk.As(bob.User);
        await bobs.SubmitAsync(bob, bobs.Join());
        Assert.Equal(WireCode.TooLarge, (await TestTalk.RefusedAsync(bob, bobs.NewEpoch(alice.User, bob.User))).Code);
        Assert.Equal(WireCode.TooLarge, (await TestTalk.RefusedAsync(bob, bobs.Members([carol], [alice.User], seq: 2))).Code);
        await talk.SubmitAsync(alice, talk.Message());
        await talk.SubmitAsync(alice, talk.Members([], [bob.User]));
        await talk.SubmitAsync(alice, talk.NewEpoch(alice.User));
        await talk.SubmitAsync(alice, talk.Message());
        await honest.TalkAsync();
        await talk.SubmitAsync(alice, talk.Close());
        Assert.Equal(2, await server.TimesMetAsync(LimitNames.ChangesPerConversation));
    }

    [Fact]
    public async Task LI_10_the_first_epoch_is_taken_however_many_members_there_are()
    {
        await using var server = await TestServer.StartAsync(new ServerLimits { ChangesPerConversation = 1 });
        await using var alice = await server.NewReadyAsync("alice", 1);
        var bob = await server.EnrolAsync("bob", 2);
        var talk = await TestTalk.FoundAsync(alice, bob);
        await talk.SubmitAsync(alice, talk.NewEpoch(alice.User, bob));
        await talk.SubmitAsync(alice, talk.Message());
    }

    [Fact]
    public async Task EN_12_LI_10_who_comes_second_for_the_last_change_is_STALE_and_can_take_it_back()
    {
        await using var server = await TestServer.StartAsync(new ServerLimits { ChangesPerConversation = 4 });
        await using var alice = await server.NewReadyAsync("alice", 1);
        await using var bob = await server.NewReadyAsync("bob", 2);
        var talk = await TestTalk.FoundAsync(alice, bob.User);
        await talk.SubmitAsync(alice, talk.NewEpoch(alice.User, bob.User)); // 3
        var bobs = talk.As(bob.User);
        talk.Seen = (await bobs.SubmitAsync(bob, bobs.Join())).Head.Head.Tree;
        var second = bobs.NewEpoch(alice.User, bob.User);
        await talk.SubmitAsync(alice, talk.NewEpoch(alice.User, bob.User));
        Assert.Equal(WireCode.Stale, (await TestTalk.RefusedAsync(bob, second)).Code);
        Assert.Equal(0, await server.TimesMetAsync(LimitNames.ChangesPerConversation));
    }

    [Fact]
    public async Task LI_10_after_a_start_with_less_room_one_entry_is_taken_that_was_signed_before_and_no_other()
    {
        await using var server = await TestServer.StartAsync(new ServerLimits());
        var (alice, bob) = (await server.NewReadyAsync("alice", 1), await server.NewReadyAsync("bob", 2));
        await using (alice)
        await using (bob)
        {
            var (carol, dave) = (await server.EnrolAsync("carol", 3), await server.EnrolAsync("dave", 4));
            var talk = await TestTalk.FoundAsync(alice, bob.User);
            await talk.SubmitAsync(alice, talk.NewEpoch(alice.User, bob.User));
            var bobs = talk.As(bob.User);
            talk.Seen = (await bobs.SubmitAsync(bob, bobs.Join())).Head.Head.Tree;
            var first = talk.Members([carol], []);
            var second = bobs.NewEpoch(alice.User, bob.User);
            await server.RestartAsync(new ServerOptions { Limits = new ServerLimits { ChangesPerConversation = 2, MembersPerConversation = 3 } });
            await using var again = await server.ConnectAsync();
            await again.LogInAsync(alice.User);
            await using var bobAgain = await server.ConnectAsync();
            await bobAgain.LogInAsync(bob.User);

            Assert.Equal(WireCode.TooLarge, (await TestTalk.RefusedAsync(again, talk.Members([carol, dave], [], seq: 3))).Code); // more than the members there may be
            await talk.SubmitAsync(again, first);
            Assert.Equal(WireCode.Stale, (await TestTalk.RefusedAsync(bobAgain, second)).Code);
            await talk.SubmitAsync(again, talk.NewEpoch(alice.User, bob.User, carol)); // needed
            Assert.Equal(WireCode.TooLarge, (await TestTalk.RefusedAsync(again, talk.NewEpoch(alice.User, bob.User, carol))).Code);
        }
    }

    [Fact]
    public async Task LI_10_each_time_that_a_device_is_made_a_member_is_a_change()
    {
        await using var server = await TestServer.StartAsync(new ServerLimits { ChangesPerConversation = 6 });
        await using var alice = await server.NewReadyAsync("alice", 1);
        var (bob, carol) = (await server.EnrolAsync("bob", 2), await server.EnrolAsync("carol", 3));
        var talk = await TestTalk.FoundAsync(alice);
        await talk.SubmitAsync(alice, talk.Members([bob, carol], [])); // 4
        await talk.SubmitAsync(alice, talk.Members([], [bob, carol])); // 5
        Assert.Equal(WireCode.TooLarge, (await TestTalk.RefusedAsync(alice, talk.Members([bob], [], seq: 4))).Code);
        await server.RestartAsync(new ServerOptions { Limits = new ServerLimits { ChangesPerConversation = 8 } });
        await using var again = await server.ConnectAsync();
        await again.LogInAsync(alice.User);
        await talk.SubmitAsync(again, talk.NewEpoch(alice.User)); // 6: taken in any case after a removal, and counted
        Assert.Equal(WireCode.TooLarge, (await TestTalk.RefusedAsync(again, talk.Members([bob, carol], [], seq: 5))).Code);
        await talk.SubmitAsync(again, talk.Members([bob], [], seq: 5));
    }

    [Fact]
    public async Task A_founding_that_is_refused_takes_no_place()
    {
        await using var server = await TestServer.StartAsync(new ServerLimits { ConversationsPerUser = 1, MembersPerConversation = 1 });
        await using var founder = await server.NewReadyAsync("founder", 1);
        var other = await server.EnrolAsync("other", 2);
        Assert.Equal(WireCode.TooLarge, (await TestTalk.RefusedAsync(founder, TestTalk.Found(founder.User, other).Genesis)).Code);
        await TestTalk.FoundAsync(founder);
    }

    [Fact]
    public async Task A_founding_that_comes_again_before_it_is_answered_takes_one_place()
    {
        FailingStore store = null!;
        await using var server = await TestServer.StartAsync(
            new ServerOptions { Limits = new ServerLimits { ConversationsPerUser = 2 } }, inner => store = new FailingStore(inner));
        await using var first = await server.NewReadyAsync("founder", 1);
        await using var second = await server.ConnectAsync();
        await second.LogInAsync(first.User);
        var gate = new TaskCompletionSource();
        store.Gate = gate.Task;
        var (_, genesis) = TestTalk.Found(first.User);
        foreach (var link in (TestClient[])[first, second])
        {
            await link.SendAsync(new Submit(link.NextId(), new Encoded<Entry>(genesis.Bytes)));
            await link.AskAsync<Listed>(static id => new ListConversations(id, null)); // requests are handled in their order: the place is taken
        }
        gate.SetResult();
        await first.ReceiveAsync<Accepted>();
        await second.ReceiveAsync<Accepted>();
        await TestTalk.FoundAsync(first);
        Assert.Equal(WireCode.TooLarge, (await TestTalk.RefusedAsync(first, TestTalk.Found(first.User).Genesis)).Code);
    }

    [Fact]
    public async Task LI_04_an_entry_costs_what_it_names()
    {
        await using var server = await TestServer.StartAsync(new ServerLimits { EntriesPerSecond = 5 }); // a burst of 50
        await using var honest = await HonestPair.StartAsync(server);
        await using var alice = await server.NewReadyAsync("alice", 1);
        var talk = await TestTalk.FoundAsync(alice);
        var names = Enumerable.Range(1, 250).Select(static seq => new ErasedEntry((ulong)seq, new EntryHash(Hash32.Sha256([1])))).ToList();
        for (var i = 0; i < 2; i++) // 26 units each
            Assert.Equal(WireCode.BadTime, (await TestTalk.RefusedAsync(alice, talk.Erase(names, seq: 2, DateTimeOffset.UtcNow.AddHours(1)))).Code);
        Assert.InRange(await server.TimesMetAsync(LimitNames.EntriesPerSecond), 1, 2);
        await honest.TalkAsync();
    }

    [Fact]
    public async Task EN_13_members_above_the_servers_limit_are_TOO_LARGE_at_the_founding_and_later()
    {
        await using var server = await TestServer.StartAsync(new ServerLimits { MembersPerConversation = 2 });
        await using var honest = await HonestPair.StartAsync(server);
        await using var alice = await server.NewReadyAsync("alice", 1);
        var (bob, carol) = (await server.EnrolAsync("bob", 2), await server.EnrolAsync("carol", 3));
        Assert.Equal(WireCode.TooLarge, (await TestTalk.RefusedAsync(alice, TestTalk.Found(alice.User, bob, carol).Genesis)).Code);
        var talk = await TestTalk.FoundAsync(alice, bob);
        Assert.Equal(WireCode.TooLarge, (await TestTalk.RefusedAsync(alice, talk.Members([carol], []))).Code);
        await honest.TalkAsync();
        var next = await TestTalk.FoundAsync(alice, bob);
        await next.SubmitAsync(alice, next.Members([carol], [bob]));
        Assert.Equal(2, await server.TimesMetAsync(LimitNames.MembersPerConversation));
    }

    [Fact]
    public async Task SE_08_a_user_who_takes_too_many_prekeys_of_a_device_gets_the_last_resort_key_and_others_one_time_keys()
    {
        await using var server = await TestServer.StartAsync(new ServerLimits { PrekeysTakenPerHour = 2, PrekeysPerDevice = 4 });
        await using var honest = await HonestPair.StartAsync(server);
        await using var bob = await server.NewReadyAsync("bob", 1);
        await using var drainer = await server.NewReadyAsync("drainer", 2);
        var keys = Enumerable.Range(0, 5).Select(_ => NewPrekey(bob, PrekeyKind.OneTime)).ToList();
        var last = NewPrekey(bob, PrekeyKind.LastResort);
        var held = await bob.AskAsync<PrekeysHeld>(id => new PutPrekeys(id, [.. keys.Append(last).Select(static key => new Encoded<Prekey>(key.Bytes))]));
        Assert.Equal(4, held.OneTime); // the fifth is dropped
        var drained = await drainer.AskAsync<PrekeysTaken>(id => new TakePrekeys(
            id, [bob.User.Device, honest.Writer.User.Device, bob.User.Device, bob.User.Device, bob.User.Device]));
        Assert.Equal([Text(keys[0]), null, Text(keys[1]), Text(last), Text(last)], drained.Prekeys.Select(Text));
        var honestly = await honest.Writer.AskAsync<PrekeysTaken>(id => new TakePrekeys(id, [bob.User.Device]));
        Assert.Equal(Text(keys[2]), Text(Assert.Single(honestly.Prekeys)));
        await honest.TalkAsync();
        Assert.Equal(2, await server.TimesMetAsync(LimitNames.PrekeysTakenPerHour));
    }

    [Fact]
    public async Task SE_08_a_device_whose_certificate_cannot_be_read_keeps_nobody_from_the_others()
    {
        await using var server = await TestServer.StartAsync();
        await using var bob = await server.NewReadyAsync("bob", 1);
        await using var carol = await server.NewReadyAsync("carol", 2);
        var (bobs, carols) = (NewPrekey(bob, PrekeyKind.OneTime), NewPrekey(carol, PrekeyKind.OneTime));
        await bob.AskAsync<PrekeysHeld>(id => new PutPrekeys(id, [new Encoded<Prekey>(bobs.Bytes)]));
        await carol.AskAsync<PrekeysHeld>(id => new PutPrekeys(id, [new Encoded<Prekey>(carols.Bytes)]));
        server.Execute("UPDATE devices SET chain=x'00' WHERE user='bob'");
        await server.RestartAsync();
        await using var taker = await server.NewReadyAsync("taker", 3);
        var taken = await taker.AskAsync<PrekeysTaken>(id => new TakePrekeys(id, [bob.User.Device, carol.User.Device]));
        Assert.Equal([Text(bobs), Text(carols)], taken.Prekeys.Select(Text));
        await taker.AskAsync<Listed>(static id => new ListConversations(id, null));
    }

    [Fact]
    public async Task SE_08_devices_that_nobody_knows_let_a_taker_begin_anew_with_none()
    {
        await using var server = await TestServer.StartAsync(new ServerLimits { PrekeysTakenPerHour = 1, RequestsPerSecond = 1_000_000 });
        await using var bob = await server.NewReadyAsync("bob", 1);
        await using var drainer = await server.NewReadyAsync("drainer", 2);
        var keys = Enumerable.Range(0, 2).Select(_ => NewPrekey(bob, PrekeyKind.OneTime)).ToList();
        var last = NewPrekey(bob, PrekeyKind.LastResort);
        await bob.AskAsync<PrekeysHeld>(id => new PutPrekeys(id, [.. keys.Append(last).Select(static key => new Encoded<Prekey>(key.Bytes))]));
        Assert.Equal(Text(keys[0]), await TakeAsync());
        for (var asked = 0; asked < 66_000; asked += 250)
        {
            var made = Enumerable.Range(asked, 250).Select(static i => new DeviceId(Hash32.Sha256(BitConverter.GetBytes(i))));
            Assert.All((await drainer.AskAsync<PrekeysTaken>(id => new TakePrekeys(id, [.. made]))).Prekeys, Assert.Null);
        }
        Assert.Equal(Text(last), await TakeAsync());

        async Task<string?> TakeAsync() => Text(Assert.Single((await drainer.AskAsync<PrekeysTaken>(id => new TakePrekeys(id, [bob.User.Device]))).Prekeys));
    }

    [Fact]
    public async Task A19_too_many_wrong_logins_of_an_account_are_counted_and_others_log_in()
    {
        await using var server = await TestServer.StartAsync(new ServerLimits { LoginFailuresPerAccount = 2 });
        await using var honest = await HonestPair.StartAsync(server);
        await using var victim = await server.NewReadyAsync("victim", 1);
        var codes = new List<WireCode>();
        for (var i = 0; i < 3; i++)
        {
            await using var guesser = await server.ConnectFromAsync(2);
            codes.Add(await IdentityTests.AlertAsync(() => guesser.LogInAsync(victim.User, "guess")));
        }
        Assert.Equal([WireCode.AuthFail, WireCode.AuthFail, WireCode.Busy], codes);
        await using var other = await server.ConnectAsync();
        await honest.TalkDuringAsync(other.LogInAsync(honest.Reader.User));
        await victim.PingAsync();
        Assert.Equal(1, await server.TimesMetAsync(LimitNames.LoginFailures));
    }

    [Fact]
    public async Task SE_06_an_invitation_for_longer_than_the_limit_is_BAD_MESSAGE()
    {
        await using var server = await TestServer.StartAsync(new ServerLimits { InvitationTime = TimeSpan.FromHours(1) });
        await using var honest = await HonestPair.StartAsync(server);
        await using var operatorsLink = await server.NewReadyAsync("server.local", 1);
        await operatorsLink.SendAsync(new Invite(operatorsLink.NextId(), TestWorld.Operator, TimeSpan.FromSeconds(3601)));
        Assert.Equal(WireCode.BadMessage, await operatorsLink.ReadAlertAsync());
        await honest.TalkAsync();
    }

    private static Task HeldBackAsync(TestServer server, string limit) =>
        Eventually.True(() => server.TimesMetAsync(limit).GetAwaiter().GetResult() > 0, "the flooder is held back");

    private static Prekey NewPrekey(TestClient of, PrekeyKind kind)
    {
        using var key = EcPrivateKey.Generate();
        return Prekey.Sign(of.User.Key, of.User.Device, key.Point, kind, DateTimeOffset.UtcNow);
    }

    private static string Text(Prekey prekey) => Convert.ToHexString(prekey.Bytes.Span);

    private static string? Text(Encoded<Prekey>? prekey) => prekey is { } held ? Convert.ToHexString(held.Bytes.Span) : null;
}
