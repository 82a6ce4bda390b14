using Countersign.Cryptography;

namespace Countersign.Evidence.Tests;

/// <summary>Makes the bundles of vectors/bundles: one true one, and one failure each.</summary>
internal sealed class BundleVectors : IDisposable
{
    /// <summary>The vector for which a root is named that is not the bundle's.</summary>
    public const string OtherRoot = "other-root";

    private readonly BundleWorld _world = new();
    private readonly BundleWorld _other = new();

    public void Dispose()
    {
        _world.Dispose();
        _other.Dispose();
    }

    /// <summary>Name, bundle, and whether a root is named.</summary>
    public IEnumerable<(string Name, byte[] Bundle, bool Rooted)> Make() =>
        [.. Whole(), .. Entries(), .. Parts(), .. Times(), .. Compact(), .. Certificates(), .. Cuts()];

    /// <summary>Name, bundle, and the list that the auditor has besides.</summary>
    public static IEnumerable<(string Name, byte[] Bundle, CertificateRevocationList List)> MakeWithList()
    {
        var eve = TestDevice.Named("eve.later");
        using var world = new BundleWorld(TestDevice.Alice, eve, TestDevice.Now.AddMinutes(-30));
        var bundle = new Tampered(world, keys: false).Write();
        yield return ("revoked-since", bundle, eve.Revoke(TestDevice.Now.AddHours(-1)));
        var forgetful = new Tampered(world, keys: false);
        var before = forgetful.Lists[0];
        forgetful.Lists[0] = ForgetfulList.Sign(TestDevice.Alice.Verified.Leaf.NotAfter.AddDays(1));
        yield return ("older-list-brought", forgetful.Write(), before);
    }

    private IEnumerable<(string, byte[], bool)> Whole()
    {
        var bytes = BundleWorld.Write(_world.Contents());
        yield return ("passed", bytes, true);
        yield return ("no-root", bytes, false);
        yield return (OtherRoot, bytes, true);
        yield return ("malformed-bundle", [.. bytes, 0], true);
        var damaged = bytes.ToArray();
        damaged[100] ^= 1; // inside README.txt
        yield return ("damaged", damaged, true);
    }

    private IEnumerable<(string, byte[], bool)> Entries()
    {
        yield return Changed("edited", t => t.Entries[4][150] ^= 1);
        yield return Changed("dropped", t => t.Entries.RemoveAt(4));
        yield return Changed("reordered", t => (t.Entries[4], t.Entries[5]) = (t.Entries[5], t.Entries[4]));
        yield return Changed("replayed", t => t.Entries.Insert(6, t.Entries[4]));
        yield return Changed("transplanted", t => t.Entries[4] = _other.Entries[4].Bytes.ToArray());
        yield return Changed("truncated", t => t.Entries.RemoveRange(7, 2));
        yield return Changed("wrong-key", t => t.Entries[4] = Resigned(_world.Entries[4], TestDevice.Alice.Key));
        yield return Changed("not-member", t =>
        {
            t.Certificates.Add(TestDevice.Carol.Verified.Leaf);
            var place = new AuthorPlace(_world.Talk.Conversation.Id, 1, new TreeHead(4, _world.Talk.Server.RootAt(4)));
            t.Entries[4] = TestDevice.Carol.Author.Join(place, _world.Entries[4].Time).Bytes.ToArray();
        });
        yield return Changed("rule-broken", t =>
            t.Entries.Add(TestDevice.Bob.Author.Close(_world.Talk.Place(TestDevice.Bob), _world.Clock).Bytes.ToArray()));
        yield return Changed("wrong-person", t =>
        {
            var members = new[] { TestDevice.Alice.Member, new Member(TestDevice.Bob.User, TestDevice.BobsKeyAsMallory.Id) };
            var genesis = TestDevice.Alice.Author.Genesis("", members, TestDevice.Now);
            t.Conversation = genesis.Conversation;
            t.Certificates.Add(TestDevice.BobsKeyAsMallory.Verified.Leaf);
            t.Entries[0] = genesis.Bytes.ToArray();
            t.Entries.RemoveRange(1, t.Entries.Count - 1);
            Empty(t);
        });
    }

