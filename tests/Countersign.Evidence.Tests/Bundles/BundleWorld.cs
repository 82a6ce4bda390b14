using Countersign.Cryptography;

namespace Countersign.Evidence.Tests;

/// <summary>A small conversation with real message keys, and everything a client would export of it: alice and bob talk, alice
/// erases one message and closes; the server signs heads, the members give final receipts.</summary>
internal sealed class BundleWorld : IDisposable
{
    private readonly Talk _talk = Talk.Started();
    private readonly Dictionary<ulong, MessageKey> _keys = [];

    public BundleWorld()
    {
        foreach (var (author, text) in new[] { (TestDevice.Alice, "Valve 7 is shut."), (TestDevice.Bob, "I take over."), (TestDevice.Alice, "oops"), (TestDevice.Bob, "Thanks.") })
            Say(author, text);
        var oops = Entries[5];
        _talk.Server.Take(TestDevice.Alice.Author.Erase(_talk.Place(TestDevice.Alice), TestDevice.Now, [new ErasedEntry(oops.Seq, oops.Hash)]));
        _talk.Server.Take(_talk.Close(TestDevice.Alice));
    }

    public IReadOnlyList<Entry> Entries => _talk.Server.Entries;

    public Head Head => _talk.Conversation.Head;

    /// <summary>Positions of the messages.</summary>
    public IEnumerable<ulong> Messages => _keys.Keys;

    public BundleContents Contents(bool reversed = false, bool compact = false, ulong[]? keysAt = null)
    {
        var heads = new[] { HeadAt(4), HeadAt((ulong)Entries.Count) };
        var receipts = new[] { TestDevice.Alice, TestDevice.Bob }.Select(d => Receipt.Sign(d.Key, d.Id, ReceiptKind.Final, Head, TestDevice.Now)).ToArray();
        Certificate[] certificates = [TestDevice.Alice.Verified.Leaf, TestDevice.Bob.Verified.Leaf, TestDevice.Server.Leaf, TestDevice.Server.Root];
        return new BundleContents
        {
            Conversation = _talk.Conversation.Id,
            Entries = Entries.Select(e => e.Bytes),
            Heads = Ordered(_heads ??= heads, reversed),
            Receipts = Ordered(_receipts ??= receipts, reversed),
            Certificates = Ordered(certificates, reversed),
            RevocationLists = TestDevice.RevocationLists,
            Keys = keysAt?.ToDictionary(p => p, _ => _keys[3]) ?? new Dictionary<ulong, MessageKey> { [3] = _keys[3] },
            Compact = compact,
        };
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

    private SignedHead[]? _heads; // RSA-PSS is randomised: signed once
    private Receipt[]? _receipts;

    private SignedHead HeadAt(ulong size) => HeadBatch.Sign(TestDevice.ServerKey, TestDevice.Server.Leaf.Fingerprint,
        [new Head(_talk.Conversation.Id, size, size == Head.Size ? Head.Root : _talk.Server.RootAt(size))], TestDevice.Now)[0];

    private static T[] Ordered<T>(T[] items, bool reversed) => reversed ? [.. items.Reverse()] : items;

    private void Say(TestDevice author, string text)
    {
        var key = MessageKey.Own(Secret.Random(16));
        _keys.Add((ulong)Entries.Count, key);
        _talk.Server.Take(key.Seal(author.Author, _talk.Place(author), TestDevice.Now, _talk.Conversation.CurrentEpoch!.Value, new MessageContent(text)));
    }
}
