using Countersign.Cryptography;

namespace Countersign.Evidence.Tests;

public sealed class ConversationStateTests
{
    private static TestDevice Alice => TestDevice.Alice;
    private static TestDevice Bob => TestDevice.Bob;
    private static TestDevice Carol => TestDevice.Carol;

    [Fact]
    public void TR_01_positions_count_from_zero_without_holes()
    {
        var talk = Talk.Started();
        Assert.Equal(0UL, new Party(talk.Conversation.Id, Alice, Bob).Check(talk.Genesis).Position);
        for (var size = talk.Conversation.Size; size < 10; size++)
        {
            Assert.Equal(size, talk.Server.Check(talk.Message(Alice)).Position);
            Assert.Equal(size + 1, talk.Server.Take(talk.Message(Alice)).Size);
        }
    }

    [Fact]
    public void TR_02_the_root_is_the_tree_over_the_entries_bytes()
    {
        var talk = Talk.Started();
        Assert.Equal(new MerkleTree(talk.Server.Entries.Select(e => MerkleHash.Leaf(e.Bytes.Span))).Root, talk.Conversation.Head.Root);
    }

    [Fact]
    public void A_check_changes_nothing_and_an_entry_fits_only_the_state_it_was_checked_against()
    {
        var talk = Talk.Started();
        var before = talk.Conversation.Snapshot();
        var (first, second) = (talk.Server.Check(talk.Message(Alice)), talk.Server.Check(talk.Message(Bob)));
        Assert.Throws<EntryRefusedException>(() => talk.Server.Check(talk.Message(Alice, talk.Place(Alice) with { Seq = 9 })));
        Assert.Equal(before, talk.Conversation.Snapshot());

        talk.Conversation.Apply(first);
        Assert.Throws<InvalidOperationException>(() => talk.Conversation.Apply(first));
        Assert.Throws<InvalidOperationException>(() => talk.Conversation.Apply(second));

        var member = Party.For(talk.Genesis, Alice, Bob);
        var elsewhere = member.Check(talk.Server.Entries[1]);
        Assert.Throws<InvalidOperationException>(() => Party.For(talk.Genesis, Alice, Bob).Conversation.Apply(elsewhere));
    }

    [Fact]
    public void LI_10_each_time_that_a_device_is_made_a_member_again_takes_memory()
    {
        Assert.True(After(static talk => talk.Members(Alice, added: [Carol]), static talk => talk.Members(Alice, removed: [Carol]))
            > After(static talk => talk.Epoch(Alice), static talk => talk.Epoch(Alice))); // as many changes, and the same members

        static long After(params Func<Talk, Entry>[] changes)
        {
            var talk = Talk.Started();
            talk.Server.Learn(Carol);
            talk.Server.Take(talk.Members(Alice, added: [Carol]));
            talk.Server.Take(talk.Members(Alice, removed: [Carol]));
            foreach (var change in changes)
                talk.Server.Take(change(talk));
            return talk.Conversation.MemoryBytes;
        }
    }

    [Fact]
    public void EN_18_a_member_repeats_every_check_and_comes_to_the_same_state()
    {
        var talk = Talk.Started();
        talk.Server.Learn(Carol);
        talk.Server.Take(talk.Message(Alice));
        talk.Server.Take(talk.Members(Bob, added: [Carol], removed: [Alice]));
        var member = new Party(talk.Conversation.Id, Alice, Bob, Carol);
        foreach (var entry in talk.Server.Entries)
            member.Take(entry);
        Assert.Equal(talk.Conversation.Head, member.Conversation.Head);
        Assert.Equal(talk.Conversation.Snapshot(), member.Conversation.Snapshot());
    }