    private IEnumerable<(string, byte[], bool)> Parts()
    {
        yield return Changed("forked-head", t => t.Heads.Add(_world.SignHead(TestDevice.ServerKey, _world.Head with { Root = MerkleHash.Empty })));
        yield return Changed("forked-receipt", t => t.Receipts[1] = Final(_world.Head with { Root = MerkleHash.Empty }, TestDevice.Bob.Key));
        yield return Changed("receipt-refused", t => t.Receipts[1] = Final(_world.Head, TestDevice.Alice.Key));
        yield return Changed("no-final-receipt", t => t.Receipts.RemoveAt(1));
        yield return Changed("head-refused", t => t.Heads.Add(_world.SignHead(TestDevice.Alice.Key)));
        yield return Changed("no-signed-head", t => Empty(t, receipts: false));
        yield return Changed("key-commitment", t => t.Keys.Add((4, Key(3))));
        yield return Changed("certificate-refused", t => t.Heads.Add(HeadBatch.Sign(TestDevice.Alice.Key, TestDevice.Alice.Id.Value, [_world.Head], _world.Clock)[0]));
        yield return Changed("no-certificate", t => t.Certificates.RemoveAll(c => c.Fingerprint == TestDevice.Bob.Id.Value));
        yield return Changed("no-revocation-data", t => t.Lists.Clear());
        yield return Changed("list-forgets-the-expired", t => t.Lists[0] = ForgetfulList.Sign(TestDevice.Alice.Verified.Leaf.NotAfter.AddDays(1)));
        yield return ("unreadable", Unreadable(), true);
        var contents = _world.Contents();
        var fork = _world.SignHead(TestDevice.ServerKey, _world.Head with { Root = MerkleHash.Empty });
        yield return ("misconduct-proved", BundleWorld.Write(new BundleContents
        {
            Conversation = contents.Conversation, Entries = contents.Entries, Heads = contents.Heads, Stamps = contents.Stamps,
            Receipts = contents.Receipts, Certificates = contents.Certificates, RevocationLists = contents.RevocationLists,
            Misconduct = [MisconductFile.Of(_world.Heads[1], fork, [TestDevice.Server.Leaf])],
        }), true);
    }

    private IEnumerable<(string, byte[], bool)> Times()
    {
        yield return Changed("no-trusted-time", t => t.Stamps.Clear());
        yield return Changed("stamp-refused", t => t.Stamps[0] = new StampedHead(_world.Heads[1], TestDevice.Stamp(_world.Heads[0].Batch.Bytes, _world.Clock)));
        yield return Changed("backdated", t => t.Heads.Add(_world.SignHead(TestDevice.ServerKey, time: _world.Clock.AddMinutes(-3))));
        yield return Changed("postdated", t => t.Heads[0] = _world.SignHead(TestDevice.ServerKey, _world.Heads[0].Head, TestDevice.Now.AddMinutes(-3))); // the first entry just passes
        yield return Changed("clock-contradicted", t =>
        {
            for (var i = 0; i < 2; i++)
                t.Heads[i] = _world.SignHead(TestDevice.ServerKey, _world.Heads[i].Head, _world.Clock.AddMinutes(10));
            t.Stamps[0] = new StampedHead(t.Heads[1], TestDevice.Stamp(t.Heads[1].Batch.Bytes, _world.Clock.AddMinutes(10)));
        });
        using var removed = new BundleWorld(TestDevice.Alice, TestDevice.Bob, TestDevice.Now, removed: TestDevice.Carol);
        yield return Changed("signed-again-for-a-removed-device", t => t.Heads.Add(_world.SignHead(TestDevice.ServerKey, removed.HeadOfRemoved, removed.Clock.AddDays(3))), removed);
        var eve = TestDevice.Named("eve.vector");
        using var inside = new BundleWorld(TestDevice.Alice, eve, TestDevice.Now.AddMinutes(-30));
        using var after = new BundleWorld(TestDevice.Alice, eve, TestDevice.Now.AddMinutes(30));
        using var late = new BundleWorld(TestDevice.Alice, TestDevice.Bob, TestDevice.Now.AddYears(3), stamped: false);
        var list = eve.Revoke(TestDevice.Now.AddHours(-1));
        yield return Changed("suspect-since", t => t.Lists[0] = list, inside);
        yield return Changed("revoked-before", t => t.Lists[0] = list, after);
        yield return Changed("certificate-not-valid-then", static _ => { }, late);
        var end = TestDevice.Alice.Verified.Leaf.NotAfter;
        using var expiring = new BundleWorld(TestDevice.Alice, TestDevice.Bob, end.AddSeconds(-12), stamped: false);
        yield return Changed("time-uncertain", t =>
        {
            t.Lists[0] = TestDevice.LongList;
            t.Stamps.Add(new StampedHead(t.Heads[1], TestDevice.Stamp(t.Heads[1].Batch.Bytes, end.AddSeconds(5))));
        }, expiring);
    }

