using Countersign.Cryptography;

namespace Countersign.Evidence.Tests;

/// <summary>EN-10 to EN-15: what each type owes by itself.</summary>
public sealed class TypeRulesTests
{
    private static TestDevice Alice => TestDevice.Alice;
    private static TestDevice Bob => TestDevice.Bob;
    private static TestDevice Carol => TestDevice.Carol;

    [Fact]
    public void EN_10_the_founder_is_one_of_the_members()
    {
        var genesis = Alice.Author.Genesis("", [Bob.Member], TestDevice.Now);
        Refused.With(EntryFault.NotAllowed, "EN-10", () => new Party(genesis.Conversation, Alice, Bob).Check(genesis));
    }

    [Fact]
    public void EN_10_every_named_certificate_is_known()
    {
        var genesis = Alice.Author.Genesis("", [Alice.Member, Bob.Member], TestDevice.Now);
        Refused.With(EntryFault.BadCertificate, "EN-10", () => new Party(genesis.Conversation, Alice).Check(genesis));
        new Party(genesis.Conversation, Alice, Bob).Take(genesis);
    }

    [Fact]
    public void EN_11_a_device_joins_once_before_anything_else_and_the_founder_never()
    {
        var talk = new Talk(Alice, Bob);
        NotAllowed(talk, "EN-11", talk.Join(Alice));
        NotAllowed(talk, "EN-11", talk.Epoch(Bob));
        NotAllowed(talk, "EN-11", talk.Close(Bob));
        talk.Server.Take(talk.Join(Bob));
        Assert.True(talk.Conversation.Participants[Bob.Id].HasJoined);
        NotAllowed(talk, "EN-11", talk.Join(Bob));
        talk.Server.Take(talk.Epoch(Bob));
    }

    [Fact]
    public void EN_11_a_join_says_the_same_conversation_inside_and_outside()
    {
        var talk = new Talk(Alice, Bob);
        var place = talk.Place(Bob);
        var header = new CborOutput().StartMap(7).Int(1).Int(-37).Int(34).StartArray(2).Int(-16).Hash(Bob.Id.Value).EndArray()
            .Int(-65537).UInt(2).Int(-65538).Hash(place.Conversation.Value).Int(-65539).UInt(1).Int(-65540).UInt(0);
        place.Seen.Write(header.Int(-65541));
        var payload = new CborOutput().StartArray(1).Hash(MerkleHash.Empty).EndArray().ToArray();
        NotAllowed(talk, "EN-11", Entry.Parse(CoseSign1.Sign(Bob.Key, Label.Entry, header.EndMap().ToArray(), payload)));
    }

    [Fact]
    public void EN_12_of_two_control_entries_written_on_the_same_head_one_is_stale()
    {
        foreach (var first in new Func<Talk, Entry>[] { t => t.Epoch(Alice), t => t.Members(Alice, removed: [Carol]) })
            foreach (var second in new Func<Talk, Entry>[] { t => t.Epoch(Bob), t => t.Members(Bob, removed: [Carol]), t => t.Close(Bob) })
            {
                var talk = new Talk(Alice, Bob, Carol);
                talk.Server.Take(talk.Join(Bob));
                var late = second(talk);
                talk.Server.Take(first(talk));
                Refused.With(EntryFault.Stale, "EN-12", () => talk.Server.Check(late));
            }
    }

    [Fact]
    public void EN_12_messages_and_joins_do_not_make_a_control_entry_stale()
    {
        var talk = new Talk(Alice, Bob, Carol);
        talk.Server.Take(talk.Epoch(Alice));
        var renewal = talk.Epoch(Alice);
        talk.Server.Take(talk.Join(Bob));
        talk.Server.Take(talk.Message(Bob));
        talk.Server.Take(renewal);
    }

    [Fact]
    public void EN_13_added_are_no_members_removed_ones_are_and_one_stays()
    {
        var talk = Talk.Started();
        talk.Server.Learn(Carol);
        NotAllowed(talk, "EN-13", talk.Members(Alice));
        NotAllowed(talk, "EN-13", talk.Members(Alice, added: [Bob]));
        NotAllowed(talk, "EN-13", talk.Members(Alice, removed: [Carol]));
        NotAllowed(talk, "EN-13", talk.Members(Alice, added: [Carol], removed: [Carol]));
        NotAllowed(talk, "EN-13", talk.Members(Alice, added: [Bob], removed: [Bob]));
        NotAllowed(talk, "EN-13", talk.Members(Alice, removed: [Alice, Bob]));
        talk.Server.Take(talk.Members(Alice, added: [Carol], removed: [Alice, Bob]));
        Assert.Equal([Carol.Id], talk.Conversation.Members.Devices);
    }

    [Fact]
    public void EN_13_added_certificates_are_known_for_their_users()
    {
        var talk = Talk.Started();
        var adding = talk.Members(Alice, added: [Carol]);
        Refused.With(EntryFault.BadCertificate, "EN-13", () => talk.Server.Check(adding));
        talk.Server.Learn(Carol);
        talk.Server.Check(adding);
        var misnamed = Alice.Author.Members(talk.Place(Alice), TestDevice.Now, [new Member(Bob.User, Carol.Id)], []);
        Refused.With(EntryFault.BadCertificate, "EN-13", () => talk.Server.Check(misnamed));
    }

