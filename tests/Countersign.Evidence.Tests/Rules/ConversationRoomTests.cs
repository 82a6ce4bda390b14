using Countersign.Cryptography;

namespace Countersign.Evidence.Tests;

public sealed class ConversationRoomTests
{
    private static TestDevice Alice => TestDevice.Alice;
    private static TestDevice Bob => TestDevice.Bob;
    private static TestDevice Carol => TestDevice.Carol;

    [Fact]
    public void LI_10_an_entry_that_needs_room_needs_as_much_as_the_changes_grow_by_it()
    {
        var talk = Talk.Started();
        talk.Server.Learn(Carol);
        TakeJustEnough(talk, talk.Epoch(Alice));
        TakeJustEnough(talk, talk.Members(Alice, added: [Carol]));
        talk.Server.Take(talk.Members(Alice, removed: [Bob]));
        TakeJustEnough(talk, talk.Members(Alice, added: [Bob], removed: [Carol]));
    }

    [Fact]
    public void LI_10_what_removes_alone_the_epoch_after_it_the_first_one_and_what_changes_nothing_need_no_room()
    {
        var none = new ConversationRoom(1, 1);
        var talk = new Talk(Alice, Bob);
        talk.Server.Take(talk.Join(Bob));
        foreach (var next in (Func<Entry>[])
            [() => talk.Epoch(Alice), () => talk.Message(Alice), () => talk.Members(Alice, removed: [Bob]), () => talk.Epoch(Alice), () => talk.Message(Alice)])
        {
            var entry = next();
            Assert.Null(none.Exceeded(entry.Body, talk.Conversation));
            talk.Server.Take(entry);
        }
        Assert.Null(none.Exceeded(talk.Close(Alice).Body, talk.Conversation));
    }

    [Fact]
    public void EN_13_SE_10_the_members_after_an_entry_count_and_a_removal_is_always_taken()
    {
        var talk = new Talk(Alice, Bob);
        talk.Server.Learn(Carol);
        Assert.Equal(RoomLimit.Members, new ConversationRoom(1, 100).Exceeded(talk.Genesis.Body, talk.Conversation));
        Assert.Null(new ConversationRoom(2, 100).Exceeded(talk.Genesis.Body, talk.Conversation));
        var adding = talk.Members(Alice, added: [Carol]).Body;
        Assert.Equal(RoomLimit.Members, new ConversationRoom(2, 100).Exceeded(adding, talk.Conversation));
        Assert.Null(new ConversationRoom(3, 100).Exceeded(adding, talk.Conversation));
        Assert.Null(new ConversationRoom(2, 100).Exceeded(talk.Members(Alice, added: [Carol], removed: [Bob]).Body, talk.Conversation));
        talk.Server.Take(talk.Members(Alice, added: [Carol]));
        Assert.Null(new ConversationRoom(1, 100).Exceeded(talk.Members(Alice, removed: [Carol]).Body, talk.Conversation));
    }

    [Theory]
    [InlineData(0, 1000)]
    [InlineData(501, 1000)]
    [InlineData(int.MaxValue, 1000)]
    [InlineData(2, 0)]
    [InlineData(2, 100_001)]
    [InlineData(2, int.MaxValue)]
    public void SE_10_room_outside_the_protocols_limits_is_none(int members, int changes)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConversationRoom(members, changes));
        var bytes = CborOutput.Encode(output => output.StartArray(2).UInt((ulong)members).UInt((ulong)changes).EndArray());
        Assert.Throws<MalformedException>(() => CborInput.Parse(bytes, ConversationRoom.Read));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(500, 100_000)]
    public void SE_10_room_is_read_as_it_was_written(int members, int changes) =>
        Assert.Equal(new ConversationRoom(members, changes), CborInput.Parse(CborOutput.Encode(new ConversationRoom(members, changes).Write), ConversationRoom.Read));

    private static void TakeJustEnough(Talk talk, Entry entry)
    {
        var after = Conversation.Restore(talk.Conversation.Snapshot(), [entry], talk.Server).Changes;
        Assert.Null(new ConversationRoom(500, after).Exceeded(entry.Body, talk.Conversation));
        Assert.Equal(RoomLimit.Changes, new ConversationRoom(500, after - 1).Exceeded(entry.Body, talk.Conversation));
        talk.Server.Take(entry);
    }
}
