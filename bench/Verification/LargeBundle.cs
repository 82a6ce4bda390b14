using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;
using Countersign.Authority;
using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Bench;

/// <summary>Makes an honest bundle of any length: two devices that talk by turns, a head every <see cref="HeadEvery"/> entries, a
/// stamp and final receipts at the end, nothing disclosed. Signing is what takes the time, and runs on all cores.</summary>
internal sealed class LargeBundle : IDisposable
{
    private const int HeadEvery = 10_000;

    /// <summary>Entries that are written with the same head on screen, so that they can be signed at once.</summary>
    private const int Block = 256;

    private readonly DateTimeOffset _start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly SettableClock _clock;
    private readonly CertificateAuthority _root;
    private readonly SigningKey _serverKey;
    private readonly Certificate _server;
    private readonly SigningKey _stampKey;
    private readonly TimeStampAuthority _stamper;
    private readonly Device[] _devices;
    private readonly MerkleFrontier _tree = new();
    private readonly List<SignedHead> _heads = [];
    private readonly FileStream _entries;
    private ConversationId _conversation;
    private EntryHash _epoch;

    private LargeBundle(int bits, string scratch)
    {
        _clock = new SettableClock { Time = _start.AddDays(-1) };
        var keys = new SigningKey[5];
        Parallel.For(0, keys.Length, i => keys[i] = SigningKey.Generate(bits));
        _root = AuthorityStore.CreateRootInMemory("Bench Root", keys[0], _clock);
        (_serverKey, _stampKey) = (keys[1], keys[2]);
        _server = _root.IssueServer([ServerName.Parse("server.local")], CertificationRequest.Create(_serverKey));
        var authority = _root.IssueTimeStampAuthority("time", CertificationRequest.Create(_stampKey), TimeSpan.FromDays(500));
        _stamper = TimeStampAuthority.CreateInMemory(new CertificateChain([authority]), _stampKey, _clock, TimeSpan.Zero);
        _devices = [new Device(_root, "alice", keys[3]), new Device(_root, "bob", keys[4])];
        RevocationLists = [_root.MakeRevocationList()];
        _clock.Time = _start;
        _entries = new FileStream(scratch, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 20, FileOptions.DeleteOnClose);
    }

    private IReadOnlyList<CertificateRevocationList> RevocationLists { get; }

    public static int Make(string file, int entries, int bits)
    {
        var watch = Stopwatch.StartNew();
        using var bundle = new LargeBundle(bits, file + ".entries");
        File.WriteAllText(file + ".pem", bundle._root.Certificate.ToPem());
        using var output = new FileStream(file, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 20);
        bundle.Write(entries, output);
        Console.WriteLine($"{file}: {entries} entries, {output.Length} bytes, RSA-{bits}, {watch.Elapsed.TotalSeconds:F0} s");
        return 0;
    }

    private void Write(int entries, Stream output)
    {
        Begin();
        while (_tree.Size < (ulong)entries - 1)
            Talk((int)Math.Min(Block, (ulong)entries - 1 - _tree.Size));
        Take(_devices[0].Author.Close(Place(_devices[0]), _clock.Time));
        SignHead();
        var last = _heads[^1];
        var request = TimeStampRequest.For(last.Batch.Bytes.Span);
        BundleBuilder.Write(new BundleContents
        {
            Conversation = _conversation,
            Entries = ReadBack(),
            Heads = _heads,
            Stamps = [new StampedHead(last, request.ReadResponse(_stamper.Respond(request.Encode())))],
            Receipts = [.. _devices.Select(d => Receipt.Sign(d.Key, d.Id, ReceiptKind.Final, last.Head, _clock.Time))],
            Certificates = [_root.Certificate, _server, .. _devices.Select(d => d.Certificate)],
            RevocationLists = RevocationLists,
        }, output);
    }

    private void Begin()
    {
        var genesis = _devices[0].Author.Genesis("bench", _devices.Select(d => new Member(d.User, d.Id)), _clock.Time);
        _conversation = genesis.Conversation;
        Take(genesis);
        Take(_devices[1].Author.Join(Place(_devices[1]), _clock.Time));
        using var key = EcPrivateKey.Generate();
        var copy = Hpke.Seal(key.Point, [], [], new byte[32]);
        var epoch = _devices[0].Author.Epoch(Place(_devices[0]), _clock.Time, MerkleHash.Empty,
            _devices.Select(d => new SealedCopy(d.Id, new PrekeyId(d.Id.Value), copy)));
        _epoch = epoch.Hash;
        Take(epoch);
    }

    // Messages of 64 padded bytes with a ciphertext that nobody opens: what it says plays no part here.
    private void Talk(int count)
    {
        var seen = new TreeHead(_tree.Size, _tree.Root);
        var authors = Enumerable.Range(0, count).Select(i => _devices[i % _devices.Length]).ToArray();
        var places = authors.Select(author => new AuthorPlace(_conversation, ++author.Seq, seen)).ToArray();
        var signed = new Entry[count];
        Parallel.For(0, count, i =>
        {
            var draft = authors[i].Author.Message(places[i], _clock.Time.AddMilliseconds(i), _epoch, MerkleHash.Empty);
            signed[i] = draft.Sign(RandomNumberGenerator.GetBytes(64 + MessageCipher.Overhead));
        });
        _clock.Time += TimeSpan.FromMilliseconds(count);
        foreach (var entry in signed)
            Append(entry);
    }

    private AuthorPlace Place(Device author) => new(_conversation, author.Seq + 1, new TreeHead(_tree.Size, _tree.Root));

    private void Take(Entry entry)
    {
        _devices.Single(d => d.Id == entry.Author).Seq = entry.Seq;
        _clock.Time += TimeSpan.FromSeconds(1);
        Append(entry);
    }

    private void Append(Entry entry)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, entry.Bytes.Length);
        _entries.Write(length);
        _entries.Write(entry.Bytes.Span);
        _tree.Append(entry.LeafHash);
        if (_tree.Size % HeadEvery == 0)
            SignHead();
    }

    private void SignHead() =>
        _heads.AddRange(HeadBatch.Sign(_serverKey, _server.Fingerprint, [new Head(_conversation, _tree.Size, _tree.Root)], _clock.Time));

    private IEnumerable<ReadOnlyMemory<byte>> ReadBack()
    {
        _entries.Position = 0;
        var length = new byte[4];
        while (_entries.ReadAtLeast(length, 4, throwOnEndOfStream: false) == 4)
        {
            var entry = new byte[BinaryPrimitives.ReadInt32LittleEndian(length)];
            _entries.ReadExactly(entry);
            yield return entry;
        }
    }

    public void Dispose()
    {
        _entries.Dispose();
        _stamper.Dispose();
        _root.Dispose();
        _serverKey.Dispose();
        foreach (var device in _devices)
            device.Key.Dispose();
    }

    private sealed class Device
    {
        public Device(CertificateAuthority root, string user, SigningKey key)
        {
            (Key, User) = (key, UserName.Parse(user));
            Certificate = root.IssueDevice(User, CertificationRequest.Create(key));
            Id = new DeviceId(Certificate.Fingerprint);
            Author = new EntryAuthor(key, Id);
        }

        public SigningKey Key { get; }
        public UserName User { get; }
        public Certificate Certificate { get; }
        public DeviceId Id { get; }
        public EntryAuthor Author { get; }
        public ulong Seq { get; set; }
    }

    private sealed class SettableClock : TimeProvider
    {
        public DateTimeOffset Time { get; set; }

        public override DateTimeOffset GetUtcNow() => Time;
    }
}
