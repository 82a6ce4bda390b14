using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Testing;

namespace Countersign.Server.Tests;

/// <summary>The ledger on a real SQLite store.</summary>
public sealed class LedgerTests : LedgerScene
{
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
        foreach (var runs in Pushed.GroupBy(static run => run.Conversation))
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
        Assert.InRange(Pushed.Select(static run => Convert.ToHexString(run.Head.Batch.Bytes.Span)).Distinct().Count(), 1, 40);
        Assert.Contains(Pushed, static run => run.Head.Batch.Count > 1);
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
        store.Gate = Gate.Task;
        var message = AppendAsync(ledger, Message(Author(0), other, 3), Devices[0]); // and the next commit waits
        var all = changes.ConvertAll(entry => AppendAsync(ledger, entry, Devices[0]));
        var later = AppendAsync(ledger, Message(Author(0), other, 4), Devices[0]);
        Pushed.Clear();
        Gate.SetResult();
        await Task.WhenAll([message, later, .. all]);
        var before = Pushed.TakeWhile(run => run.Conversation != other.Id || run.From + (ulong)run.Entries.Count < 4).ToList();
        Assert.InRange(before.Count(run => run.Conversation == slow.Id), 0, 3);
        Assert.Equal(Changes, Pushed.Where(run => run.Conversation == slow.Id).Sum(static run => run.Entries.Count));
    }

    [Fact]
    public async Task What_is_pushed_does_not_keep_a_record_of_which_it_is_a_small_part()
    {
        var ledger = NewLedger(Open());
        var talk = await FoundAsync(ledger);
        Pushed.Clear();
        foreach (var (seq, record) in ((ulong, int)[])[(3, 1_500), (4, 250_000)])
        {
            var bytes = Message(Author(0), talk, seq).Bytes.ToArray();
            var received = new byte[record];
            bytes.CopyTo(received, 100);
            await AppendAsync(ledger, Entry.Parse(received.AsMemory(100, bytes.Length)), Devices[0]);
            Assert.Equal(bytes, Pushed[^1].Entries[0].Bytes.ToArray());
        }
        Assert.All(Pushed, static run =>
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
    public async Task RC_10_a_head_is_not_signed_with_a_time_long_before_that_by_which_its_entry_was_judged()
    {
        var (store, clock) = (Open(), new SetClock());
        var ledger = NewLedger(store, clock: clock);
        var talk = await FoundAsync(ledger);
        var message = Message(Author(0), talk, 3);
        clock.LeadOnce(TimeSpan.Zero, TimeSpan.FromMinutes(10)); // as the round begins, and as the entry is judged; then it is set back
        var failed = await Assert.ThrowsAsync<StoreException>(() => AppendAsync(ledger, message, Devices[0]));
        Assert.Equal(StoreFault.Unavailable, failed.Fault);

        clock.Lead = TimeSpan.FromMinutes(10);
        var accepted = await AppendAsync(ledger, message, Devices[0]);
        Assert.Equal((2ul, true), (accepted.Position, accepted.Head.Batch.Time > Now.AddMinutes(9)));
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
        var ledger = NewLedger(store, OnlyTheLastInMemory);
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
        var ledger = NewLedger(store, OnlyTheLastInMemory);
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
        var ledger = NewLedger(store, OnlyTheLastInMemory);
        var talk = await FoundAsync(ledger);
        for (ulong seq = 3; seq < 6; seq++)
            await AppendAsync(ledger, Message(Author(0), talk, seq), Devices[0]);
        using (var session = new SqliteSession(Files["0.db"], Microsoft.Data.Sqlite.SqliteOpenMode.ReadWrite))
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
        Assert.Equal(3, Pushed.Sum(static run => run.Entries.Count));
    }

    [Fact]
    public async Task EN_09_a_head_within_the_commit_under_way_is_judged_like_any_other()
    {
        const int Together = 300;
        var store = new FailingStore(Open());
        var ledger = NewLedger(store);
        var talk = await FoundAsync(ledger);
        var author = Author(0);
        store.Gate = Gate.Task;
        var entries = Enumerable.Range(3, Together).Select(seq => Message(author, talk, (ulong)seq)).ToList();
        var submitted = entries.Select(entry => AppendAsync(ledger, entry, Devices[0])).ToList();
        var stored = await store.ReadEntriesAsync(talk.Id, 0, 2, int.MaxValue);
        var tree = new MerkleTree([.. stored.Select(static bytes => MerkleHash.Leaf(bytes.Span)), .. entries.Select(static entry => entry.LeafHash)]);
        const ulong Next = Together + 3;
        var wrong = AppendAsync(ledger, Message(author, talk with { Seen = new TreeHead(11, Hash32.Sha256([4])) }, Next), Devices[0]);
        var right = AppendAsync(ledger, Message(author, talk with { Seen = new TreeHead(11, tree.RootAt(11)) }, Next), Devices[0]);
        Gate.SetResult();
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
        store.Gate = Gate.Task;
        var author = Author(0);
        var removal = author.Members(new AuthorPlace(talk.Id, 4, talk.Seen), Now, [], [Devices[2].Device]);
        var submitted = new List<Task<Acceptance>>();
        foreach (var entry in new[] { Message(author, talk, 3), removal, Message(author, talk, 5) })
            submitted.Add(AppendAsync(ledger, entry, Devices[0]));
        Gate.SetResult(); // the first may be on its way alone: the other two are judged together
        Assert.Equal([2ul, 3ul, 4ul], (await Task.WhenAll(submitted)).Select(static accepted => accepted.Position));
        var last = Pushed[^1];
        Assert.Equal(4ul, last.From);
        Assert.DoesNotContain(Devices[2].Device, last.Audience);
        Assert.Equal(removal.Bytes.ToArray(), Pushed[^2].Entries[^1].Bytes.ToArray());
        Assert.Contains(Devices[2].Device, Pushed[^2].Audience);
    }
}
