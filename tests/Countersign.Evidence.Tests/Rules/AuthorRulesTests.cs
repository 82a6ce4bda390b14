namespace Countersign.Evidence.Tests;

/// <summary>EN-05 to EN-09 and EN-16: what every entry owes, whatever its type.</summary>
public sealed class AuthorRulesTests
{
    private static TestDevice Alice => TestDevice.Alice;
    private static TestDevice Bob => TestDevice.Bob;
    private static TestDevice Carol => TestDevice.Carol;

    [Fact]
    public void EN_05_a_device_that_is_no_member_is_refused()
    {
        var talk = Talk.Started();
        talk.Server.Learn(Carol);
        var place = new AuthorPlace(talk.Conversation.Id, 1, talk.Conversation.Head.Tree);
        Refused.With(EntryFault.NotMember, "EN-05", () => talk.Server.Check(talk.Message(Carol, place)));
    }

    [Fact]
    public void EN_05_a_removed_device_is_refused_and_one_added_again_goes_on()
    {
        var talk = Talk.Started();
        talk.Server.Take(talk.Members(Alice, removed: [Bob]));
        Refused.With(EntryFault.NotMember, "EN-05", () => talk.Server.Check(talk.Close(Bob)));
        talk.Server.Take(talk.Members(Alice, added: [Bob]));
        talk.Server.Take(talk.Epoch(Bob)); // seq goes on, and its join stands
        Assert.Equal(2UL, talk.Conversation.Participants[Bob.Id].LastSeq);
    }

    [Fact]
    public void A8_EN_05_an_entry_of_another_conversation_is_refused()
    {
        var (here, there) = (Talk.Started(), Talk.Started());
        Assert.NotEqual(here.Conversation.Id, there.Conversation.Id);
        Refused.With(EntryFault.NotMember, "EN-05", () => here.Server.Check(there.Message(Alice)));
        Refused.With(EntryFault.NotMember, "EN-05", () => here.Server.Check(there.Genesis));
    }

    [Fact]
    public void EN_05_nothing_comes_before_the_genesis()
    {
        var talk = Talk.Started();
        var empty = new Party(talk.Conversation.Id, Alice, Bob);
        Refused.With(EntryFault.NotMember, "EN-05", () => empty.Check(talk.Message(Alice)));
    }

    [Fact]
    public void A29_EN_05_a_certificate_for_another_user_than_the_member_list_names_is_refused()
    {
        var genesis = Alice.Author.Genesis("", [Alice.Member, new Member(Carol.User, Bob.Id)], TestDevice.Now);
        var party = new Party(genesis.Conversation, Alice, Bob);
        Refused.With(EntryFault.BadCertificate, "EN-10", () => party.Check(genesis));
        // A member who took the list without the certificate at hand still refuses the author:
        var conversation = Conversation.Restore(party.Conversation.Snapshot(), [genesis], party);
        var join = Bob.Author.Join(conversation.NextPlace(Bob.Id), TestDevice.Now);
        Refused.With(EntryFault.BadCertificate, "EN-05",
            () => conversation.Check(SignedEntry.Verify(join, Bob.Verified), party, TestDevice.Now));
    }

    [Fact]
    public void A17_EN_06_an_entry_signed_by_somebody_else_is_refused()
    {
        var talk = Talk.Started();
        var forger = new EntryAuthor(Bob.Key, Alice.Id); // names alice, has bob's key
        var forged = forger.Close(talk.Place(Alice), TestDevice.Now);
        Refused.With(EntryFault.BadSignature, "EN-06", () => talk.Server.Check(forged));
    }

    [Fact]
    public void A17_EN_06_the_same_key_certified_for_somebody_else_does_not_take_over_an_entry()
    {
        var entry = Talk.Started().Message(Bob);
        Assert.Equal(Bob.Key.PublicKey, TestDevice.BobsKeyAsMallory.Key.PublicKey);
        Assert.Throws<ArgumentException>(() => SignedEntry.Verify(entry, TestDevice.BobsKeyAsMallory.Verified));
    }

