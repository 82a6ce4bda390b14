using Countersign.Cryptography;

namespace Countersign.Evidence.Tests;

/// <summary>A conversation as they are: three people over two days, one added and one who leaves, some messages disclosed, one
/// erased, three time stamps.</summary>
internal sealed class ReportWorld : IDisposable
{
    private static readonly TestDevice Alice = TestDevice.Alice, Bob = TestDevice.Bob, Carol = TestDevice.Carol;

    private readonly Talk _talk = new(TestDevice.Now, Alice, Bob);
    private readonly Dictionary<ulong, MessageKey> _keys = [];
    private readonly HashSet<ulong> _disclosed = [];
    private readonly List<SignedHead> _heads = [];
    private readonly List<StampedHead> _stamps = [];
    private readonly List<Receipt> _receipts = [];
    private DateTimeOffset _clock = TestDevice.Now;

    /// <param name="hostile">Something to disclose after what is said in any case.</param>
    public ReportWorld(string? hostile = null)
    {
        Take(Bob.Author.Join(_talk.Place(Bob), Pass(0.5)));
        NewEpoch(Alice);
        Say(Alice, "Pump 3 is down since 11:40. Who has the isolation permit?", disclose: true);
        Say(Bob, "I have. Permit 2026-118, signed by the shift lead.\nValve 7 is shut and tagged.\n\nNobody opens it before I say so.", disclose: true);
        Say(Alice, "Thank you. Noted in the log.", disclose: true);
        Stamp();
        Say(Bob, "not for the auditor's eyes " + new string('x', 300));
        Say(Alice, "wrong window, sorry");
        var wrong = _talk.Server.Entries[^1];
        Take(Alice.Author.Erase(_talk.Place(Alice), Pass(4), [new ErasedEntry(wrong.Seq, wrong.Hash)]));
        _talk.Server.Learn(Carol);
        Take(Alice.Author.Members(_talk.Place(Alice), Pass(40), [Carol.Member], []));
        Take(Carol.Author.Join(_talk.Place(Carol), Pass(2)));
        NewEpoch(Alice);
        Say(Alice, "Carol takes over from Bob at ten. Carol, please read the permit back to me.", disclose: true);
        Say(Carol, "Permit 2026-118: valve 7 shut and tagged, pump 3 isolated, until Bob releases it. مفهوم — verstanden — 了解。", disclose: true);
        Stamp();
        Say(Carol, "short");
        Take(Bob.Author.Members(_talk.Place(Bob), Pass(90), [], [Bob.Id]));
        Receive(Bob);
        NewEpoch(Alice);
        _clock += TimeSpan.FromHours(9);
        Say(Carol, "Pump 3 runs again, 06:20. Bob released the permit by telephone; his paper is in the binder.", disclose: true);
        if (hostile is not null)
            Say(Carol, hostile, disclose: true);
        Say(Alice, "Good. I close this.");
        Take(Alice.Author.Close(_talk.Place(Alice), Pass(1)));
        Stamp();
        Receive(Alice);
        Receive(Carol);
    }

    public int Size => _talk.Server.Entries.Count;

    /// <summary>The bytes of an entry, as they stand in the bundle.</summary>
    public ReadOnlySpan<byte> Entry(int position) => _talk.Server.Entries[position].Bytes.Span;

    /// <summary>Without <paramref name="alicesReceipt"/> and stamps it is not PASSED.</summary>
    public byte[] Write(bool alicesReceipt = true, bool stamps = true, bool compact = false) => BundleWorld.Write(new BundleContents
    {
        Conversation = _talk.Conversation.Id,
        Entries = _talk.Server.Entries.Select(e => e.Bytes),
        Heads = _heads,
        Stamps = stamps ? _stamps : [],
        Receipts = [.. _receipts.Where(r => alicesReceipt || r.Device != Alice.Id)],
        Certificates = [Alice.Verified.Leaf, Bob.Verified.Leaf, Carol.Verified.Leaf, TestDevice.Server.Leaf, TestDevice.Server.Root],
        RevocationLists = [TestDevice.LongList],
        Keys = _keys.Where(k => _disclosed.Contains(k.Key)).ToDictionary(),
        Compact = compact,
    });

    public void Dispose()
    {
        foreach (var key in _keys.Values)
            key.Dispose();
    }

    private DateTimeOffset Pass(double minutes) => _clock += TimeSpan.FromMinutes(minutes);

    private void Take(Entry entry) => _talk.Server.Take(entry, _clock);

    private void NewEpoch(TestDevice author) =>
        Take(author.Author.Epoch(_talk.Place(author), Pass(0.1), MerkleHash.Empty, _talk.Conversation.Members.Devices.Select(Talk.SomeCopy)));

    private void Say(TestDevice author, string text, bool disclose = false)
    {
        var key = MessageKey.Own(Secret.Random(16));
        var position = (ulong)_talk.Server.Entries.Count;
        _keys.Add(position, key);
        if (disclose)
            _disclosed.Add(position);
        Take(key.Seal(author.Author, _talk.Place(author), Pass(3), _talk.Conversation.CurrentEpoch!.Value, new MessageContent(text)));
    }

    private void Stamp()
    {
        _heads.Add(HeadBatch.Sign(TestDevice.ServerKey, TestDevice.Server.Leaf.Fingerprint, [_talk.Conversation.Head], Pass(0.1))[0]);
        _stamps.Add(new StampedHead(_heads[^1], TestDevice.Stamp(_heads[^1].Batch.Bytes, Pass(1))));
    }

    private void Receive(TestDevice device) =>
        _receipts.Add(Receipt.Sign(device.Key, device.Id, ReceiptKind.Final, _talk.Conversation.Head, Pass(0.1)));
}
