using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Testing;

[assembly: AssemblyFixture(typeof(Countersign.Client.Tests.SharedServer))]

namespace Countersign.Client.Tests;

public sealed class ConversationTests(SharedServer shared)
{
    [Fact]
    public async Task R6_R7_two_people_talk_both_ways_and_every_message_is_verified()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var bob = await Person.OnlineAsync(shared.Server, "bob");
        var conversation = await alice.Client.StartDirectAsync(bob.Name);

        await alice.SendsAsync(conversation, "shall we?");
        await bob.ReadsAsync(conversation, "shall we?");
        await bob.SendsAsync(conversation, "yes");
        await alice.ReadsAsync(conversation, "shall we?", "yes");

        Assert.Equal(["shall we?", "yes"], alice.Texts(conversation));
        Assert.Equal(["shall we?", "yes"], bob.Texts(conversation));
        Assert.IsType<ConversationTrust.Verified>(alice.Client.Conversation(conversation).Trust);
        Assert.IsType<ConversationTrust.Verified>(bob.Client.Conversation(conversation).Trust);
        Assert.Equal(bob.Name, alice.Client.Conversation(conversation).Peer);
        Assert.Equal(conversation, await bob.Client.StartDirectAsync(alice.Name));
    }

    [Fact]
    public async Task RC_04_a_message_is_queued_sent_accepted_and_delivered()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var bob = await Person.OnlineAsync(shared.Server, "bob");
        var conversation = await alice.Client.StartDirectAsync(bob.Name);
        var message = alice.Client.Send(conversation, "hello");

        var delivery = await alice.Client.WaitForAsync(conversation, message, DeliveryWord.Delivered);

        Assert.Equal(new Delivery(DeliveryWord.Delivered, 1, 1), delivery);
        await alice.SeesAsync<ClientEvent.DeliveryChanged>(e => e.Message == message && e.Delivery.Word == DeliveryWord.Delivered);
        var words = alice.Events<ClientEvent.DeliveryChanged>().Where(e => e.Message == message).Select(e => e.Delivery.Word).Distinct().ToList();
        Assert.Equal(words.Order(), words);
        Assert.Equal([DeliveryWord.Queued, DeliveryWord.Accepted, DeliveryWord.Delivered], words.Where(word => word != DeliveryWord.Sent));
    }

    [Fact]
    public async Task RC_06_after_close_everybody_gives_a_final_receipt_and_nothing_more_is_written()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var bob = await Person.OnlineAsync(shared.Server, "bob");
        var conversation = await alice.Client.StartDirectAsync(bob.Name);
        var message = alice.Client.Send(conversation, "the last word");
        await alice.Client.WaitForAsync(conversation, message, DeliveryWord.Delivered);

        await bob.Client.CloseAsync(conversation);

        var delivery = await alice.Client.WaitForAsync(conversation, message, DeliveryWord.Final);
        Assert.Equal(new Delivery(DeliveryWord.Final, 1, 1), delivery);
        await Eventually.True(() => alice.Client.Conversation(conversation).IsClosed, "closed");
        var refused = Assert.Throws<ConversationRefusedException>(() => alice.Client.Send(conversation, "no"));
        Assert.Equal(ConversationRefusal.Closed, refused.Reason);
    }

    [Fact]
    public async Task A14_who_was_offline_catches_up_with_everything_in_order()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var bob = await Person.OnlineAsync(shared.Server, "bob");
        var conversation = await alice.Client.StartDirectAsync(bob.Name);
        await alice.SendsAsync(conversation, "0");
        await bob.ReadsAsync(conversation, "0");
        await Eventually.True(() => alice.Client.Members(conversation).All(member => member.HasJoined), "alice sees bob's join");
        await bob.GoOfflineAsync();
        for (var i = 1; i <= 20; i++)
            alice.Client.Send(conversation, i.ToString(System.Globalization.CultureInfo.InvariantCulture));

        await Eventually.True(() => alice.Client.Conversation(conversation).Size >= 24, () => $"24 accepted, of {alice.Client.Conversation(conversation).Size}");
        await bob.GoOnlineAsync();

        Assert.Equal(alice.Texts(conversation), bob.Texts(conversation));
        Assert.Equal(21, bob.Texts(conversation).Count);
        Assert.Equal(21, bob.Client.Conversation(conversation).Unread);
        bob.Client.MarkRead(conversation, bob.Client.Conversation(conversation).Size - 1);
        Assert.Equal(0, bob.Client.Conversation(conversation).Unread);
    }

    [Fact]
    public async Task CK_07_a_third_joins_without_reading_back_and_a_removed_member_cannot_read_on()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var bob = await Person.OnlineAsync(shared.Server, "bob");
        await using var carol = await Person.OnlineAsync(shared.Server, "carol");
        var ops = await alice.Client.StartGroupAsync("#ops", [bob.Name]);
        await alice.SendsAsync(ops, "before carol");

        await alice.Client.AddMemberAsync(ops, carol.Name);
        await alice.SendsAsync(ops, "with carol");
        await carol.ReadsAsync(ops, "with carol");
        await bob.ReadsAsync(ops, "before carol", "with carol");
        await alice.Client.RemoveMemberAsync(ops, bob.Name);
        await alice.SendsAsync(ops, "without bob");
        await carol.ReadsAsync(ops, "without bob");

        Assert.DoesNotContain("before carol", carol.Texts(ops));
        var early = carol.Client.History(ops).OfType<TranscriptLine.Message>().First();
        Assert.Equal(UnreadableReason.NotForThisDevice, early.Unreadable);
        await Eventually.True(() => !bob.Client.Conversation(ops).IsMember, "bob knows that he was removed");
        Assert.DoesNotContain("without bob", bob.Texts(ops));
        Assert.Equal(ConversationRefusal.NotMember, Assert.Throws<ConversationRefusedException>(() => bob.Client.Send(ops, "hey")).Reason);
        foreach (var person in new[] { alice, bob, carol })
            Assert.IsType<ConversationTrust.Verified>(person.Client.Conversation(ops).Trust);
    }

    [Fact]
    public async Task CK_07_when_a_member_leaves_whoever_writes_next_makes_the_key()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var bob = await Person.OnlineAsync(shared.Server, "bob");
        await using var carol = await Person.OnlineAsync(shared.Server, "carol");
        var group = await alice.Client.StartGroupAsync("#group", [bob.Name, carol.Name]);
        await alice.SendsAsync(group, "hello all");
        await bob.ReadsAsync(group, "hello all");

        await bob.Client.LeaveAsync(group);
        await Eventually.True(() => !alice.Client.Conversation(group).Users.Contains(bob.Name), "alice sees bob leave");
        await carol.ReadsAsync(group, "hello all");
        await carol.SendsAsync(group, "bob is gone");

        await alice.ReadsAsync(group, "bob is gone");
        Assert.DoesNotContain("bob is gone", bob.Texts(group));
        await Eventually.True(() => alice.Client.Members(group).Any(m => m.User == bob.Name && m.IsFinal), "bob's final receipt"); // RC-06
    }

    [Fact]
    public async Task CK_07_two_who_change_the_members_at_once_both_succeed()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var bob = await Person.OnlineAsync(shared.Server, "bob");
        await using var carol = await Person.OnlineAsync(shared.Server, "carol");
        await using var dave = await Person.OnlineAsync(shared.Server, "dave");
        var group = await alice.Client.StartGroupAsync("#race", [bob.Name]);
        await Eventually.True(() => bob.Has(group) && bob.Client.Members(group).All(m => m.HasJoined), "bob has joined");

        await Task.WhenAll(alice.Client.AddMemberAsync(group, carol.Name), bob.Client.AddMemberAsync(group, dave.Name));
        await alice.SendsAsync(group, "all four?");

        await carol.ReadsAsync(group, "all four?");
        await dave.ReadsAsync(group, "all four?");
        Assert.Equal(4, alice.Client.Conversation(group).Users.Count);
    }

    [Fact]
    public async Task A_second_device_of_a_user_is_added_only_after_a_person_accepted_it()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var bob = await Person.OnlineAsync(shared.Server, "bob");
        var conversation = await alice.Client.StartDirectAsync(bob.Name);
        await alice.SendsAsync(conversation, "one device");
        await using var phone = await Person.EnrolDeviceAsync(shared.Server, alice.Name.ToString());
        await phone.GoOnlineAsync();

        await alice.Client.FindUserAsync(alice.Name);
        var warned = await alice.SeesAsync<ClientEvent.Warned>(e => e.Warning is SecurityWarning.OwnDeviceAppeared);
        Assert.False(phone.Has(conversation));
        Assert.True(alice.Client.Safety(alice.Name).HasChanged);
        await alice.Client.AddOwnDeviceAsync(((SecurityWarning.OwnDeviceAppeared)warned.Warning).Device);
        await bob.SendsAsync(conversation, "to both");

        await phone.ReadsAsync(conversation, "to both");
        await alice.ReadsAsync(conversation, "to both");
        Assert.DoesNotContain("one device", phone.Texts(conversation));
        await Eventually.True(() => bob.Events<ClientEvent.Warned>().Any(e => e.Warning is SecurityWarning.DeviceAppeared), "bob is warned");
        Assert.True(bob.Client.Safety(alice.Name).HasChanged);
        bob.Client.ConfirmDevices(alice.Name);
        Assert.False(bob.Client.Safety(alice.Name).HasChanged);
    }

    [Fact]
    public async Task CE_10_CK_05_a_revoked_member_is_removed_before_an_epoch_is_made_also_where_nothing_waits()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var bob = await Person.OnlineAsync(shared.Server, "bob");
        await using var carol = await Person.OnlineAsync(shared.Server, "carol");
        var group = await alice.Client.StartGroupAsync("#leak", [bob.Name, carol.Name]);
        await bob.ReadsAsync(group);
        await carol.ReadsAsync(group);
        await shared.Server.RevokeAsync(bob.Profile);
        await Eventually.True(() => { lock (alice.State.Gate) return alice.State.Devices.HasEnded(bob.Profile.DeviceId, alice.State.Now, alice.State.Now); }, "alice knows");

        await alice.Client.RemoveMemberAsync(group, carol.Name);

        Assert.Equal([alice.Name], alice.Client.Conversation(group).Users);
        lock (alice.State.Gate)
            Assert.NotNull(alice.State.Require(group).Engine.CurrentEpoch);
        Assert.DoesNotContain(alice.Events<ClientEvent.Warned>(), w => w.Warning is SecurityWarning.PrekeyRefused or SecurityWarning.EpochWaits);
    }

    [Fact]
    public async Task CE_10_a_revoked_member_is_removed_before_anything_more_is_written()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var bob = await Person.OnlineAsync(shared.Server, "bob");
        await using var carol = await Person.OnlineAsync(shared.Server, "carol");
        var group = await alice.Client.StartGroupAsync("#leak", [bob.Name, carol.Name]);
        await alice.SendsAsync(group, "before");
        await bob.ReadsAsync(group, "before");
        await carol.ReadsAsync(group, "before");

        await shared.Server.RevokeAsync(bob.Profile);
        await Eventually.True(() => bob.Client.State is ConnectionState.Refused, "bob is out");
        await Eventually.True(() => { lock (alice.State.Gate) return alice.State.Devices.HasEnded(bob.Profile.DeviceId, alice.State.Now, alice.State.Now); }, "alice knows");
        await alice.SendsAsync(group, "after");

        await carol.ReadsAsync(group, "before", "after");
        Assert.DoesNotContain(bob.Name, alice.Client.Conversation(group).Users);
        Assert.IsType<ConversationTrust.Verified>(carol.Client.Conversation(group).Trust);
    }

    [Fact]
    public async Task CK_04_a_one_time_prekey_is_gone_when_its_epoch_is_stored()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var bob = await Person.OnlineAsync(shared.Server, "bob");
        var conversation = await alice.Client.StartDirectAsync(bob.Name);
        await alice.SendsAsync(conversation, "hello");
        await bob.ReadsAsync(conversation, "hello");

        foreach (var person in new[] { alice, bob })
        {
            var epoch = person.Profile.Store.Transcripts.Read(conversation, 0, 100).Select(e => Entry.Parse(e.Bytes).Body).OfType<EpochBody>().Single();
            Assert.Null(person.Profile.Store.Prekeys.Find(EpochSecret.CopyFor(epoch, person.Profile.DeviceId).Prekey));
        }
    }
}