    [Fact]
    public void A11_EN_06_a_receipt_is_no_message()
    {
        var talk = Talk.Started();
        var receipt = Receipt.Sign(Alice.Key, Alice.Id, ReceiptKind.Delivered, talk.Conversation.Head, TestDevice.Now);
        Refused.With(EntryFault.Malformed, "EN-04", () => Entry.Parse(receipt.Bytes));
        Assert.Equal(ReceiptFault.Malformed, Assert.Throws<ReceiptRefusedException>(() => Receipt.Parse(talk.Message(Alice).Bytes)).Fault);
    }

    [Fact]
    public void EN_07_seq_goes_up_by_exactly_one()
    {
        var talk = Talk.Started();
        var place = talk.Place(Alice);
        Refused.With(EntryFault.Replay, "EN-07", () => talk.Server.Check(talk.Message(Alice, place with { Seq = place.Seq + 1 })));
        Refused.With(EntryFault.Replay, "EN-07", () => talk.Server.Check(talk.Message(Alice, place with { Seq = 0 })));
        Refused.With(EntryFault.Replay, "EN-07", () => talk.Server.Check(talk.Message(Alice, place with { Seq = ulong.MaxValue })));
        talk.Server.Take(talk.Message(Alice, place));
        Refused.With(EntryFault.Replay, "EN-07", () => talk.Server.Check(talk.Message(Alice, place, "other bytes")));
    }

    [Fact]
    public void A10_EN_07_a_huge_seq_does_not_lock_the_author_out()
    {
        var talk = Talk.Started();
        var place = talk.Place(Alice);
        Refused.With(EntryFault.Replay, "EN-07", () => talk.Server.Check(talk.Message(Alice, place with { Seq = 1UL << 40 })));
        talk.Server.Take(talk.Message(Alice, place));
    }

    [Fact]
    public void A6_EN_07_the_same_bytes_again_are_recognised_with_their_position()
    {
        var talk = Talk.Started();
        var message = talk.Message(Alice);
        var position = talk.Conversation.Size;
        talk.Server.Take(message);
        talk.Server.Take(talk.Message(Bob));
        AssertDuplicate(talk, message, position);
        AssertDuplicate(talk, talk.Genesis, 0);
        Assert.Equal(position + 2, talk.Conversation.Size);
    }

    [Fact]
    public void EN_07_a_device_that_left_gets_its_answer_again()
    {
        var talk = Talk.Started();
        var leaving = talk.Members(Bob, removed: [Bob]);
        var position = talk.Conversation.Size;
        talk.Server.Take(leaving);
        AssertDuplicate(talk, leaving, position);
    }

    [Fact]
    public void EN_08_ts_may_be_120_seconds_ahead_and_no_more()
    {
        var talk = Talk.Started();
        var written = TestDevice.Now + TimeSpan.FromSeconds(120);
        talk.Server.Check(talk.Message(Alice, talk.Place(Alice), time: written));
        Refused.With(EntryFault.BadTime, "EN-08",
            () => talk.Server.Check(talk.Message(Alice, talk.Place(Alice), time: written + TimeSpan.FromMilliseconds(1))));
        talk.Server.Take(talk.Message(Alice, talk.Place(Alice), time: DateTimeOffset.UnixEpoch)); // written offline, long ago
    }

    [Fact]
    public void EN_09_seen_is_a_head_of_this_transcript()
    {
        var talk = Talk.Started();
        var place = talk.Place(Alice);
        BadSeen(talk, place with { Seen = place.Seen with { Size = place.Seen.Size + 1 } });
        BadSeen(talk, place with { Seen = place.Seen with { Root = MerkleHash.Empty } });
        BadSeen(talk, place with { Seen = place.Seen with { Size = 2 } }); // an earlier size with the present root
        BadSeen(talk, place with { Seen = TreeHead.Empty });
        BadSeen(talk, place with { Seen = place.Seen with { Size = ulong.MaxValue } });
    }

