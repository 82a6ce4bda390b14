using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Countersign.Server.Tests;

/// <summary>Ledgers on real SQLite stores, without sockets, and conversations in them.</summary>
public abstract class LedgerScene : IAsyncDisposable
{
    private protected static readonly DeviceRecord[] Devices = [.. Enumerable.Range(0, 3).Select(static i => TestWorld.NewDevice("writer-" + i, i))];

    private protected readonly TemporaryDirectory Files = new();
    private readonly ServerMetrics _metrics = new();
    private protected readonly List<CommittedRun> Pushed = [];
    private readonly List<IAsyncDisposable> _open = [];
    private protected readonly TaskCompletionSource Gate = new(); // opened at the end, for a test that fails before it does so itself

    /// <summary>The newest ledger's.</summary>
    private protected HeadSigner Signer { get; private set; } = null!;

    private protected static DateTimeOffset Now => DateTimeOffset.UtcNow;

    private protected static EntryAuthor Author(int writer) => new(TestKeys.Get(writer), Devices[writer].Device);

    private protected static ServerLimits OnlyTheLastInMemory { get; } = new() { ConversationMemory = 0 };

    private protected SqliteStore Open()
    {
        var store = SqliteStore.Open(Files[$"{_open.Count}.db"], _metrics);
        _open.Insert(0, store);
        return store;
    }

    private protected Ledger NewLedger(IServerStore store, ServerLimits? limits = null, TimeProvider? clock = null)
    {
        var signer = Signer = new HeadSigner(TestKeys.Get(102), Hash32.Sha256([1]), new SigningClock(store, Devices[0].Chain.Leaf, clock ?? TimeProvider.System, NullLogger.Instance));
        var ledger = new Ledger(store, signer, Pushed.Add, limits ?? new ServerLimits(), _metrics);
        _open.InsertRange(0, [ledger, signer]);
        return ledger;
    }

    private protected static async Task<Acceptance> AppendAsync(Ledger ledger, Entry entry, DeviceRecord author)
    {
        var signed = SignedEntry.Verify(entry, TestWorld.Verify(author));
        var waiting = new Awaited(signed, new Known());
        await ledger.SubmitAsync(waiting, CancellationToken.None);
        return await waiting.Answer;
    }

    /// <summary>A conversation of all writers with an epoch: the founder's messages begin at seq 3.</summary>
    private protected static async Task<Talk> FoundAsync(Ledger ledger)
    {
        var author = Author(0);
        var genesis = author.Genesis("", Devices.Select(static d => new Member(d.User, d.Device)), Now);
        var founded = await AppendAsync(ledger, genesis, Devices[0]);
        using var key = EcPrivateKey.Generate();
        var copies = Devices.Select(device => new SealedCopy(
            device.Device, new PrekeyId(Hash32.Sha256([1])), HpkeSealed.Parse(key.Point.Span, new byte[SealedCopy.CiphertextSize])));
        var epoch = author.Epoch(new AuthorPlace(genesis.Conversation, 2, founded.Head.Head.Tree), Now, Hash32.Sha256([2]), copies);
        var accepted = await AppendAsync(ledger, epoch, Devices[0]);
        return new Talk(genesis.Conversation, epoch.Hash, accepted.Head.Head.Tree);
    }

    private protected static Entry Message(EntryAuthor author, Talk talk, ulong seq) =>
        author.Message(new AuthorPlace(talk.Id, seq, talk.Seen), Now, talk.Epoch, Hash32.Sha256([3])).Sign(new byte[80]);

    private protected sealed record Talk(ConversationId Id, EntryHash Epoch, TreeHead Seen);

    private sealed class Known : IDeviceDirectory
    {
        public VerifiedDevice? Find(DeviceId device) => Devices.FirstOrDefault(d => d.Device == device) is { } known ? TestWorld.Verify(known) : null;
    }

    public async ValueTask DisposeAsync()
    {
        Gate.TrySetResult();
        foreach (var part in _open)
        {
            await part.DisposeAsync();
            if (part is Ledger ledger)
                await ledger.Completion;
        }
        _metrics.Dispose();
        Files.Dispose();
    }
}
