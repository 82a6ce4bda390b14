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
    public async Task A_founding_that_is_refused_takes_no_place()
    {
        await using var server = await TestServer.StartAsync(new ServerLimits { ConversationsPerUser = 1, MembersPerConversation = 1 });
        await using var founder = await server.NewReadyAsync("founder", 1);
        var other = await server.EnrolAsync("other", 2);
        Assert.Equal(WireCode.TooLarge, (await TestTalk.RefusedAsync(founder, TestTalk.Found(founder.User, other).Genesis)).Code);
        await TestTalk.FoundAsync(founder);
    }

    [Fact]
    public async Task A_founding_that_may_be_stored_keeps_its_place_until_that_is_known()
    {
        FailingStore store = null!;
        await using var server = await TestServer.StartAsync(
            new ServerOptions { Limits = new ServerLimits { ConversationsPerUser = 1 } }, inner => store = new FailingStore(inner));
        await using var founder = await server.NewReadyAsync("founder", 1);
        var (talk, genesis) = TestTalk.Found(founder.User);
        store.FailsAfterwards = true; // it is stored, and nobody knows
        Assert.Equal(WireCode.Busy, (await TestTalk.RefusedAsync(founder, genesis)).Code);
        store.FailsAfterwards = false;
        Assert.Equal(WireCode.TooLarge, (await TestTalk.RefusedAsync(founder, TestTalk.Found(founder.User).Genesis)).Code);
        await talk.SubmitAsync(founder, genesis);
        Assert.Equal(WireCode.TooLarge, (await TestTalk.RefusedAsync(founder, TestTalk.Found(founder.User).Genesis)).Code);
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
