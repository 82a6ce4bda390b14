namespace Countersign.Evidence.Tests;

public sealed class EraseTests
{
    [Fact]
    public void EN_19_a_member_erases_its_own_messages_and_the_transcript_goes_on()
    {
        var (talk, message) = WithMessage();
        talk.Server.Take(Erase(talk, TestDevice.Alice, new ErasedEntry(message.Seq, message.Hash)));
        talk.Server.Take(Erase(talk, TestDevice.Alice, new ErasedEntry(message.Seq, message.Hash))); // again: without effect
        var erase = Assert.IsType<EraseBody>(Entry.Parse(talk.Server.Entries[^1].Bytes).Body);
        Assert.Equal([new ErasedEntry(message.Seq, message.Hash)], erase.Entries);
        talk.Server.Take(talk.Message(TestDevice.Bob));
    }

    [Fact]
    public void EN_19_entries_of_others_unknown_ones_and_itself_are_refused()
    {
        var (talk, message) = WithMessage();
        Refuse(talk, TestDevice.Bob, new ErasedEntry(message.Seq, message.Hash));
        Refuse(talk, TestDevice.Alice, new ErasedEntry(message.Seq - 1, message.Hash));
        Refuse(talk, TestDevice.Alice, new ErasedEntry(message.Seq, talk.Genesis.Hash));
        Refuse(talk, TestDevice.Alice, new ErasedEntry(message.Seq + 1, message.Hash));
        Refuse(talk, TestDevice.Alice, new ErasedEntry(0, message.Hash));
    }

    [Fact]
    public void EN_04_EN_19_an_erase_entry_names_1_to_256_entries_ascending()
    {
        var (talk, message) = WithMessage();
        ErasedEntry[] Of(int count) => [.. Enumerable.Range(1, count).Select(i => new ErasedEntry((ulong)i, message.Hash))];
        Erase(talk, TestDevice.Alice, Of(256));
        Assert.Throws<ArgumentException>(() => Erase(talk, TestDevice.Alice));
        Assert.Throws<ArgumentException>(() => Erase(talk, TestDevice.Alice, Of(257)));
        Assert.Throws<ArgumentException>(() => Erase(talk, TestDevice.Alice, [.. Of(2), .. Of(2)]));
    }

    [Fact]
    public void EN_19_only_members_erase_and_nobody_after_close()
    {
        var (talk, message) = WithMessage();
        var named = new ErasedEntry(message.Seq, message.Hash);
        talk.Server.Take(talk.Close(TestDevice.Bob));
        Refused.With(EntryFault.Closed, "EN-16", () => talk.Server.Check(Erase(talk, TestDevice.Alice, named)));
        (talk, message) = WithMessage();
        var late = Erase(talk, TestDevice.Alice, new ErasedEntry(message.Seq, message.Hash));
        talk.Server.Take(talk.Members(TestDevice.Bob, removed: [TestDevice.Alice]));
        Refused.With(EntryFault.NotMember, "EN-05", () => talk.Server.Check(late));
    }

    private static (Talk Talk, Entry Message) WithMessage()
    {
        var talk = Talk.Started();
        var message = talk.Message(TestDevice.Alice);
        talk.Server.Take(message);
        return (talk, message);
    }

    private static void Refuse(Talk talk, TestDevice author, ErasedEntry named) =>
        Refused.With(EntryFault.NotAllowed, "EN-19", () => talk.Server.Check(Erase(talk, author, named)));

    private static Entry Erase(Talk talk, TestDevice author, params ErasedEntry[] named) =>
        author.Author.Erase(talk.Place(author), TestDevice.Now, named);
}
