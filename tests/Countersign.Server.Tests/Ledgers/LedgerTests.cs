using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Countersign.Server.Tests;

/// <summary>The ledger on a real SQLite store, without sockets.</summary>
public sealed class LedgerTests : IAsyncDisposable
{
    private static readonly DeviceRecord[] Devices = [.. Enumerable.Range(0, 3).Select(static i => TestWorld.NewDevice("writer-" + i, i))];

    private readonly TemporaryDirectory _directory = new();
    private readonly ServerMetrics _metrics = new();
    private readonly List<CommittedRun> _pushed = [];
    private readonly List<IAsyncDisposable> _open = [];
    private readonly TaskCompletionSource _gate = new(); // opened at the end, for a test that fails before it does so itself

    [Fact]
    public async Task TR_01_TR_02_many_authors_in_many_conversations_get_positions_without_holes()
    {
        var store = Open();
        var ledger = NewLedger(store);
        var talks = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => FoundAsync(ledger)));
        await Task.WhenAll(talks.SelectMany(talk => Devices[1..].Select(async (device, i) =>
        {
            var author = Author(i + 1);
            await AppendAsync(ledger, author.Join(new AuthorPlace(talk.Id, 1, talk.Seen), Now), device);
            for (ulong seq = 2; seq < 12; seq++)
                await AppendAsync(ledger, Message(author, talk, seq), device);
        })));
        foreach (var talk in talks)
        {
            var stored = await store.ReadEntriesAsync(talk.Id, 0, 100, int.MaxValue);
            Assert.Equal(2 + 2 * 11, stored.Count);
            var tree = new MerkleTree(stored.Select(static bytes => MerkleHash.Leaf(bytes.Span)));
            Assert.Equal(tree.Root, (await store.FindConversationAsync(talk.Id))!.Root);
        }
        foreach (var runs in _pushed.GroupBy(static run => run.Conversation))
        {
            ulong next = 0;
            foreach (var run in runs) // in the order of the commits
            {
                Assert.Equal(next, run.From);
                next += (ulong)run.Entries.Count;
                Assert.Equal(next, run.Head.Head.Size);
            }
        }
    }

    [Fact]
    public async Task What_is_submitted_together_is_committed_together_under_one_signature()
    {
        var ledger = NewLedger(Open());
        var talks = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => FoundAsync(ledger)));
        Assert.Equal(40, talks.Select(static talk => talk.Id).Distinct().Count());
        Assert.InRange(_pushed.Select(static run => Convert.ToHexString(run.Head.Batch.Bytes.Span)).Distinct().Count(), 1, 40);
        Assert.Contains(_pushed, static run => run.Head.Batch.Count > 1);
    }

    [Fact]
    public async Task TR_03_a_store_that_fails_accepts_nothing_tells_nobody_and_is_asked_again_later()
    {
        var store = new FailingStore(Open());
        var ledger = NewLedger(store);
        var talk = await FoundAsync(ledger);
        _pushed.Clear();
        var entry = Message(Author(0), talk, 3);
        store.Fails = true;
        var failed = await Assert.ThrowsAsync<StoreException>(() => AppendAsync(ledger, entry, Devices[0]));
        Assert.Equal(StoreFault.Unavailable, failed.Fault);
        Assert.Empty(_pushed);
        store.Fails = false;
        Assert.Equal(2ul, (await AppendAsync(ledger, entry, Devices[0])).Position);
        Assert.Single(_pushed);
    }

    [Fact]
    public async Task EN_07_a_write_that_failed_but_persisted_is_answered_like_the_first_time()
    {
        var store = new FailingStore(Open());
        var ledger = NewLedger(store);
        var talk = await FoundAsync(ledger);
        var entry = Message(Author(0), talk, 3);
        store.FailsAfterwards = true;
        await Assert.ThrowsAsync<StoreException>(() => AppendAsync(ledger, entry, Devices[0]));
        store.FailsAfterwards = false;
        Assert.Equal(2ul, (await AppendAsync(ledger, entry, Devices[0])).Position);
        Assert.Equal(3ul, (await store.FindConversationAsync(talk.Id))!.Size);
    }

    [Fact]
    public async Task SE_03_who_was_removed_is_pushed_nothing_late_that_came_after_it()
    {
        var store = new FailingStore(Open());
        var ledger = NewLedger(store);
        var talk = await FoundAsync(ledger);
        _pushed.Clear();
        store.FailsAfterwards = true;
        var removal = Author(0).Members(new AuthorPlace(talk.Id, 3, talk.Seen), Now, [], [Devices[2].Device]);
        var join = Author(1).Join(new AuthorPlace(talk.Id, 1, talk.Seen), Now);
        await Assert.ThrowsAsync<StoreException>(() => AppendAsync(ledger, removal, Devices[0]));
        await Assert.ThrowsAsync<StoreException>(() => AppendAsync(ledger, join, Devices[1]));
        store.FailsAfterwards = false;
        await AppendAsync(ledger, join, Devices[1]);
        var late = Assert.Single(_pushed);
        Assert.Equal((2ul, 2), (late.From, late.Entries.Count));
        Assert.Equal(Devices[..2].Select(static device => device.Device).Order(), late.Audience.Order());
    }

    [Fact]
    public async Task A_store_that_is_away_is_asked_once_for_all_that_wait_for_it_and_what_is_in_memory_goes_on()
    {
        const int Many = 30;
        var store = new FailingStore(Open());
        var talks = await Task.WhenAll(Enumerable.Range(0, Many).Select(_ => FoundAsync(NewLedger(store))));
        var ledger = NewLedger(store);
        var known = await FoundAsync(ledger);
        store.Gate = _gate.Task;
        var first = AppendAsync(ledger, Message(Author(0), known, 3), Devices[0]); // and the next commit waits
        store.FailsToFind = true;
        var others = talks.Select(talk => AppendAsync(ledger, Message(Author(0), talk, 3), Devices[0])).ToList();
        var second = AppendAsync(ledger, Message(Author(0), known, 4), Devices[0]);
        _gate.SetResult();
        await Task.WhenAll(first, second);
        foreach (var other in others)
            Assert.Equal(StoreFault.Unavailable, (await Assert.ThrowsAsync<StoreException>(() => other)).Fault);
        Assert.InRange(store.TimesNotFound, 1, 3);
    }

    [Fact]
    public async Task SE_04_a_write_that_failed_but_persisted_is_pushed_when_the_server_learns_of_it()
    {
        var store = new FailingStore(Open());
        var ledger = NewLedger(store);
        var talk = await FoundAsync(ledger);
        var removal = Author(0).Members(new AuthorPlace(talk.Id, 3, talk.Seen), Now, [], [Devices[2].Device]);
        _pushed.Clear();
        store.FailsAfterwards = true;
        await Assert.ThrowsAsync<StoreException>(() => AppendAsync(ledger, removal, Devices[0]));
        store.FailsAfterwards = false;
        Assert.Empty(_pushed);
        await AppendAsync(ledger, removal, Devices[0]);
        var late = Assert.Single(_pushed);
        Assert.Equal((2ul, 1, 3ul), (late.From, late.Entries.Count, late.Head.Head.Size));
        Assert.Equal(removal.Bytes.ToArray(), late.Entries[0].Bytes.ToArray());
        Assert.Contains(Devices[2].Device, late.Audience);
        await AppendAsync(ledger, removal, Devices[0]);
        Assert.Single(_pushed); // once
    }

    [Fact]
    public async Task Entries_that_wait_for_the_next_commit_take_no_place_from_other_conversations()
    {
        const int Changes = 40;
        var store = new FailingStore(Open());
        var ledger = NewLedger(store, new ServerLimits { EntriesPerCommit = 8 });
        var (slow, other) = (await FoundAsync(ledger), await FoundAsync(ledger));
        var tree = new MerkleFrontier();
        foreach (var bytes in await store.ReadEntriesAsync(slow.Id, 0, 2, int.MaxValue))
            tree.Append(MerkleHash.Leaf(bytes.Span));
        var changes = new List<Entry>();
        for (ulong seq = 3; seq < 3 + Changes; seq++)
        {
            var place = new AuthorPlace(slow.Id, seq, new TreeHead(tree.Size, tree.Root));
            changes.Add(seq % 2 == 1
                ? Author(0).Members(place, Now, [], [Devices[2].Device])
                : Author(0).Members(place, Now, [new Member(Devices[2].User, Devices[2].Device)], []));
            tree.Append(changes[^1].LeafHash);
        }
        store.Gate = _gate.Task;
        var message = AppendAsync(ledger, Message(Author(0), other, 3), Devices[0]); // and the next commit waits
        var all = changes.ConvertAll(entry => AppendAsync(ledger, entry, Devices[0]));
        var later = AppendAsync(ledger, Message(Author(0), other, 4), Devices[0]);
        _pushed.Clear();
        _gate.SetResult();
        await Task.WhenAll([message, later, .. all]);
        var before = _pushed.TakeWhile(run => run.Conversation != other.Id || run.From + (ulong)run.Entries.Count < 4).ToList();
        Assert.InRange(before.Count(run => run.Conversation == slow.Id), 0, 3);
        Assert.Equal(Changes, _pushed.Where(run => run.Conversation == slow.Id).Sum(static run => run.Entries.Count));
    }

    [Fact]
    public async Task What_is_pushed_does_not_keep_a_record_of_which_it_is_a_small_part()
    {
        var ledger = NewLedger(Open());
        var talk = await FoundAsync(ledger);
        _pushed.Clear();
        foreach (var (seq, record) in ((ulong, int)[])[(3, 1_500), (4, 250_000)])
        {
            var bytes = Message(Author(0), talk, seq).Bytes.ToArray();
            var received = new byte[record];
            bytes.CopyTo(received, 100);
            await AppendAsync(ledger, Entry.Parse(received.AsMemory(100, bytes.Length)), Devices[0]);
            Assert.Equal(bytes, _pushed[^1].Entries[0].Bytes.ToArray());
        }
        Assert.All(_pushed, static run =>
        {
            Assert.True(System.Runtime.InteropServices.MemoryMarshal.TryGetArray(run.Entries[0].Bytes, out var kept));
            Assert.InRange(kept.Array!.Length, 1, 1_500);
        });
    }

    [Fact]
    public async Task RC_10_nothing_is_taken_while_the_clock_is_behind_what_was_signed_also_after_a_restart()
    {
        var (store, clock) = (Open(), new SetClock());
        var ledger = NewLedger(store, clock: clock);
        var talk = await FoundAsync(ledger);
        clock.Lead = TimeSpan.FromMinutes(10);
        await AppendAsync(ledger, Message(Author(0), talk, 3), Devices[0]);
        clock.Lead = TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(50);
        await AppendAsync(ledger, Message(Author(0), talk, 4), Devices[0]);
        clock.Lead = TimeSpan.Zero;
        foreach (var running in new[] { ledger, NewLedger(store, clock: clock) })
        {
            var failed = await Assert.ThrowsAsync<StoreException>(() => AppendAsync(running, Message(Author(0), talk, 5), Devices[0]));
            Assert.Equal(StoreFault.Unavailable, failed.Fault);
        }
        Assert.Equal(4ul, (await store.FindConversationAsync(talk.Id))!.Size);
        clock.Lead = TimeSpan.FromMinutes(11);
        await AppendAsync(ledger, Message(Author(0), talk, 5), Devices[0]);
        clock.Lead = TimeSpan.FromDays(4000); // its certificate has long run out
        await Assert.ThrowsAsync<StoreException>(() => AppendAsync(ledger, Message(Author(0), talk, 6), Devices[0]));
        clock.Lead = TimeSpan.FromMinutes(11);
        await AppendAsync(ledger, Message(Author(0), talk, 6), Devices[0]);
    }

    [Fact]
    public async Task EN_07_an_old_entry_comes_again_at_any_moment_and_is_told_from_a_new_one()
    {
        const ulong Back = 200;
        var ledger = NewLedger(Open());
        var talk = await FoundAsync(ledger);
        var messages = new List<Entry>();
        for (ulong seq = 3; seq < 400; seq++)
        {
            messages.Add(Message(Author(0), talk, seq));
            if (seq > Back + 3)
                Assert.Equal(seq - Back - 1, (await AppendAsync(ledger, messages[^(int)(Back + 1)], Devices[0])).Position);
            Assert.Equal(seq - 1, (await AppendAsync(ledger, messages[^1], Devices[0])).Position);
        }
    }

    [Fact]
    public async Task A_conversation_that_was_evicted_continues_from_its_snapshot_and_what_came_after()
    {
        var store = Open();
        var ledger = NewLedger(store, new ServerLimits { CachedConversations = 1 });
        var (a, b) = (await FoundAsync(ledger), await FoundAsync(ledger));
        for (ulong seq = 3; seq < 140; seq++)
            Assert.Equal(seq - 1, (await AppendAsync(ledger, Message(Author(0), a, seq), Devices[0])).Position);
        await AppendAsync(ledger, Message(Author(0), b, 3), Devices[0]);
        Assert.InRange((await store.FindConversationAsync(a.Id))!.SnapshotSize, 100ul, 139ul);
        Assert.Equal(139ul, (await AppendAsync(ledger, Message(Author(0), a, 140), Devices[0])).Position);
        var old = Assert.ThrowsAsync<EntryRefusedException>(() => AppendAsync(ledger, Message(Author(0), a, 9), Devices[0]));
        Assert.Equal(EntryFault.Replay, (await old).Fault);
    }

    [Fact]
    public async Task A_conversation_that_is_evicted_again_and_again_gets_snapshots_so_that_loading_it_does_not_cost_more_each_time()
    {
        var store = Open();
        var ledger = NewLedger(store, new ServerLimits { CachedConversations = 1 });
        var (a, b) = (await FoundAsync(ledger), await FoundAsync(ledger));
        for (ulong seq = 3; seq < 60; seq++)
            foreach (var talk in (Talk[])[a, b])
            {
                Assert.Equal(seq - 1, (await AppendAsync(ledger, Message(Author(0), talk, seq), Devices[0])).Position);
                var record = (await store.FindConversationAsync(talk.Id))!;
                Assert.InRange(record.Size - record.SnapshotSize, 0ul, 5ul);
            }
    }

    [Theory]
    [InlineData("DELETE FROM entries WHERE position = 3")]
    [InlineData("DELETE FROM entries WHERE position = 4")]
    [InlineData("UPDATE entries SET bytes = (SELECT bytes FROM entries WHERE position = 2) WHERE position = 3")]
    public async Task A_conversation_whose_stored_entries_do_not_lead_to_its_root_takes_nothing_more(string damage)
    {
        var store = Open();
        var ledger = NewLedger(store, new ServerLimits { CachedConversations = 1 });
        var talk = await FoundAsync(ledger);
        for (ulong seq = 3; seq < 6; seq++)
            await AppendAsync(ledger, Message(Author(0), talk, seq), Devices[0]);
        using (var session = new SqliteSession(_directory["0.db"], Microsoft.Data.Sqlite.SqliteOpenMode.ReadWrite))
            session.Execute(damage);
        await FoundAsync(ledger); // and the first is not in memory any more
        var failed = await Assert.ThrowsAsync<StoreException>(() => AppendAsync(ledger, Message(Author(0), talk, 6), Devices[0]));
        Assert.Equal(StoreFault.Damaged, failed.Fault);
    }

    [Fact]
    public async Task EN_07_the_same_bytes_twice_in_one_commit_get_one_place()
    {
        var ledger = NewLedger(Open());
        var talk = await FoundAsync(ledger);
        var entry = Message(Author(0), talk, 3);
        var places = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => AppendAsync(ledger, entry, Devices[0])));
        Assert.All(places, static place => Assert.Equal(2ul, place.Position));
        Assert.Equal(3, _pushed.Sum(static run => run.Entries.Count));
    }

    [Fact]
    public async Task EN_09_a_head_within_the_commit_under_way_is_judged_like_any_other()
    {
        const int Together = 300;
        var store = new FailingStore(Open());
        var ledger = NewLedger(store);
        var talk = await FoundAsync(ledger);
        var author = Author(0);
        store.Gate = _gate.Task;
        var entries = Enumerable.Range(3, Together).Select(seq => Message(author, talk, (ulong)seq)).ToList();
        var submitted = entries.Select(entry => AppendAsync(ledger, entry, Devices[0])).ToList();
        var stored = await store.ReadEntriesAsync(talk.Id, 0, 2, int.MaxValue);
        var tree = new MerkleTree([.. stored.Select(static bytes => MerkleHash.Leaf(bytes.Span)), .. entries.Select(static entry => entry.LeafHash)]);
        const ulong Next = Together + 3;
        var wrong = AppendAsync(ledger, Message(author, talk with { Seen = new TreeHead(11, Hash32.Sha256([4])) }, Next), Devices[0]);
        var right = AppendAsync(ledger, Message(author, talk with { Seen = new TreeHead(11, tree.RootAt(11)) }, Next), Devices[0]);
        _gate.SetResult();
        await Task.WhenAll(submitted);
        Assert.Equal(EntryFault.BadSeen, (await Assert.ThrowsAsync<EntryRefusedException>(() => wrong)).Fault);
        Assert.Equal(Together + 2ul, (await right).Position);
        Assert.Equal(tree.RootAt(11), await store.RootAtAsync(talk.Id, 11));
    }

    [Fact]
    public async Task SE_03_RC_09_a_change_of_members_ends_the_run_so_that_the_removed_one_gets_nothing_after_it()
    {
        var store = new FailingStore(Open());
        var ledger = NewLedger(store);
        var talk = await FoundAsync(ledger);
        store.Gate = _gate.Task;
        var author = Author(0);
        var removal = author.Members(new AuthorPlace(talk.Id, 4, talk.Seen), Now, [], [Devices[2].Device]);
        var submitted = new List<Task<Acceptance>>();
        foreach (var entry in new[] { Message(author, talk, 3), removal, Message(author, talk, 5) })
            submitted.Add(AppendAsync(ledger, entry, Devices[0]));
        _gate.SetResult(); // the first may be on its way alone: the other two are judged together
        Assert.Equal([2ul, 3ul, 4ul], (await Task.WhenAll(submitted)).Select(static accepted => accepted.Position));
        var last = _pushed[^1];
        Assert.Equal(4ul, last.From);
        Assert.DoesNotContain(Devices[2].Device, last.Audience);
        Assert.Equal(removal.Bytes.ToArray(), _pushed[^2].Entries[^1].Bytes.ToArray());
        Assert.Contains(Devices[2].Device, _pushed[^2].Audience);
    }

    private static DateTimeOffset Now => DateTimeOffset.UtcNow;

    private static EntryAuthor Author(int writer) => new(TestKeys.Get(writer), Devices[writer].Device);

    private SqliteStore Open()
    {
        var store = SqliteStore.Open(_directory[$"{_open.Count}.db"], _metrics);
        _open.Insert(0, store);
        return store;
    }

    private Ledger NewLedger(IServerStore store, ServerLimits? limits = null, TimeProvider? clock = null)
    {
        var signer = new HeadSigner(TestKeys.Get(102), Hash32.Sha256([1]), new SigningClock(store, Devices[0].Chain.Leaf, clock ?? TimeProvider.System, NullLogger.Instance));
        var ledger = new Ledger(store, signer, _pushed.Add, TimeProvider.System, limits ?? new ServerLimits(), _metrics);
        _open.InsertRange(0, [ledger, signer]);
        return ledger;
    }

    private static async Task<Acceptance> AppendAsync(Ledger ledger, Entry entry, DeviceRecord author)
    {
        var signed = SignedEntry.Verify(entry, TestWorld.Verify(author));
        var waiting = new Awaited(signed, new Known());
        await ledger.SubmitAsync(waiting, CancellationToken.None);
        return await waiting.Answer;
    }

    /// <summary>A conversation of all writers with an epoch: the founder's messages begin at seq 3.</summary>
    private static async Task<Talk> FoundAsync(Ledger ledger)
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

    private static Entry Message(EntryAuthor author, Talk talk, ulong seq) =>
        author.Message(new AuthorPlace(talk.Id, seq, talk.Seen), Now, talk.Epoch, Hash32.Sha256([3])).Sign(new byte[80]);

    private sealed record Talk(ConversationId Id, EntryHash Epoch, TreeHead Seen);

    private sealed class Known : IDeviceDirectory
    {
        public VerifiedDevice? Find(DeviceId device) => Devices.FirstOrDefault(d => d.Device == device) is { } known ? TestWorld.Verify(known) : null;
    }

    public async ValueTask DisposeAsync()
    {
        _gate.TrySetResult();
        foreach (var part in _open)
        {
            await part.DisposeAsync();
            if (part is Ledger ledger)
                await ledger.Completion;
        }
        _metrics.Dispose();
        _directory.Dispose();
    }
}