    [Fact]
    public void EN_09_seen_never_goes_back()
    {
        var talk = Talk.Started();
        var early = talk.Place(Alice);
        var earlier = new TreeHead(2, talk.Server.RootAt(2)); // before her own epoch entry's place, which she wrote having seen 2
        talk.Server.Take(talk.Message(Bob));
        talk.Server.Take(talk.Message(Alice));
        BadSeen(talk, talk.Place(Alice) with { Seen = early.Seen });
        BadSeen(talk, talk.Place(Alice) with { Seen = earlier });
    }

    [Fact]
    public void EN_09_an_author_was_a_member_at_what_it_has_seen()
    {
        var talk = Talk.Started();
        talk.Server.Learn(Carol);
        var before = talk.Conversation.Head.Tree;
        talk.Server.Take(talk.Members(Alice, added: [Carol]));
        Refused.With(EntryFault.BadSeen, "EN-09", () => talk.Server.Check(JoinHavingSeen(before)));
        talk.Server.Check(talk.Join(Carol));
        var during = talk.Conversation.Head.Tree;
        talk.Server.Take(talk.Members(Alice, removed: [Carol]));
        var outside = talk.Conversation.Head.Tree;
        talk.Server.Take(talk.Members(Alice, added: [Carol]));
        Refused.With(EntryFault.BadSeen, "EN-09", () => talk.Server.Check(JoinHavingSeen(outside)));
        talk.Server.Take(JoinHavingSeen(during)); // written before it was removed and added again: still good

        Entry JoinHavingSeen(TreeHead seen) => Carol.Author.Join(talk.Place(Carol) with { Seen = seen }, TestDevice.Now);
    }

    [Fact]
    public void EN_09_the_genesis_has_seen_nothing()
    {
        var member = new[] { Alice.Member };
        var genesis = Alice.Author.Genesis("", member, TestDevice.Now);
        Assert.Equal(TreeHead.Empty, genesis.Seen);
        var liar = RawGenesis(new TreeHead(0, MerkleHash.Leaf([])), 1);
        Refused.With(EntryFault.BadSeen, "EN-09", () => new Party(liar.Conversation, Alice).Check(liar));
        var second = RawGenesis(TreeHead.Empty, 2);
        Refused.With(EntryFault.Replay, "EN-07", () => new Party(second.Conversation, Alice).Check(second));
    }

    [Fact]
    public void EN_16_nothing_comes_after_close()
    {
        var talk = Talk.Started();
        var (message, members, epoch) = (talk.Message(Bob), talk.Members(Bob, removed: [Alice]), talk.Epoch(Bob));
        talk.Server.Take(talk.Close(Alice));
        Assert.True(talk.Conversation.IsClosed);
        foreach (var entry in new[] { message, members, epoch, talk.Close(Bob) })
            Refused.With(EntryFault.Closed, "EN-16", () => talk.Server.Check(entry));
    }

    private static void AssertDuplicate(Talk talk, Entry entry, ulong position)
    {
        var refusal = Assert.Throws<EntryRefusedException>(() => talk.Server.Check(entry));
        Assert.Equal((EntryFault.Duplicate, (ulong?)position), (refusal.Fault, refusal.AcceptedAt));
    }

    private static void BadSeen(Talk talk, AuthorPlace place) =>
        Refused.With(EntryFault.BadSeen, "EN-09", () => talk.Server.Check(talk.Message(Alice, place)));

    private static Entry RawGenesis(TreeHead seen, ulong seq)
    {
        var header = new Cryptography.CborOutput().StartMap(6).Int(1).Int(-37)
            .Int(34).StartArray(2).Int(-16).Hash(Alice.Id.Value).EndArray()
            .Int(-65537).UInt(1).Int(-65539).UInt(seq).Int(-65540).UInt(0);
        seen.Write(header.Int(-65541));
        var payload = new Cryptography.CborOutput().StartArray(4).UInt(1).Text("").Hash(MerkleHash.Empty)
            .StartArray(1).StartArray(2).Text("alice").Hash(Alice.Id.Value).EndArray().EndArray().EndArray();
        return Entry.Parse(RawEntry.Sign(header.EndMap().ToArray(), payload.ToArray()));
    }
}
