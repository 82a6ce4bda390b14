using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Client.Tests;

/// <summary>What is written by somebody who was away, and sees nothing of the conversation: it is signed for the members of now.</summary>
public sealed class QueuedTests(SharedServer shared)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task CK_07_who_was_removed_meanwhile_has_no_key_to_what_is_queued_and_has_one_to_what_is_signed_before_anything_was_received(bool queued)
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var bob = await Person.OnlineAsync(shared.Server, "bob");
        await using var carol = await Person.OnlineAsync(shared.Server, "carol");
        var talk = await BeginAsync(alice, bob, carol);
        await bob.GoOfflineAsync();
        await alice.Client.RemoveMemberAsync(talk, carol.Name, TestContext.Current.CancellationToken);

        bob.Open();
        var before = Current(bob, talk);
        var id = queued ? bob.Client.Queue(talk, "for whom?") : bob.Client.Send(talk, "for whom?");
        bob.Client.Reconnect();
        await bob.Client.WaitForAsync(talk, id, DeliveryWord.Accepted, TestContext.Current.CancellationToken);

        var written = Written(bob, talk, id);
        Assert.Equal(queued, written != before);
        Assert.Equal(queued, written == Current(bob, talk));
        await alice.ReadsAsync(talk, "for whom?");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_queued_for_one_person_is_not_written_once_a_third_was_added(bool byTheName)
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var bob = await Person.OnlineAsync(shared.Server, "bob");
        await using var carol = await Person.OnlineAsync(shared.Server, "carol");
        var talk = await alice.Client.StartDirectAsync(bob.Name, TestContext.Current.CancellationToken);
        await alice.SendsAsync(talk, "hello");
        await bob.ReadsAsync(talk, "hello");
        if (!byTheName)
            await bob.GoOfflineAsync();
        await alice.Client.AddMemberAsync(talk, carol.Name, TestContext.Current.CancellationToken);

        if (!byTheName)
            bob.Open();
        else
            await Eventually.True(() => bob.Client.Conversation(talk).Users.Contains(carol.Name), "bob knows");
        var secret = byTheName ? bob.Client.Queue(talk, "for alice alone", alice.Name) : bob.Client.Queue(talk, "for alice alone");
        bob.Client.Reconnect();
        var delivery = await bob.Client.WaitForAsync(talk, secret, DeliveryWord.Accepted, TestContext.Current.CancellationToken);

        Assert.Equal(Delivery.Refused(WireCode.Stale), delivery);
        Assert.Equal(DeliveryWord.Failed, delivery.Word);
        await bob.SendsAsync(talk, "for both");
        await carol.ReadsAsync(talk, "for both");
        Assert.DoesNotContain(carol.Client.History(talk).OfType<TranscriptLine.Message>(), m => m.Text == "for alice alone");
    }

    [Fact]
    public async Task CE_10_who_was_revoked_meanwhile_is_removed_before_what_is_queued_is_signed()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var bob = await Person.OnlineAsync(shared.Server, "bob");
        await using var carol = await Person.OnlineAsync(shared.Server, "carol");
        var talk = await BeginAsync(alice, bob, carol);
        await bob.GoOfflineAsync();
        await shared.Server.RevokeAsync(carol.Profile);
        await Eventually.True(() => { lock (alice.State.Gate) return alice.State.Devices.HasEnded(carol.Profile.DeviceId, alice.State.Now, alice.State.Now); }, "the list is out");

        bob.Open();
        var id = bob.Client.Queue(talk, "without carol");
        bob.Client.Reconnect();
        await bob.Client.WaitForAsync(talk, id, DeliveryWord.Accepted, TestContext.Current.CancellationToken);

        Assert.Equal([alice.Name, bob.Name], bob.Client.Conversation(talk).Users);
        Assert.Equal(Current(bob, talk), Written(bob, talk, id));
        var lines = bob.Client.History(talk);
        var removed = Assert.Single(lines.OfType<TranscriptLine.MembersChanged>(), change => change.Removed.Any(m => m.User == carol.Name));
        Assert.True(removed.Position < lines.OfType<TranscriptLine.Message>().Single(m => m.Local == id).Position);
    }

    [Fact]
    public async Task A_conversation_of_two_to_which_a_third_is_added_is_with_nobody_alone()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var bob = await Person.OnlineAsync(shared.Server, "bob");
        await using var carol = await Person.OnlineAsync(shared.Server, "carol");
        var first = await alice.Client.StartDirectAsync(bob.Name, TestContext.Current.CancellationToken);
        await alice.SendsAsync(first, "hello");
        await bob.ReadsAsync(first, "hello");
        Assert.Equal(bob.Name, alice.Client.Conversation(first).Peer);

        await alice.Client.AddMemberAsync(first, carol.Name, TestContext.Current.CancellationToken);
        await alice.SendsAsync(first, "carol is here");
        await carol.ReadsAsync(first, "carol is here");
        await bob.ReadsAsync(first, "carol is here");

        foreach (var person in new[] { alice, bob, carol })
            Assert.Null(person.Client.Conversation(first).Peer);
        var alone = await bob.Client.StartDirectAsync(alice.Name, TestContext.Current.CancellationToken);
        Assert.NotEqual(first, alone);
        Assert.Equal([alice.Name, bob.Name], bob.Client.Conversation(alone).Users);

        await alice.Client.RemoveMemberAsync(first, carol.Name, TestContext.Current.CancellationToken);
        await Eventually.True(() => bob.Client.Conversation(first).Peer == alice.Name, "two again");
        await Eventually.True(() => !carol.Client.Conversation(first).IsMember, "carol knows");
        Assert.Null(carol.Client.Conversation(first).Peer); // it never was with her
    }

    private static async Task<ConversationId> BeginAsync(Person alice, Person bob, Person carol)
    {
        var talk = await alice.Client.StartGroupAsync("#ops", [bob.Name, carol.Name], TestContext.Current.CancellationToken);
        await alice.SendsAsync(talk, "hello");
        await bob.ReadsAsync(talk, "hello");
        await bob.SendsAsync(talk, "hello, too"); // joined, and with a key of the epoch
        return talk;
    }

    private static EntryHash Current(Person person, ConversationId talk)
    {
        lock (person.State.Gate)
            return person.State.Require(talk).Engine.CurrentEpoch!.Value;
    }

    private static EntryHash Written(Person person, ConversationId talk, LocalMessageId id)
    {
        lock (person.State.Gate)
            return Assert.IsType<MessageBody>(Entry.Parse(person.State.Store.Transcripts.Read(
                talk, person.State.Store.MessageKeys.PositionOf(talk, id.Value)!.Value, 1)[0].Bytes).Body).Epoch;
    }
}
