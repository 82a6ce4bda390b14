using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Server;
using Countersign.Testing;

namespace Countersign.Client.Tests;

/// <summary>A server whose operator allows a conversation less than the protocol does: what there is no room for is not signed, for it could
/// neither be taken back nor followed (EN-17).</summary>
public sealed class RoomTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Age = TimeSpan.FromDays(8); // CK-07: older than an epoch is to become

    [Fact]
    public async Task LI_10_SE_10_a_conversation_with_all_its_changes_is_written_left_and_closed_with_the_key_it_has()
    {
        await using var server = await CreateAsync(new ServerLimits { ChangesPerConversation = 5 });
        await using var alice = await Person.EnrolAsync(server, "alice");
        await using var bob = await Person.OnlineAsync(server, "bob");
        await using var carol = await Person.OnlineAsync(server, "carol");
        var talk = await FillAsync(alice, bob, epochs: 3); // and two members

        await SendsAsync(alice, talk, "with the old key");
        await bob.ReadsAsync(talk, "with the old key");
        Assert.Equal(5, Changes(alice, talk));
        await alice.SeesAsync<ClientEvent.Warned>(w => w.Warning == new SecurityWarning.EpochKept(talk, HasKey: true));
        await SendsAsync(alice, talk, "and once more");
        Assert.Single(alice.Events<ClientEvent.Warned>(), w => w.Warning is SecurityWarning.EpochKept);
        Assert.Equal(ConversationRefusal.TooManyChanges, await RefusedAsync(() => alice.Client.AddMemberAsync(talk, carol.Name)));
        Assert.Empty(alice.State.Store.Outbox.List(talk));

        await SendsAsync(alice, talk, "still here");
        await alice.Client.LeaveAsync(talk).WaitAsync(Patience);
        await Eventually.True(() => !bob.Client.Conversation(talk).Users.Contains(alice.Name), "bob sees alice leave");
        await SendsAsync(bob, talk, "a new key, since alice has the old one"); // LI-10: needed, not only due
        Assert.Equal(7, Changes(bob, talk));
        await bob.Client.CloseAsync(talk).WaitAsync(Patience);
    }

    [Fact]
    public async Task LI_10_the_first_key_of_a_conversation_and_one_after_a_removal_need_no_room()
    {
        await using var server = await CreateAsync(new ServerLimits { ChangesPerConversation = 2 });
        await using var alice = await Person.OnlineAsync(server, "alice");
        await using var bob = await Person.OnlineAsync(server, "bob");
        await using var carol = await Person.OnlineAsync(server, "carol");

        var group = await alice.Client.StartGroupAsync("#three", [bob.Name, carol.Name]).WaitAsync(Patience);
        await SendsAsync(alice, group, "to both");
        await bob.ReadsAsync(group, "to both");
        await alice.Client.RemoveMemberAsync(group, carol.Name).WaitAsync(Patience);
        await SendsAsync(alice, group, "to bob");
        await bob.ReadsAsync(group, "to bob");
        await alice.Client.CloseAsync(group).WaitAsync(Patience);
    }

    [Theory]
    [InlineData(2, 20_000)]
    [InlineData(500, 4)]
    public async Task SE_10_CK_08_an_own_device_is_left_out_of_a_conversation_without_room_and_its_person_is_told(int members, int changes)
    {
        await using var server = await CreateAsync(new ServerLimits { MembersPerConversation = members, ChangesPerConversation = changes });
        await using var alice = await Person.OnlineAsync(server, "alice");
        await using var bob = await Person.OnlineAsync(server, "bob");
        var talk = await alice.Client.StartDirectAsync(bob.Name);
        await using var phone = await AcceptPhoneAsync(server, alice);

        await SendsAsync(alice, talk, "the talk goes on");
        await bob.ReadsAsync(talk, "the talk goes on");
        await alice.SeesAsync<ClientEvent.Warned>(w => w.Warning == new SecurityWarning.OwnDeviceLeftOut(talk, phone.Profile.DeviceId));
        Assert.DoesNotContain(bob.Client.Members(talk), member => member.Device == phone.Profile.DeviceId);
        await alice.Client.LeaveAsync(talk).WaitAsync(Patience);
    }

    [Fact]
    public async Task SE_10_nobody_is_added_to_a_full_conversation_and_none_is_founded_with_more_than_it_may_have()
    {
        await using var server = await CreateAsync(new ServerLimits { MembersPerConversation = 2 });
        await using var alice = await Person.OnlineAsync(server, "alice");
        await using var bob = await Person.OnlineAsync(server, "bob");
        await using var carol = await Person.OnlineAsync(server, "carol");
        var talk = await alice.Client.StartDirectAsync(bob.Name);
        await using var phone = await AcceptPhoneAsync(server, alice);

        Assert.Equal(ConversationRefusal.TooManyMembers, await RefusedAsync(() => alice.Client.AddMemberAsync(talk, carol.Name)));
        Assert.Equal(ConversationRefusal.TooManyMembers, await RefusedAsync(() => alice.Client.StartGroupAsync("#three", [bob.Name, carol.Name])));
        Assert.Empty(alice.State.Store.Outbox.Conversations());
        await SendsAsync(alice, talk, "the talk goes on");

        var direct = await alice.Client.StartDirectAsync(carol.Name).WaitAsync(Patience); // without the phone, or alice could talk to nobody any more
        await SendsAsync(alice, direct, "hello");
        await carol.ReadsAsync(direct, "hello");
        await alice.SeesAsync<ClientEvent.Warned>(w => w.Warning == new SecurityWarning.OwnDeviceLeftOut(direct, phone.Profile.DeviceId));
    }

    [Fact]
    public async Task EN_12_LI_10_of_two_who_take_the_last_change_at_once_the_later_one_takes_it_back()
    {
        await using var server = await CreateAsync(new ServerLimits { ChangesPerConversation = 4 });
        await using var alice = await Person.OnlineAsync(server, "alice");
        await using var bob = await Person.OnlineAsync(server, "bob");
        var talk = await TalkAsync(alice, bob);
        EntryHash byAlice, byBob;
        lock (alice.State.Gate)
            lock (bob.State.Gate) // neither can send before both have signed over one head
                (byAlice, byBob) = (SignEpoch(alice, talk, KeyOf(bob)), SignEpoch(bob, talk, KeyOf(alice)));

        await Task.WhenAll(SendsAsync(alice, talk, "from alice"), SendsAsync(bob, talk, "from bob"));

        await alice.ReadsAsync(talk, "from alice", "from bob");
        await bob.ReadsAsync(talk, "from alice", "from bob");
        Assert.Single(Hashes(alice, talk), hash => hash == byAlice || hash == byBob);
        Assert.Equal(4, Changes(alice, talk));
        foreach (var person in new[] { alice, bob })
        {
            Assert.Empty(person.State.Store.Outbox.List(talk));
            Assert.IsType<ConversationTrust.Verified>(person.Client.Conversation(talk).Trust);
        }
    }

    [Fact]
    public async Task LI_10_what_was_signed_while_there_was_room_is_taken_after_the_server_was_started_again_with_less()
    {
        await using var server = await TestServer.CreateAsync();
        await using var alice = await Person.OnlineAsync(server, "alice");
        await using var bob = await Person.OnlineAsync(server, "bob");
        var talk = await TalkAsync(alice, bob);
        await bob.GoOfflineAsync();
        bob.Open();
        EntryHash epoch;
        lock (bob.State.Gate)
            epoch = SignEpoch(bob, talk, KeyOf(alice));

        await RefusedTests.RestartAsync(server, new ServerOptions { Limits = new ServerLimits { ChangesPerConversation = 2 } }, alice);
        bob.Client.Reconnect();
        await SendsAsync(bob, talk, "behind it");

        await alice.ReadsAsync(talk, "behind it");
        Assert.Contains(epoch, Hashes(alice, talk));
    }

    [Fact]
    public async Task EN_17_SE_10_what_waits_for_a_member_whom_the_server_has_no_room_for_any_more_says_so_until_it_is_taken_back()
    {
        await using var server = await TestServer.CreateAsync();
        await using var alice = await Person.OnlineAsync(server, "alice");
        await using var bob = await Person.OnlineAsync(server, "bob");
        await using var carol = await Person.OnlineAsync(server, "carol");
        var talk = await TalkAsync(alice, bob);
        await alice.Client.FindUserAsync(carol.Name);
        await alice.GoOfflineAsync();
        alice.Open();
        lock (alice.State.Gate) // as if the link had ended before the answer
            new Writing(alice.State).ChangeMembers(alice.State.Require(talk), [new Member(carol.Name, carol.Profile.DeviceId)], []);
        await RefusedTests.RestartAsync(server, new ServerOptions { Limits = new ServerLimits { MembersPerConversation = 2 } }, bob);
        alice.Client.Reconnect();
        await alice.Client.SynchronisedAsync(TestContext.Current.CancellationToken).WaitAsync(Patience);

        var text = alice.Client.Send(talk, "behind it");
        var told = await alice.Client.WaitForAsync(talk, text, DeliveryWord.Accepted).WaitAsync(Patience);
        Assert.Equal(new Delivery(DeliveryWord.Waiting, Failure: WireCode.TooLarge), told);
        Assert.Equal(WireCode.TooLarge, (await Assert.ThrowsAsync<EntryWaitsException>(() => alice.Client.CloseAsync(talk))).Code);

        await bob.Client.LeaveAsync(talk).WaitAsync(Patience); // EN-12: now it is stale
        await alice.SeesAsync<ClientEvent.DeliveryChanged>(e => e.Message == text && e.Delivery.IsAccepted);
        Assert.Equal([alice.Name], alice.Client.Conversation(talk).Users);
        await alice.Client.CloseAsync(talk).WaitAsync(Patience);
    }

    private static Task<TestServer> CreateAsync(ServerLimits limits) => TestServer.CreateAsync(new ServerOptions { Limits = limits });

    private static async Task<ConversationId> TalkAsync(Person alice, Person bob)
    {
        var talk = await alice.Client.StartDirectAsync(bob.Name);
        await alice.SendsAsync(talk, "hello");
        await bob.ReadsAsync(talk, "hello");
        await bob.SendsAsync(talk, "hello, too");
        await alice.ReadsAsync(talk, "hello, too");
        return talk;
    }

    /// <summary>A conversation in which alice has made so many epochs, the last of which is due to be renewed now.</summary>
    private static async Task<ConversationId> FillAsync(Person alice, Person bob, int epochs)
    {
        var clock = new MovableClock();
        alice.Clock = clock;
        await alice.GoOnlineAsync();
        clock.Lead = -epochs * Age; // on the link: the server's certificate is younger than that
        var talk = await alice.Client.StartDirectAsync(bob.Name);
        for (var made = 1; made <= epochs; made++)
        {
            await SendsAsync(alice, talk, $"with key {made}");
            clock.Lead += Age;
        }
        await bob.ReadsAsync(talk, $"with key {epochs}");
        Assert.Equal(2 + epochs, Changes(alice, talk));
        return talk;
    }

    private static async Task<Person> AcceptPhoneAsync(TestServer server, Person alice)
    {
        var phone = await Person.EnrolDeviceAsync(server, alice.Name.ToString());
        await phone.GoOnlineAsync();
        await alice.Client.FindUserAsync(alice.Name);
        await alice.Client.AddOwnDeviceAsync(phone.Profile.DeviceId).WaitAsync(Patience);
        return phone;
    }

    private static Task SendsAsync(Person person, ConversationId talk, string text) => person.SendsAsync(talk, text).WaitAsync(Patience); // or never

    private static async Task<ConversationRefusal> RefusedAsync(Func<Task> operation) =>
        (await Assert.ThrowsAsync<ConversationRefusedException>(() => operation().WaitAsync(Patience))).Reason;

    private static Prekey KeyOf(Person person)
    {
        lock (person.State.Gate)
            return new Writing(person.State).OwnPrekey();
    }

    // Under the gate.
    private static EntryHash SignEpoch(Person author, ConversationId talk, Prekey other)
    {
        var writing = new Writing(author.State);
        var held = author.State.Require(talk);
        var keys = MemberPrekeys.Verify(held.Engine.Members, [writing.OwnPrekey(), other], new GoodDevices(author.State.Devices, DateTimeOffset.UtcNow));
        return Entry.Parse(author.State.Store.Outbox.Find(writing.BeginEpoch(held, keys))!.Bytes).Hash;
    }

    private static int Changes(Person person, ConversationId talk)
    {
        lock (person.State.Gate)
            return person.State.Require(talk).Engine.Changes;
    }

    private static List<EntryHash> Hashes(Person person, ConversationId talk)
    {
        lock (person.State.Gate)
            return [.. person.State.Store.Transcripts.Read(talk, 0, 1000).Select(static stored => Entry.Parse(stored.Bytes).Hash)];
    }
}