    [Fact]
    public void A14_A15_EN_18_a_member_notices_dropped_exchanged_and_repeated_entries()
    {
        var talk = Talk.Started();
        for (var i = 0; i < 3; i++)
        {
            talk.Server.Take(talk.Message(Alice));
            talk.Server.Take(talk.Message(Bob));
        }
        var entries = talk.Server.Entries;
        for (var at = 0; at < entries.Count - 1; at++)
        {
            Assert.Throws<EntryRefusedException>(() => Replay(Without(at)));
            Assert.Throws<EntryRefusedException>(() => Replay(Exchanged(at)));
            Assert.Throws<EntryRefusedException>(() => Replay([.. entries.Take(at + 1), entries[at], .. entries.Skip(at + 1)]));
        }

        Entry[] Without(int at) => [.. entries.Where((_, i) => i != at)];
        Entry[] Exchanged(int at) => [.. entries.Take(at), entries[at + 1], entries[at], .. entries.Skip(at + 2)];

        void Replay(Entry[] some)
        {
            var member = new Party(talk.Conversation.Id, Alice, Bob);
            foreach (var entry in some)
                member.Take(entry);
        }
    }

    [Fact]
    public void A_snapshot_continues_as_if_nothing_had_happened()
    {
        var talk = Talk.Started();
        talk.Server.Learn(Carol);
        talk.Server.Take(talk.Members(Alice, added: [Carol]));
        talk.Server.Take(talk.Members(Alice, removed: [Carol]));
        talk.Server.Take(talk.Epoch(Bob));
        var snapshot = talk.Conversation.Snapshot();
        var size = talk.Server.Entries.Count;
        talk.Server.Take(talk.Message(Bob));
        var expected = talk.Conversation.Snapshot();
        talk.Server.Restart(snapshot, size);
        Assert.Equal(expected, talk.Conversation.Snapshot());
        Assert.Equal("shift handover", talk.Conversation.Name);
        talk.Server.Take(talk.Close(Bob));
        talk.Server.Restart(talk.Conversation.Snapshot(), talk.Server.Entries.Count);
        Assert.True(talk.Conversation.IsClosed);
        Assert.False(talk.Conversation.Participants[Carol.Id].IsMember);
    }

    [Fact]
    public void A_damaged_store_is_noticed_at_the_restart()
    {
        var talk = Talk.Started();
        var snapshot = talk.Conversation.Snapshot();
        var other = Talk.Started().Message(Alice);
        Assert.Throws<MalformedException>(() => Conversation.Restore(snapshot, [other], talk.Server));
        Assert.Throws<MalformedException>(() => Conversation.Restore(snapshot[..^1], [], talk.Server));
        Assert.Throws<MalformedException>(() => Conversation.Restore(snapshot, [talk.Server.Entries[^1]], talk.Server));
    }

    [Fact]
    public void A_message_on_the_newest_head_needs_no_question_to_the_store()
    {
        var talk = Talk.Started();
        for (var i = 0; i < 20; i++)
            talk.Server.Take(talk.Message(Alice));
        Assert.Equal(0, talk.Server.RootQuestions);
    }

    [Fact]
    public void An_applied_message_takes_no_memory()
    {
        var talk = Talk.Started();
        talk.Server.Take(talk.Message(Alice));
        var verified = talk.Server.Check(talk.Message(Bob));
        var before = GC.GetAllocatedBytesForCurrentThread();
        talk.Conversation.Apply(verified);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void EN_17_two_entries_of_one_device_for_one_place_are_misconduct()
    {
        var talk = Talk.Started();
        var place = talk.Place(Alice);
        var first = Signed(talk.Message(Alice, place, "yes"));
        var second = Signed(talk.Message(Alice, place, "no!"));
        var proof = Assert.IsType<ContradictingEntries>(Misconduct.Between(first, second));
        Assert.Equal((first, second), (proof.First, proof.Second));
        Assert.Null(Misconduct.Between(first, first));
        Assert.Null(Misconduct.Between(first, Signed(talk.Message(Alice, place with { Seq = place.Seq + 1 }))));
        Assert.Null(Misconduct.Between(first, Signed(talk.Message(Bob, place))));
        talk.Server.Take(talk.Message(Bob));
        Assert.Null(Misconduct.Between(first, Signed(talk.Message(Alice)))); // a larger seen: an honest replacement looks so

        static SignedEntry Signed(Entry entry) =>
            SignedEntry.Verify(entry, entry.Author == Alice.Id ? Alice.Verified : Bob.Verified);
    }
}
