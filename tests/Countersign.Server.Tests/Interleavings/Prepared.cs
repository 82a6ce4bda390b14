using System.Collections.Concurrent;
using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Testing;

namespace Countersign.Server.Tests;

/// <summary>What all interleavings share, because signing it costs most: devices, the server's certificate, a conversation's
/// beginning, and messages that were written right after it. Signatures are proved once for each entry, too.</summary>
internal sealed class Prepared : IDeviceDirectory
{
    public const int Devices = 3;

    /// <summary>Messages of each device that are signed ahead.</summary>
    private const int Ahead = 6;

    private readonly VerifiedDevice[] _devices;
    private readonly ConcurrentDictionary<EntryHash, SignedEntry> _signed = new();

    public Prepared()
    {
        var records = Enumerable.Range(0, Devices).Select(i => TestWorld.NewDevice("member-" + i, i)).ToArray();
        _devices = [.. records.Select(TestWorld.Verify)];
        Authors = [.. records.Select((record, i) => new EntryAuthor(TestKeys.Get(i), record.Device))];
        Members = [.. records.Select(record => new Member(record.User, record.Device))];
        var server = TestWorld.Issuing.IssueServer([TestWorld.Name], CertificationRequest.Create(TestKeys.Get(102)));
        Server = PathValidator.ValidateServer(server, TrustAnchor.FromCertificate(TestWorld.Root.Certificate),
            new RevocationSet(TestWorld.Issuing.RevocationLists()), TestWorld.Name, DateTimeOffset.UtcNow);
        Certificates = [TestWorld.Root.Certificate, TestWorld.Issuing.ChainOf(server.Leaf).Certificates[1], server.Leaf, .. _devices.Select(d => d.Leaf)];
        Beginning = Begin();
        Messages = [.. Authors.Select((author, i) => Enumerable.Range(0, Ahead).Select(n => Sign(
            author.Message(new AuthorPlace(Conversation, (ulong)n + (i == 0 ? 3UL : 2UL), Seen), Now, Epoch, MerkleHash.Empty).Sign(new byte[80]))).ToArray())];
    }

    public EntryAuthor[] Authors { get; }
    public Member[] Members { get; }
    public VerifiedServer Server { get; }
    public Certificate[] Certificates { get; }
    public ConversationId Conversation => Beginning[0].Entry.Conversation;

    /// <summary>Genesis, the others' joins, epoch.</summary>
    public SignedEntry[] Beginning { get; }

    /// <summary>Of each device: its first messages, in order, written with the beginning on screen.</summary>
    public SignedEntry[][] Messages { get; }

    private EntryHash Epoch => Beginning[^1].Entry.Hash;
    private TreeHead Seen { get; set; }

    public static DateTimeOffset Now => DateTimeOffset.UtcNow;

    public VerifiedDevice? Find(DeviceId device) => _devices.FirstOrDefault(d => d.Leaf.Fingerprint == device.Value);

    /// <summary>With its signature proved, by whoever asks first.</summary>
    public SignedEntry Sign(Entry entry) => _signed.GetOrAdd(entry.Hash, _ => SignedEntry.Verify(entry, Find(entry.Author)!));

    /// <summary>Forgets what one interleaving alone had.</summary>
    public void Forget(Entry entry) => _signed.TryRemove(entry.Hash, out _);

    public Entry NewEpoch(EntryAuthor author, AuthorPlace place, IEnumerable<DeviceId> devices) =>
        author.Epoch(place, Now, MerkleHash.Empty, devices.Select(device =>
            new SealedCopy(device, new PrekeyId(Hash32.Sha256([1])), HpkeSealed.Parse(Point.Value.Span, new byte[SealedCopy.CiphertextSize]))));

    private static Lazy<EcPoint> Point { get; } = new(() =>
    {
        using var key = EcPrivateKey.Generate();
        return key.Point;
    });

    private SignedEntry[] Begin()
    {
        var tree = new MerkleFrontier();
        var entries = new List<SignedEntry>();
        void Take(Entry entry)
        {
            entries.Add(Sign(entry));
            tree.Append(entry.LeafHash);
        }
        var genesis = Authors[0].Genesis("", Members, Now);
        AuthorPlace Place(ulong seq) => new(genesis.Conversation, seq, new TreeHead(tree.Size, tree.Root));
        Take(genesis);
        foreach (var author in Authors[1..])
            Take(author.Join(Place(1), Now));
        Take(NewEpoch(Authors[0], Place(2), Members.Select(m => m.Device)));
        Seen = new TreeHead(tree.Size, tree.Root);
        return [.. entries];
    }
}
