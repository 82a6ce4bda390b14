using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Server.Tests;

/// <summary>SPEC section 11 over real sockets: members and changes of a conversation.</summary>
public sealed class ConversationLimitTests
{
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
}