    private IEnumerable<(string, byte[], bool)> Compact()
    {
        yield return ("entries-withheld", BundleWorld.Write(_world.Contents(compact: true, keysAt: [4])), true);
        yield return Changed("membership-not-shown", t =>
        {
            var run = new WithheldRun();
            run.Add(3, _world.Entries[3].LeafHash);
            t.Certificates.Add(TestDevice.Carol.Verified.Leaf);
            var place = new AuthorPlace(_world.Talk.Conversation.Id, 1, new TreeHead(4, _world.Talk.Server.RootAt(4)));
            t.Items = [.. t.Entries.Take(3).Select(e => TranscriptItem.Shown(e)), .. run.Take(),
                TranscriptItem.Shown(TestDevice.Carol.Author.Join(place, _world.Entries[4].Time).Bytes)];
            Empty(t);
        });
    }

    private IEnumerable<(string, byte[], bool)> Certificates()
    {
        yield return Changed("no-head-at-all", static t => Empty(t, receipts: false));
        yield return Changed("stray-certificate", static t => t.Certificates.Add(TestDevice.Carol.Verified.Leaf));
        yield return Changed("root-missing", static t => t.Certificates.RemoveAll(static c => c.Equals(TestDevice.Server.Root)));
        yield return Changed("servers-renewed-with-reordered-names", t => ByServers(t, _world, ["server.local", "chat.local"], ["chat.local", "server.local"]));
        yield return Changed("servers-of-two-names", t => ByServers(t, _world, ["server.local"], ["chat.local"]));
        using var ofIssuing = new BundleWorld(TestDevice.Alice, TestDevice.OfIssuing, TestDevice.Now);
        yield return Changed("issuing-ca-missing", static t => t.Lists.Add(TestDevice.Issuing.MakeRevocationList()), ofIssuing);
        yield return Changed("nine-certificates-of-one-ca", static t =>
        {
            t.Lists.Add(TestDevice.Issuing.MakeRevocationList());
            t.Certificates.AddRange([TestDevice.Issuing.Certificate, .. TestDevice.IssuingRenewed(8)]);
        }, ofIssuing);
        var eve = TestDevice.Named("eve.named");
        using var names = new BundleWorld(TestDevice.Alice, TestDevice.Bob, TestDevice.Now.AddMinutes(30), removed: eve);
        using var writes = new BundleWorld(TestDevice.Alice, eve, TestDevice.Now.AddMinutes(-30));
        var list = eve.Revoke();
        yield return Changed("revoked-device-named", t => t.Lists[0] = list, names);
        yield return Changed("uncovered-entry-dated-after-revocation", t =>
        {
            t.Lists[0] = list;
            WriteUncovered(t, writes, eve);
        }, writes);
    }

    private IEnumerable<(string, byte[], bool)> Cuts()
    {
        var five = new Head(_world.Head.Conversation, 5, _world.Talk.Server.RootAt(5));
        yield return ("compact-cut-at-each-head", BundleWorld.Write(_world.Contents(compact: true, further: _world.SignHead(TestDevice.ServerKey, five))), true);
        yield return ("compact-contradicting-head", BundleWorld.Write(_world.Contents(compact: true, further: _world.SignHead(TestDevice.ServerKey, five with { Root = MerkleHash.Empty }))), true);
        yield return Changed("compact-not-cut-at-a-head", t =>
        {
            t.Items = Withheld(_world, 4, 5, 6);
            t.Heads.Add(_world.SignHead(TestDevice.ServerKey, five));
        });
        yield return Changed("compact-receipt-of-a-stranger", t =>
        {
            t.Items = Withheld(_world, 4);
            t.Certificates.Add(TestDevice.Carol.Verified.Leaf);
            t.Receipts.Add(Receipt.Sign(TestDevice.Carol.Key, TestDevice.Carol.Id, ReceiptKind.Final, _world.Head, TestDevice.Now));
        });
    }