    [Fact]
    public void EN_13_a_user_has_16_devices_and_a_conversation_500_members()
    {
        var full = Crowd(499);
        Refused.With(EntryFault.TooLarge, "EN-13", () => CheckAdding(full, Fake(499, "new")));
        Refused.With(EntryFault.BadCertificate, "EN-13", () => CheckAdding(Crowd(498), Fake(499, "new"))); // there is room, nobody knows it
        Refused.With(EntryFault.TooLarge, "EN-13", () => CheckAdding(Crowd(16, sameUser: true), Fake(499, "user")));
        Refused.With(EntryFault.BadCertificate, "EN-13", () => CheckAdding(Crowd(15, sameUser: true), Fake(499, "user")));
        var genesis = Alice.Author.Genesis("", [Alice.Member, .. Enumerable.Range(0, 17).Select(i => Fake(i, "user"))], TestDevice.Now);
        Refused.With(EntryFault.TooLarge, "EN-13", () => new Party(genesis.Conversation, Alice).Check(genesis));
    }

    [Fact]
    public void EN_14_an_epoch_is_sealed_to_exactly_the_members()
    {
        var talk = new Talk(Alice, Bob);
        NotAllowed(talk, "EN-14", talk.Epoch(Alice, [Alice.Id]));
        NotAllowed(talk, "EN-14", talk.Epoch(Alice, [Alice.Id, Carol.Id]));
        NotAllowed(talk, "EN-14", talk.Epoch(Alice, [Alice.Id, Bob.Id, Carol.Id]));
        talk.Server.Take(talk.Epoch(Alice, [Bob.Id, Alice.Id]));
    }

    [Fact]
    public void EN_15_a_message_needs_an_epoch_and_names_the_one_in_force()
    {
        var talk = new Talk(Alice, Bob);
        Stale(talk, talk.Message(Alice, talk.Place(Alice), epoch: talk.Genesis.Hash));
        talk.Server.Take(talk.Epoch(Alice));
        var first = talk.Conversation.CurrentEpoch!.Value;
        talk.Server.Take(talk.Epoch(Alice));
        Stale(talk, talk.Message(Alice, talk.Place(Alice), epoch: first));
        Stale(talk, talk.Message(Alice, talk.Place(Alice), epoch: talk.Genesis.Hash));
        talk.Server.Take(talk.Message(Alice));
    }

    [Fact]
    public void EN_15_a_message_waits_for_the_epoch_after_a_change_of_members()
    {
        var talk = Talk.Started();
        talk.Server.Learn(Carol);
        var epoch = talk.Conversation.CurrentEpoch!.Value;
        talk.Server.Take(talk.Members(Alice, added: [Carol]));
        Assert.Null(talk.Conversation.CurrentEpoch);
        Stale(talk, talk.Message(Alice, talk.Place(Alice), epoch: epoch));
        talk.Server.Take(talk.Epoch(Alice));
        talk.Server.Take(talk.Message(Alice));
    }

    [Fact]
    public void EN_15_a_message_written_before_a_change_its_author_had_not_seen_keeps_its_audience()
    {
        var talk = Talk.Started();
        talk.Server.Learn(Carol);
        var (head, epoch) = (talk.Conversation.Head.Tree, talk.Conversation.CurrentEpoch!.Value);
        talk.Server.Take(talk.Members(Alice, added: [Carol]));
        talk.Server.Take(talk.Epoch(Alice));
        talk.Server.Take(talk.Message(Bob, talk.Place(Bob) with { Seen = head }, epoch: epoch));
        Stale(talk, talk.Message(Bob, talk.Place(Bob) with { Seen = head })); // the new epoch, on the old head
    }

    private static Member Fake(int number, string user) =>
        new(UserName.Parse(user), new DeviceId(Hash32.Sha256([(byte)(number >> 8), (byte)number])));

    // Nobody has 500 certificates at hand: the conversation comes from the own store, which does not ask for them again.
    private static (Conversation, Party) Crowd(int others, bool sameUser = false)
    {
        var members = Enumerable.Range(0, others).Select(i => Fake(i, sameUser ? "user" : $"user{i}"));
        var genesis = Alice.Author.Genesis("", [Alice.Member, .. members], TestDevice.Now);
        var party = new Party(genesis.Conversation, Alice);
        return (Conversation.Restore(party.Conversation.Snapshot(), [genesis], party), party);
    }

    private static void CheckAdding((Conversation Conversation, Party Party) crowd, Member added)
    {
        var entry = Alice.Author.Members(crowd.Conversation.NextPlace(Alice.Id), TestDevice.Now, [added], []);
        crowd.Conversation.Check(SignedEntry.Verify(entry, Alice.Verified), crowd.Party, TestDevice.Now);
    }

    private static void NotAllowed(Talk talk, string rule, Entry entry) =>
        Refused.With(EntryFault.NotAllowed, rule, () => talk.Server.Check(entry));

    private static void Stale(Talk talk, Entry entry) => Refused.With(EntryFault.Stale, "EN-15", () => talk.Server.Check(entry));
}
