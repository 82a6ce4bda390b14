using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Server.Tests;

/// <summary>What a conversation in memory keeps of its past.</summary>
public sealed class TranscriptHistoryTests
{
    private static readonly ConversationId Id = new(Hash32.Sha256([1]));

    private readonly TranscriptHistory _history = new(Id, new MemoryTranscript());

    [Fact]
    public void Entries_are_found_until_they_are_left_to_the_store()
    {
        var author = new DeviceId(Hash32.Sha256([2]));
        var underWay = new List<AppendedEntry>();
        _history.Follow(7, underWay);
        for (ulong seq = 1; seq < 4; seq++)
            underWay.Add(new AppendedEntry(author, seq, new EntryHash(Hash32.Sha256([(byte)seq])), default, default));
        Assert.Equal(new PlacedEntry(8, underWay[1].Hash), _history.Find(author, 2));
        _history.Forget(Head(10));
        Assert.Throws<InvalidOperationException>(() => _history.Find(author, 2)); // nobody has asked the store
    }

    [Fact]
    public void The_roots_that_were_signed_last_are_kept_a_few_of_them()
    {
        for (ulong size = 1; size <= TranscriptHistory.MostRoots + 2; size++)
            _history.Forget(Head(size));
        _history.Forget(Head(3)); // again: it is the newest now
        _history.Forget(Head(100));
        Assert.Equal(Head(3).Root, _history.RootAt(3));
        Assert.Equal(Head(5).Root, _history.RootAt(5));
        foreach (ulong size in (ulong[])[1, 2, 4])
            Assert.Throws<InvalidOperationException>(() => _history.RootAt(size));
    }

    private static TreeHead Head(ulong size) => new(size, Hash32.Sha256([(byte)size]));
}
