using Countersign.Cryptography;

namespace Countersign.Evidence.Tests;

/// <summary>A small conversation with real message keys, and everything a client would export of it: alice and bob talk, alice
/// erases one message and closes; the server signs heads, time is stamped, the members give final receipts.</summary>
internal sealed class BundleWorld : IDisposable
{
    private readonly TestDevice _first;
    private readonly TestDevice _second;
    private readonly TestDevice? _removed;
    private readonly Dictionary<ulong, MessageKey> _keys = [];

    /// <param name="firstWords">What is said first: the message that is disclosed.</param>
    public BundleWorld(string firstWords = "Valve 7 is shut.") : this(TestDevice.Alice, TestDevice.Bob, TestDevice.Now, firstWords: firstWords) { }

    /// <param name="first">The founder.</param>
    /// <param name="second">The other one.</param>
    /// <param name="start">The clock of everybody at the beginning; an entry a second.</param>
    /// <param name="stamped">With a time stamp.</param>
    /// <param name="firstWords">What is said first.</param>
    /// <param name="removed">A third member, who never joins, and is removed after the first message.</param>
    public BundleWorld(TestDevice first, TestDevice second, DateTimeOffset start, bool stamped = true, string firstWords = "Valve 7 is shut.", TestDevice? removed = null)
    {
        (_first, _second, _removed, Clock) = (first, second, removed, start);
        Talk = new Talk(start, removed is null ? [first, second] : [first, second, removed]);
        Take(second.Author.Join(Talk.Place(second), Tick()));
        Take(first.Author.Epoch(Talk.Place(first), Tick(), MerkleHash.Empty, Talk.Conversation.Members.Devices.Select(Talk.SomeCopy)));
        Say(first, firstWords);
        Heads = [SignHead(TestDevice.ServerKey)];
        if (removed is not null)
        {
            Take(first.Author.Members(Talk.Place(first), Tick(), [], [removed.Id]));
            HeadOfRemoved = Head;
            Take(first.Author.Epoch(Talk.Place(first), Tick(), MerkleHash.Empty, Talk.Conversation.Members.Devices.Select(Talk.SomeCopy)));
        }
        Say(second, "I take over.");
        Say(first, "oops");
        Say(second, "Thanks.");
        var oops = Entries[^2];
        Take(first.Author.Erase(Talk.Place(first), Tick(), [new ErasedEntry(oops.Seq, oops.Hash)]));
        Take(first.Author.Close(Talk.Place(first), Tick()));
        Heads = [.. Heads, SignHead(TestDevice.ServerKey)];
        Stamps = !stamped ? [] : [new StampedHead(Heads[^1], TestDevice.Stamp(Heads[^1].Batch.Bytes, Tick()))];
        Receipts = [.. new[] { first, second }.Select(d => Receipt.Sign(d.Key, d.Id, ReceiptKind.Final, Head, Tick()))];
    }

    public Talk Talk { get; }
    public IReadOnlyList<Entry> Entries => Talk.Server.Entries;

    /// <summary>The last head that the removed member may see.</summary>
    public Head? HeadOfRemoved { get; }

    public Head Head => Talk.Conversation.Head;
    public DateTimeOffset Clock { get; private set; }
    public SignedHead[] Heads { get; }
    public StampedHead[] Stamps { get; }
    public Receipt[] Receipts { get; }
    public IReadOnlyDictionary<ulong, MessageKey> Keys => _keys;

    /// <summary>Positions of the messages: 3 to 6.</summary>
    public IEnumerable<ulong> Messages => _keys.Keys;

    public DateTimeOffset Tick() => Clock = Clock.AddSeconds(1);

    /// <summary>The whole, with the first message disclosed unless <paramref name="keysAt"/> says otherwise.</summary>
    /// <param name="reversed">In another order.</param>
    /// <param name="compact">With the withheld messages as subtrees.</param>
    /// <param name="keysAt">Positions of the disclosed messages.</param>
    /// <param name="further">A head besides, stamped now.</param>
    public BundleContents Contents(bool reversed = false, bool compact = false, ulong[]? keysAt = null, SignedHead? further = null)
    {
        Certificate[] certificates = [.. _removed is null ? [] : new[] { _removed.Verified.Leaf }, _first.Verified.Leaf, _second.Verified.Leaf, TestDevice.Server.Leaf, TestDevice.Server.Root];
        return new BundleContents
        {
            Conversation = Talk.Conversation.Id,
            Entries = Entries.Select(e => e.Bytes),
            Heads = Ordered(Heads, reversed),
            Stamps = further is null ? Stamps : [.. Stamps, new StampedHead(further, TestDevice.Stamp(further.Batch.Bytes, Clock))],
            Receipts = Ordered(Receipts, reversed),
            Certificates = Ordered(certificates, reversed),
            RevocationLists = TestDevice.RevocationLists,
            Keys = (keysAt ?? [3]).ToDictionary(p => p, p => _keys.GetValueOrDefault(p, _keys[3])),
            Compact = compact,
        };
    }

    /// <summary>The head of now, signed with the server's certificate named.</summary>
    public SignedHead SignHead(SigningKey key, Head? head = null, DateTimeOffset? time = null) =>
        HeadBatch.Sign(key, TestDevice.Server.Leaf.Fingerprint, [head ?? Head], time ?? Tick())[0];

    public void Take(Entry entry) => Talk.Server.Take(entry, Clock);

    public Entry Say(TestDevice author, string text)
    {
        var key = MessageKey.Own(Secret.Random(16));
        _keys.Add((ulong)Entries.Count, key);
        var entry = key.Seal(author.Author, Talk.Place(author), Tick(), Talk.Conversation.CurrentEpoch!.Value, new MessageContent(text));
        Take(entry);
        return entry;
    }

    public static byte[] Write(BundleContents contents)
    {
        var output = new MemoryStream();
        BundleBuilder.Write(contents, output);
        return output.ToArray();
    }

    public void Dispose()
    {
        foreach (var key in _keys.Values)
            key.Dispose();
    }

    private static T[] Ordered<T>(T[] items, bool reversed) => reversed ? [.. items.Reverse()] : items;
}
