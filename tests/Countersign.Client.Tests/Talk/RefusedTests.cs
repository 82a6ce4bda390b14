using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Server;
using Countersign.Testing;

namespace Countersign.Client.Tests;

/// <summary>Messages that the server refuses, or that can never be accepted: what was signed keeps its place (EN-17), and the link stays.</summary>
public sealed class RefusedTests(SharedServer shared)
{
    private static readonly ServerOptions Full = new() { Limits = new ServerLimits { StoredBytesPerUser = 1 } };

    [Fact]
    public async Task EN_07_EN_17_a_message_that_finds_no_room_goes_first_when_there_is_room_and_ends_no_link()
    {
        await using var server = await TestServer.CreateAsync();
        await using var alice = await Person.OnlineAsync(server, "alice");
        await using var bob = await Person.OnlineAsync(server, "bob");
        var conversation = await TalkAsync(alice, bob);
        await RestartAsync(server, Full, alice);

        var first = alice.Client.Send(conversation, "no room");
        Assert.Equal(WireCode.TooLarge, (await alice.Client.WaitForAsync(conversation, first, DeliveryWord.Accepted).WaitAsync(TimeSpan.FromSeconds(60))).Failure);
        var second = alice.Client.Send(conversation, "behind it");
        Assert.Equal(WireCode.TooLarge, (await alice.Client.WaitForAsync(conversation, second, DeliveryWord.Accepted).WaitAsync(TimeSpan.FromSeconds(60))).Failure);
        Assert.Equal(WireCode.TooLarge, (await Assert.ThrowsAsync<EntryWaitsException>(() => alice.Client.CloseAsync(conversation))).Code);
        await RestartAsync(server, Full, alice); // this link knows nothing of what was refused on the last one

        await RestartAsync(server, new ServerOptions(), alice);
        await bob.ReadsAsync(conversation, "before", "no room", "behind it");
        Assert.Equal(["before", "no room", "behind it"], bob.Texts(conversation));
        await alice.Client.WaitForAsync(conversation, second, DeliveryWord.Delivered).WaitAsync(TimeSpan.FromSeconds(60));
        await alice.Client.CloseAsync(conversation);
        Assert.DoesNotContain(alice.Events<ClientEvent.ConnectionChanged>(), e => e.State is ConnectionState.Waiting { Cause: LinkEnd.ToldByServer { Code: WireCode.Replay } });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task EN_17_behind_places_that_a_copy_of_the_device_used_nothing_is_signed_until_it_can_be_accepted(int written)
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var bob = await Person.OnlineAsync(shared.Server, "bob");
        var conversation = await alice.Client.StartDirectAsync(bob.Name);
        await alice.SendsAsync(conversation, "before");
        await bob.ReadsAsync(conversation, "before");
        await alice.GoOfflineAsync();
        await using var copy = alice.CopyDevice();
        alice.Open();
        var lost = Enumerable.Range(0, written).Select(i => alice.Client.Send(conversation, $"lost {i}")).ToList();
        await copy.GoOnlineAsync();
        await copy.SendsAsync(conversation, "by the copy");
        await copy.GoOfflineAsync();

        alice.Client.Reconnect();
        await alice.Client.SynchronisedAsync(TestContext.Current.CancellationToken);

        await alice.SeesAsync<ClientEvent.Warned>(e => e.Warning is SecurityWarning.DeviceUsedElsewhere);
        foreach (var message in lost)
            await alice.SeesAsync<ClientEvent.DeliveryChanged>(e => e.Message == message && e.Delivery.Failure == WireCode.Replay);
        if (written > 1) // the next place is one of those that were given up
        {
            var size = alice.Client.Conversation(conversation).Size;
            Assert.Equal(ConversationRefusal.UsedElsewhere, Assert.Throws<ConversationRefusedException>(() => alice.Client.Send(conversation, "no")).Reason);
            var closing = await Assert.ThrowsAsync<ConversationRefusedException>(() => alice.Client.CloseAsync(conversation));
            Assert.Equal(ConversationRefusal.UsedElsewhere, closing.Reason);
            Assert.Equal(size, alice.Client.Conversation(conversation).Size);
            await alice.GoOfflineAsync();
            await copy.GoOnlineAsync();
            await copy.SendsAsync(conversation, "by the copy again");
            await copy.GoOfflineAsync();
            await alice.GoOnlineAsync();
        }
        await alice.SendsAsync(conversation, "after it");
        await bob.ReadsAsync(conversation, "before", "by the copy", "after it");
        Assert.IsType<ConversationTrust.Verified>(bob.Client.Conversation(conversation).Trust);
    }

    [Fact]
    public async Task EN_17_EN_19_an_erasure_by_who_was_removed_meanwhile_is_sent_when_they_are_a_member_again()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var bob = await Person.OnlineAsync(shared.Server, "bob");
        var group = await alice.Client.StartGroupAsync("#group", [bob.Name]);
        await alice.SendsAsync(group, "hello");
        await bob.ReadsAsync(group, "hello");
        await bob.SendsAsync(group, "my number is 4711");
        await alice.ReadsAsync(group, "my number is 4711");
        var said = bob.Client.History(group).OfType<TranscriptLine.Message>().Single(m => m.Device == bob.Profile.DeviceId).Position!.Value;
        await bob.GoOfflineAsync();
        await alice.Client.RemoveMemberAsync(group, bob.Name);
        bob.Open();
        lock (bob.State.Gate)
        {
            var entry = Entry.Parse(bob.Profile.Store.Transcripts.Read(group, said, 1)[0].Bytes);
            new Writing(bob.State).Erase(bob.State.Require(group), [new ErasedEntry(entry.Seq, entry.Hash)], [said]);
        }
        bob.Client.Reconnect();
        await Eventually.True(() => !bob.Client.Conversation(group).IsMember, "bob knows that he was removed");