    /// <summary>The first head signed by a server of the first names, all others by one of the second.</summary>
    public static void ByServers(Tampered tampered, BundleWorld world, string[] first, string[] second)
    {
        Certificate[] servers = [TestDevice.ServerNamed(first), TestDevice.ServerNamed(second)];
        tampered.Certificates.Remove(TestDevice.Server.Leaf);
        tampered.Certificates.AddRange(servers);
        for (var i = 0; i < 2; i++)
            tampered.Heads[i] = HeadBatch.Sign(TestDevice.ServerKey, servers[i].Fingerprint, [world.Heads[i].Head], world.Heads[i].Batch.Time)[0];
        tampered.Stamps[0] = new StampedHead(tampered.Heads[1], TestDevice.Stamp(tampered.Heads[1].Batch.Bytes, world.Clock));
    }

    /// <summary>The transcript with these neighbours withheld, as the fewest subtrees.</summary>
    public static IReadOnlyList<TranscriptItem> Withheld(BundleWorld world, params int[] positions)
    {
        var run = new WithheldRun();
        foreach (var position in positions)
            run.Add((ulong)position, world.Entries[position].LeafHash);
        return [.. Shown(world.Entries.Take(positions[0])), .. run.Take(), .. Shown(world.Entries.Skip(positions[^1] + 1))];
    }

    /// <summary>Behind the first head alone, an entry that its author dates two hours after the bundle's end.</summary>
    public static void WriteUncovered(Tampered tampered, BundleWorld world, TestDevice author)
    {
        var place = new AuthorPlace(tampered.Conversation, 2, new TreeHead(4, world.Talk.Server.RootAt(4)));
        tampered.Entries.RemoveRange(4, tampered.Entries.Count - 4);
        tampered.Entries.Add(author.Author.Message(place, world.Clock.AddHours(2), world.Entries[2].Hash, MerkleHash.Empty).Sign(new byte[80]).Bytes.ToArray());
        tampered.Heads.RemoveAt(1);
        tampered.Stamps.Clear();
        tampered.Receipts.Clear();
    }

    private static IEnumerable<TranscriptItem> Shown(IEnumerable<Entry> entries) => entries.Select(static entry => TranscriptItem.Shown(entry.Bytes));

    private (string, byte[], bool) Changed(string name, Action<Tampered> change, BundleWorld? world = null)
    {
        var tampered = new Tampered(world ?? _world, keys: false);
        change(tampered);
        return (name, tampered.Write(), true);
    }

    private static void Empty(Tampered tampered, bool receipts = true)
    {
        tampered.Heads.Clear();
        tampered.Stamps.Clear();
        tampered.Certificates.Remove(TestDevice.Server.Leaf); // which then nothing needs
        if (receipts)
            tampered.Receipts.Clear();
    }

    private static Receipt Final(Head head, SigningKey key) => Receipt.Sign(key, TestDevice.Bob.Id, ReceiptKind.Final, head, TestDevice.Now);

    private byte[] Key(ulong position)
    {
        using var secret = _world.Keys[position].Export();
        return secret.Span.ToArray();
    }

    // A message whose author committed to a key that does not open it.
    private static byte[] Unreadable()
    {
        using var key = MessageKey.Own(Secret.Random(16));
        var talk = Talk.Started();
        talk.Server.Take(TestDevice.Alice.Author.Message(talk.Place(TestDevice.Alice), TestDevice.Now, talk.Conversation.CurrentEpoch!.Value, key.Commitment).Sign(new byte[80]));
        var head = talk.Conversation.Head;
        var signed = HeadBatch.Sign(TestDevice.ServerKey, TestDevice.Server.Leaf.Fingerprint, [head], TestDevice.Now)[0];
        return BundleWorld.Write(new BundleContents
        {
            Conversation = head.Conversation,
            Entries = talk.Server.Entries.Select(e => e.Bytes),
            Heads = [signed],
            Stamps = [new StampedHead(signed, TestDevice.Stamp(signed.Batch.Bytes, TestDevice.Now))],
            Receipts = [.. new[] { TestDevice.Alice, TestDevice.Bob }.Select(d => Receipt.Sign(d.Key, d.Id, ReceiptKind.Delivered, head, TestDevice.Now))],
            Certificates = [TestDevice.Alice.Verified.Leaf, TestDevice.Bob.Verified.Leaf, TestDevice.Server.Leaf, TestDevice.Server.Root],
            RevocationLists = TestDevice.RevocationLists,
            Keys = new Dictionary<ulong, MessageKey> { [3] = key },
        });
    }

    private static byte[] Resigned(Entry entry, SigningKey key)
    {
        var cose = CoseSign1.Parse(entry.Bytes, 1 << 17);
        return CoseSign1.Sign(key, Label.Entry, cose.ProtectedHeader.Span, cose.Payload.Span);
    }
}
