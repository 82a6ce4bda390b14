using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Testing;

namespace Countersign.Server.Tests;

/// <summary>What conversations in memory take is what they say, and those that are used last stay.</summary>
[Collection(nameof(Alone))]
public sealed class ConversationMemoryTests
{
    private static readonly EntryAuthor Author = new(TestKeys.Get(0), Device(0));

    [Theory]
    [InlineData(1, 1, 2000)]
    [InlineData(2, 5, 2000)]
    [InlineData(10, 20, 500)]
    [InlineData(100, 5, 50)]
    [InlineData(500, 5, 20)]
    [InlineData(2, 200, 200)]
    public async Task A_conversation_takes_about_as_much_memory_as_it_says(int members, int epochs, int copies)
    {
        var (id, store) = await StoreAsync(members, epochs);
        await LoadAsync(id, store);
        var held = new List<LoadedConversation>(copies);
        var before = Alone.Memory();
        for (var i = 0; i < copies; i++)
            held.Add(await LoadAsync(id, store));
        var each = (double)(Alone.Memory() - before) / copies;
        Assert.InRange(each / held[0].Bytes, 0.7, 1.1);
    }

    [Fact]
    public async Task Those_that_were_used_last_stay_as_many_as_fit_and_always_the_last_one()
    {
        var (small, large) = (new List<LoadedConversation>(), await NewAsync(members: 100));
        for (var i = 0; i < 6; i++)
            small.Add(await NewAsync(members: 1));
        var cache = Cache(4 * small[0].Bytes);
        foreach (var one in small.Take(4))
            cache.Put(one.Engine.Id, one);
        Assert.Equal([0, 1, 2, 3], Held());
        Assert.True(cache.TryGet(small[0].Engine.Id, out var first));
        Assert.Same(small[0], first);
        cache.Put(small[4].Engine.Id, small[4]); // 1 was used longest ago
        cache.Put(small[2].Engine.Id, small[2]);
        cache.Put(small[2].Engine.Id, small[2]); // counted once
        Assert.Equal((4, 4 * small[0].Bytes), (cache.Count, cache.Weight));
        Assert.Equal([0, 2, 3, 4], Held());
        cache.Remove(small[3].Engine.Id);
        cache.Put(small[5].Engine.Id, small[5]);
        Assert.Equal([0, 2, 4, 5], Held());
        cache.Put(large.Engine.Id, large);
        Assert.Equal((1, large.Bytes), (cache.Count, cache.Weight));
        Assert.Empty(Held());
        cache.Put(small[3].Engine.Id, small[3]);
        Assert.Equal((1, small[3].Bytes), (cache.Count, cache.Weight));

        IEnumerable<int> Held() => Enumerable.Range(0, small.Count).Where(i => cache.Keys.Contains(small[i].Engine.Id));
    }

    [Fact]
    public async Task One_that_grows_is_counted_anew()
    {
        var (id, store) = await StoreAsync(members: 1, epochs: 1);
        var loaded = await LoadAsync(id, store);
        var cache = Cache(long.MaxValue);
        cache.Put(loaded.Engine.Id, loaded);
        var before = cache.Weight;
        loaded.Engine.Reapply(NewEpoch(loaded.Engine, 1));
        cache.Put(loaded.Engine.Id, loaded);
        Assert.Equal(loaded.Bytes, cache.Weight);
        Assert.InRange(cache.Weight, before + 1, long.MaxValue);
    }

    private static LeastRecentlyUsed<ConversationId, LoadedConversation> Cache(long bytes) => new(bytes, static loaded => loaded.Bytes);

    // With as many roots of the past as one keeps.
    private static async Task<LoadedConversation> LoadAsync(ConversationId id, MemoryTranscript store)
    {
        var loaded = await LoadedConversation.LoadAsync(id, store);
        for (ulong size = 1; size <= TranscriptHistory.MostRoots; size++)
            loaded.History.Forget(new TreeHead(size, default));
        return loaded;
    }

    private static async Task<LoadedConversation> NewAsync(int members)
    {
        var (id, store) = await StoreAsync(members, epochs: 1);
        return await LoadAsync(id, store);
    }

    private static async Task<(ConversationId, MemoryTranscript)> StoreAsync(int members, int epochs)
    {
        var genesis = Author.Genesis("a name", Enumerable.Range(0, members).Select(static i => new Member(UserName.Parse($"user.number-{i}"), Device(i))), DateTimeOffset.UtcNow);
        var store = new MemoryTranscript();
        var engine = new Conversation(genesis.Conversation, new TranscriptHistory(genesis.Conversation, store));
        engine.Reapply(genesis);
        for (var i = 0; i < epochs; i++)
            engine.Reapply(NewEpoch(engine, members));
        var entries = Enumerable.Repeat(new AppendedEntry(default, 0, default, default, default), (int)engine.Size);
        await store.AppendAsync([new ConversationAppend(engine.Id, 0, [.. entries], engine.Head.Root, [], engine.Snapshot())]);
        return (engine.Id, store);
    }

    private static Entry NewEpoch(Conversation engine, int members)
    {
        using var key = EcPrivateKey.Generate();
        return Author.Epoch(engine.NextPlace(Author.Device), DateTimeOffset.UtcNow, Hash32.Sha256([2]), Enumerable.Range(0, members).Select(i => new SealedCopy(
            Device(i), new PrekeyId(Hash32.Sha256([1])), HpkeSealed.Parse(key.Point.Span, new byte[SealedCopy.CiphertextSize]))));
    }

    private static DeviceId Device(int number) => new(Hash32.Sha256(BitConverter.GetBytes(number)));
}