        await alice.Client.AddMemberAsync(group, bob.Name);

        await Eventually.True(() => !alice.Texts(group).Contains("my number is 4711"), "erased");
        await bob.SendsAsync(group, "back again");
        await alice.ReadsAsync(group, "hello", "back again");
    }

    [Fact]
    public async Task EN_16_EN_19_an_erasure_that_did_not_get_out_before_the_conversation_was_closed_is_told()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var bob = await Person.OnlineAsync(shared.Server, "bob");
        var conversation = await TalkAsync(alice, bob);
        var said = alice.Client.History(conversation).OfType<TranscriptLine.Message>().Single().Position!.Value;
        await alice.GoOfflineAsync();
        await bob.Client.CloseAsync(conversation);
        alice.Open();
        lock (alice.State.Gate)
        {
            var entry = Entry.Parse(alice.Profile.Store.Transcripts.Read(conversation, said, 1)[0].Bytes);
            new Writing(alice.State).Erase(alice.State.Require(conversation), [new ErasedEntry(entry.Seq, entry.Hash)], [said]);
        }

        alice.Client.Reconnect();

        await alice.SeesAsync<ClientEvent.Warned>(w => w.Warning == new SecurityWarning.ErasureLost(conversation));
        Assert.Empty(alice.State.Store.Outbox.List(conversation));
        Assert.Single(alice.Events<ClientEvent.Warned>(), w => w.Warning is SecurityWarning.ErasureLost);
    }

    [Fact]
    public async Task EN_17_a_message_that_waits_has_failed_once_the_conversation_is_closed()
    {
        await using var server = await TestServer.CreateAsync();
        await using var alice = await Person.OnlineAsync(server, "alice");
        await using var bob = await Person.OnlineAsync(server, "bob");
        var conversation = await TalkAsync(alice, bob);
        await RestartAsync(server, Full, alice, bob);
        var message = alice.Client.Send(conversation, "no room");
        Assert.Equal(Waits(WireCode.TooLarge), await alice.Client.WaitForAsync(conversation, message, DeliveryWord.Accepted).WaitAsync(TimeSpan.FromSeconds(60)));

        await bob.Client.CloseAsync(conversation);

        await alice.SeesAsync<ClientEvent.DeliveryChanged>(e => e.Message == message && e.Delivery == new Delivery(DeliveryWord.Failed, Failure: WireCode.Closed));
        Assert.Equal(DeliveryWord.Failed, alice.Client.History(conversation).OfType<TranscriptLine.Message>().Last().Delivery!.Word);
    }

    [Fact]
    public async Task EN_17_a_message_by_who_was_removed_waits_and_is_accepted_when_they_are_a_member_again()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var bob = await Person.OnlineAsync(shared.Server, "bob");
        var group = await alice.Client.StartGroupAsync("#group", [bob.Name]);
        await alice.SendsAsync(group, "hello");
        await bob.ReadsAsync(group, "hello");
        await bob.SendsAsync(group, "here");
        await bob.GoOfflineAsync();
        await alice.Client.RemoveMemberAsync(group, bob.Name);
        bob.Open();
        var message = bob.Client.Send(group, "written before I knew");
        bob.Client.Reconnect();
        await bob.SeesAsync<ClientEvent.DeliveryChanged>(e => e.Message == message && e.Delivery == Waits(WireCode.NotMember));

        await alice.Client.AddMemberAsync(group, bob.Name);

        await alice.ReadsAsync(group, "written before I knew");
        await bob.SeesAsync<ClientEvent.DeliveryChanged>(e => e.Message == message && e.Delivery.IsAccepted);
        Assert.Equal(2, bob.Events<ClientEvent.DeliveryChanged>().Count(e => e.Message == message && e.Delivery.Word == DeliveryWord.Queued)); // when it was written, and now
    }

    private static Delivery Waits(WireCode code) => new(DeliveryWord.Waiting, Failure: code);

    private static async Task<ConversationId> TalkAsync(Person alice, Person bob)
    {
        var conversation = await alice.Client.StartDirectAsync(bob.Name);
        await alice.SendsAsync(conversation, "before");
        await bob.ReadsAsync(conversation, "before");
        return conversation;
    }

    internal static async Task RestartAsync(TestServer server, ServerOptions options, params Person[] people)
    {
        await server.StopAsync();
        foreach (var person in people)
            await Eventually.True(() => person.Client.State is ConnectionState.Waiting or ConnectionState.Connecting, "the link has ended");
        server.Options = options;
        await server.StartAsync();
        foreach (var person in people)
        {
            await Eventually.True(() => person.Client.State is ConnectionState.Online, "another link");
            await person.Client.SynchronisedAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60));
        }
    }
}
