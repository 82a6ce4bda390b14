using System.Buffers.Binary;
using Countersign.Cryptography;
using Countersign.Testing;

namespace Countersign.Evidence.Tests;

/// <summary>What the verifier remembers of a transcript does not grow with its length, but for a few bytes an entry.</summary>
[Collection(Alone.Name)] // the heap is everybody's
public sealed class BoundedMemoryTests
{
    private const ulong Million = 1_000_000;

    [Fact]
    public void Records_are_read_back_wherever_they_are()
    {
        Span<byte> record = stackalloc byte[8];
        foreach (var count in new[] { 0, 1, 4, 5, 8, 9, 1000 })
        {
            using var records = new SpilledRecords(8, inMemory: 4);
            for (var i = 0; i < count; i++)
            {
                BinaryPrimitives.WriteInt64LittleEndian(record, i * 7919L);
                records.Append(record);
            }
            Assert.Equal((ulong)count, records.Count);
            for (var i = count - 1; i >= 0; i--)
            {
                records.Read((ulong)i, record);
                Assert.Equal(i * 7919L, BinaryPrimitives.ReadInt64LittleEndian(record));
            }
            Assert.Throws<ArgumentOutOfRangeException>(() => records.Read((ulong)count, new byte[8]));
        }
    }

    [Fact]
    public void R11_a_million_entries_are_remembered_in_a_few_megabytes()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        using var history = new RecordHistory();
        var reasons = new EntryReasons();
        DeviceId[] authors = [new(MerkleHash.Leaf([1])), new(MerkleHash.Leaf([2]))];
        for (ulong i = 0; i < Million; i++)
        {
            history.Add(authors[i % 2], new EntryHash(Numbered(i, 1)), i % 3 == 0, Numbered(i, 2));
            reasons.Add(i);
        }
        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(grown < 16 << 20, $"{grown} bytes");
        foreach (var i in new ulong[] { 0, 1, 32_767, 32_768, 500_001, Million - 2, Million - 1 })
        {
            Assert.Equal(Numbered(i, 2), history.RootAt(i + 1));
            Assert.Equal(new PlacedEntry(i, new EntryHash(Numbered(i, 1))), history.Find(authors[i % 2], i / 2 + 1));
            Assert.Equal(i % 3 == 0 ? i : null, history.FindMessage(authors[i % 2], i / 2 + 1)?.Position);
            Assert.Equal(default, reasons.Find(i)!.Value);
        }
        Assert.Null(history.Find(authors[0], Million / 2 + 1));
        Assert.Null(reasons.Find(Million));
    }

    [Fact]
    public void BU_12_ids_of_which_there_is_no_certificate_are_not_remembered()
    {
        var book = new CertificateBook(Verified.Root, [TestDevice.Alice.Verified.Leaf], TestDevice.RevocationLists);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (ulong i = 0; i < 1 << 17; i++)
            Assert.Equal((Reason.NoCertificate, Reason.NoCertificate), (book.Device(new DeviceId(Numbered(i, 3))).Reason, book.Server(Numbered(i, 3)).Reason));
        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(grown < 1 << 20, $"{grown} bytes");
        Assert.Same(book.Device(TestDevice.Alice.Id), book.Device(TestDevice.Alice.Id));
    }

    [Fact]
    public void Reasons_in_runs_are_those_of_a_plain_list()
    {
        var reasons = new EntryReasons();
        var plain = new SortedDictionary<ulong, ReasonSet>();
        var state = 7u;
        int Choose(int end) => (int)((state = state * 1664525 + 1013904223) >> 8) % end;
        for (ulong position = 0; position < 400; position++)
        {
            if (position is > 100 and < 150)
                continue; // withheld
            reasons.Add(position);
            plain.Add(position, default);
            while (Choose(3) == 0)
            {
                var (at, reason) = (plain.Keys.ElementAt(Choose(plain.Count)), (Reason)Choose(4));
                reasons.Add(at, reason);
                plain[at] = plain[at].With(reason);
            }
        }
        foreach (var (from, reason) in new[] { (120UL, Reason.NoRoot), (0UL, Reason.NoTrustedTime), (399UL, Reason.NotJudged), (400UL, Reason.Unreadable) })
        {
            var named = reasons.AddFrom(from, reason).SelectMany(s => Enumerable.Range((int)s.First, (int)(s.Last - s.First) + 1)).Select(i => (ulong)i);
            Assert.Equal(plain.Keys.Where(p => p >= from), named);
            foreach (var position in plain.Keys.Where(p => p >= from).ToList())
                plain[position] = plain[position].With(reason);
        }
        Assert.Equal(plain.Keys, reasons.Positions);
        Assert.All(plain, pair => Assert.Equal(pair.Value, reasons.Find(pair.Key)));
        Assert.Null(reasons.Find(120));
        Assert.Throws<ArgumentOutOfRangeException>(() => reasons.Add(120, Reason.Edited));
    }

    [Fact, Trait("pace", "thorough")]
    public void R11_a_long_transcript_is_read_in_bounded_memory()
    {
        // Mostly repetitions: the order ends, and every signature is verified all the same.
        using var world = new BundleWorld();
        var tampered = new Tampered(world, keys: false);
        tampered.Entries.AddRange(Enumerable.Repeat(tampered.Entries[3], 40_000));
        using var folder = new TemporaryDirectory();
        File.WriteAllBytes(folder["long.zip"], tampered.Write());
        tampered.Entries.Clear();
        using var bundle = File.OpenRead(folder["long.zip"]);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var watched = new Watched(() => GC.GetTotalMemory(forceFullCollection: true) - before);
        var verdict = BundleVerifier.Verify(bundle, Verified.Root, progress: watched);
        Assert.Equal((40_009UL, Verdict.Failed), (verdict.Size, verdict.Verdict));
        Assert.True(watched.Shares.SequenceEqual(watched.Shares.Order()) && watched.Shares is [.., 1], string.Join(' ', watched.Shares));
        // A batch of a thousand entries is held, however many there are.
        var (early, late) = (watched.Sizes.Take(watched.Sizes.Count / 4).Max(), watched.Sizes.Skip(watched.Sizes.Count / 2).Max());
        Assert.True(late < 20 << 20 && late - early < 2 << 20, $"{early} bytes, and later {late}");
    }

    private static Hash32 Numbered(ulong number, byte kind)
    {
        Span<byte> bytes = stackalloc byte[Hash32.Size];
        bytes.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, number);
        bytes[8] = kind;
        return new Hash32(bytes);
    }

    private sealed class Watched(Func<long> measure) : IProgress<double>
    {
        public List<double> Shares { get; } = [];
        public List<long> Sizes { get; } = [];

        public void Report(double share)
        {
            Shares.Add(share);
            Sizes.Add(measure());
        }
    }
}
