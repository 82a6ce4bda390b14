using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Testing;

namespace Countersign.Server.Tests;

/// <summary>The ledger on a store that fails, and what it says and pushes when the store has come back.</summary>
public sealed class LedgerFailureTests : LedgerScene
{
    [Fact]
    public async Task TR_03_a_store_that_fails_accepts_nothing_tells_nobody_and_is_asked_again_later()
    {
        var store = new FailingStore(Open());
        var ledger = NewLedger(store);
        var talk = await FoundAsync(ledger);
        Pushed.Clear();
        var entry = Message(Author(0), talk, 3);
        store.Fails = true;
        var failed = await Assert.ThrowsAsync<StoreException>(() => AppendAsync(ledger, entry, Devices[0]));
        Assert.Equal(StoreFault.Unavailable, failed.Fault);
        Assert.Empty(Pushed);
        store.Fails = false;
        Assert.Equal(2ul, (await AppendAsync(ledger, entry, Devices[0])).Position);
        Assert.Single(Pushed);
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
        Pushed.Clear();
        store.FailsAfterwards = true;
        var removal = Author(0).Members(new AuthorPlace(talk.Id, 3, talk.Seen), Now, [], [Devices[2].Device]);
        var join = Author(1).Join(new AuthorPlace(talk.Id, 1, talk.Seen), Now);
        await Assert.ThrowsAsync<StoreException>(() => AppendAsync(ledger, removal, Devices[0]));
        await Assert.ThrowsAsync<StoreException>(() => AppendAsync(ledger, join, Devices[1]));
        store.FailsAfterwards = false;
        await AppendAsync(ledger, join, Devices[1]);
        var late = Assert.Single(Pushed);
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
        store.Gate = Gate.Task;
        var first = AppendAsync(ledger, Message(Author(0), known, 3), Devices[0]); // and the next commit waits
        store.FailsToFind = true;
        var others = talks.Select(talk => AppendAsync(ledger, Message(Author(0), talk, 3), Devices[0])).ToList();
        var second = AppendAsync(ledger, Message(Author(0), known, 4), Devices[0]);
        Gate.SetResult();
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
        Pushed.Clear();
        store.FailsAfterwards = true;
        await Assert.ThrowsAsync<StoreException>(() => AppendAsync(ledger, removal, Devices[0]));
        store.FailsAfterwards = false;
        Assert.Empty(Pushed);
        await AppendAsync(ledger, removal, Devices[0]);
        var late = Assert.Single(Pushed);
        Assert.Equal((2ul, 1, 3ul), (late.From, late.Entries.Count, late.Head.Head.Size));
        Assert.Equal(removal.Bytes.ToArray(), late.Entries[0].Bytes.ToArray());
        Assert.Contains(Devices[2].Device, late.Audience);
        await AppendAsync(ledger, removal, Devices[0]);
        Assert.Single(Pushed); // once
    }

    [Fact]
    public async Task SE_04_what_is_to_be_pushed_late_is_not_lost_when_its_conversation_makes_room_in_memory_before()
    {
        var store = new FailingStore(Open());
        var ledger = NewLedger(store, OnlyTheLastInMemory);
        var (talk, other) = (await FoundAsync(ledger), await FoundAsync(ledger));
        store.FailsAfterwards = true;
        await Assert.ThrowsAsync<StoreException>(() => AppendAsync(ledger, Message(Author(0), talk, 3), Devices[0]));
        store.FailsAfterwards = false;
        await Assert.ThrowsAsync<EntryRefusedException>(() => AppendAsync(ledger, Message(Author(0), talk, 9), Devices[0])); // it is loaded, and nothing is committed
        await AppendAsync(ledger, Message(Author(0), other, 3), Devices[0]);
        Pushed.Clear();
        for (ulong seq = 4; seq < 6; seq++)
            await AppendAsync(ledger, Message(Author(0), talk, seq), Devices[0]);
        Assert.Equal([2ul, 3ul, 4ul], Pushed.Select(static run => run.From));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // the write persisted, and nobody knew
    public async Task RC_10_a_head_that_was_signed_for_a_commit_that_failed_is_not_given_out_when_the_same_entry_is_accepted_later(bool persists)
    {
        var clock = new SetClock();
        var store = new FailingStore(Open());
        var ledger = NewLedger(store, clock: clock);
        var talk = await FoundAsync(ledger);
        var entry = Message(Author(0), talk, 3);
        (store.Fails, store.FailsAfterwards) = (!persists, persists);
        await Assert.ThrowsAsync<StoreException>(() => AppendAsync(ledger, entry, Devices[0]));
        (store.Fails, store.FailsAfterwards) = (false, false);
        clock.Lead = TimeSpan.FromHours(10);
        var smaller = await Signer.SignAsync(new Head(talk.Id, talk.Seen.Size, Hash32.Sha256([9]))); // one that is not kept: signed now, as by the stamper
        var accepted = await AppendAsync(ledger, entry, Devices[0]);
        Assert.Equal(3ul, accepted.Head.Head.Size);
        Assert.InRange(accepted.Head.Batch.Time, smaller.Batch.Time, clock.GetUtcNow());
    }

    [Fact]
    public async Task RC_10_a_commit_that_took_long_is_answered_with_a_head_no_older_than_smaller_ones_that_were_signed_meanwhile()
    {
        var clock = new SetClock();
        var store = new FailingStore(Open());
        var ledger = NewLedger(store, clock: clock);
        var talk = await FoundAsync(ledger);
        store.Gate = Gate.Task;
        var asked = int.MaxValue;
        store.Appending = _ => asked = clock.TimesAsked;
        var waiting = AppendAsync(ledger, Message(Author(0), talk, 3), Devices[0]);
        await Eventually.True(() => clock.TimesAsked > asked, "the head is signed while the disk works");
        clock.Lead = TimeSpan.FromMinutes(5);
        var smaller = await Signer.SignAsync(new Head(talk.Id, talk.Seen.Size, Hash32.Sha256([9])));
        Gate.SetResult();
        var accepted = await waiting;
        Assert.InRange(accepted.Head.Batch.Time, smaller.Batch.Time, clock.GetUtcNow());
        Assert.Same(accepted.Head, await Signer.SignAsync(accepted.Head.Head));
    }

    [Fact]
    public async Task RC_10_a_commit_that_took_long_and_cannot_be_signed_anew_is_in_doubt_and_answered_when_the_clock_is_right()
    {
        var clock = new SetClock();
        var store = new FailingStore(Open());
        var ledger = NewLedger(store, clock: clock);
        var talk = await FoundAsync(ledger);
        var entry = Message(Author(0), talk, 3);
        store.Gate = Gate.Task;
        var asked = int.MaxValue;
        store.Appending = _ => asked = clock.TimesAsked;
        var waiting = AppendAsync(ledger, entry, Devices[0]);
        await Eventually.True(() => clock.TimesAsked > asked, "the head is signed while the disk works");
        clock.Lead = TimeSpan.FromMinutes(5);
        await Signer.SignAsync(new Head(talk.Id, talk.Seen.Size, Hash32.Sha256([9])));
        clock.Lead = TimeSpan.Zero; // set back: what was signed first is too old to be given out, and nothing newer can be signed
        Gate.SetResult();
        Assert.Equal(StoreFault.Unavailable, (await Assert.ThrowsAsync<StoreException>(() => waiting)).Fault);
        Assert.DoesNotContain(Pushed, static run => run.From == 2);

        clock.Lead = TimeSpan.FromMinutes(5);
        var accepted = await AppendAsync(ledger, entry, Devices[0]);
        Assert.Equal(2ul, accepted.Position);
        Assert.True(accepted.Head.Batch.Time > Now.AddMinutes(4));
        Assert.Single(Pushed, static run => run.From == 2);
    }

    [Fact]
    public async Task A_head_that_was_signed_for_a_commit_is_kept_once_its_entries_are_durable()
    {
        var ledger = NewLedger(Open());
        var talk = await FoundAsync(ledger);
        var entry = Message(Author(0), talk, 3);
        var accepted = await AppendAsync(ledger, entry, Devices[0]);
        Assert.Same(accepted.Head, (await AppendAsync(ledger, entry, Devices[0])).Head);
    }

    [Fact]
    public async Task A_conversation_that_no_store_takes_fails_alone_after_it_has_failed_with_others_and_is_written_with_them_again_once_it_is_taken()
    {
        var store = new FailingStore(Open());
        var ledger = NewLedger(store);
        Talk[] talks = [await FoundAsync(ledger), await FoundAsync(ledger), await FoundAsync(ledger)];
        ulong[] seqs = [3, 3, 3];
        store.Poison = talks[1].Id;
        Assert.Equal("no no no, in 3", await RoundAsync());
        Assert.Equal("yes no yes, in 1 1 1", await RoundAsync());
        Assert.Equal("yes no yes, in 2 1", await RoundAsync());
        store.Poison = null;
        Assert.Equal("yes yes yes, in 2 1", await RoundAsync());
        Assert.Equal("yes yes yes, in 3", await RoundAsync());

        // They come together: while another conversation is committed.
        async Task<string> RoundAsync()
        {
            var (gate, begun) = (new TaskCompletionSource(), new TaskCompletionSource());
            (store.Gate, store.Appending) = (gate.Task, _ => begun.TrySetResult());
            var other = AppendAsync(ledger, Author(0).Genesis("", [new Member(Devices[0].User, Devices[0].Device)], Now), Devices[0]);
            await begun.Task;
            var sizes = new List<int>();
            store.Appending = sizes.Add;
            var waiting = talks.Select((talk, i) => AppendAsync(ledger, Message(Author(0), talk, seqs[i]), Devices[0])).ToList();
            gate.SetResult();
            await other;
            var taken = new List<bool>();
            foreach (var (i, one) in waiting.Index())
            {
                taken.Add(await Record.ExceptionAsync(() => one) is null);
                seqs[i] += taken[i] ? 1ul : 0;
            }
            return $"{string.Join(' ', taken.Select(static one => one ? "yes" : "no"))}, in {string.Join(' ', sizes)}";
        }
    }

    [Fact]
    public async Task A_store_that_is_away_is_not_asked_for_each_conversation_alone()
    {
        var store = new FailingStore(Open());
        var ledger = NewLedger(store);
        Talk[] talks = [await FoundAsync(ledger), await FoundAsync(ledger)];
        (store.Fails, store.FailsToAnswer) = (true, true);
        var sizes = new List<int>();
        store.Appending = sizes.Add;
        foreach (var talk in talks)
            await Assert.ThrowsAsync<StoreException>(() => AppendAsync(ledger, Message(Author(0), talk, 3), Devices[0]));
        (store.Fails, store.FailsToAnswer) = (false, false);
        foreach (var talk in talks)
            await AppendAsync(ledger, Message(Author(0), talk, 3), Devices[0]);
        Assert.Equal([1, 1, 1, 1], sizes);
    }

    [Fact]
    public async Task Only_what_was_handed_to_the_store_is_in_doubt()
    {
        var clock = new SetClock();
        var store = new FailingStore(Open());
        var ledger = NewLedger(store, OnlyTheLastInMemory, clock);
        var talk = await FoundAsync(ledger);
        await FoundAsync(ledger);
        clock.Lead = -TimeSpan.FromMinutes(10);
        Assert.False(await FailAsync());
        clock.Lead = TimeSpan.Zero;
        store.FailsToFind = true;
        Assert.False(await FailAsync());
        store.FailsToFind = false;
        store.Fails = true;
        Assert.True(await FailAsync());

        async Task<bool> FailAsync()
        {
            var waiting = new Awaited(SignedEntry.Verify(Message(Author(0), talk, 3), TestWorld.Verify(Devices[0])), DeviceDirectory.Nobody);
            await ledger.SubmitAsync(waiting, CancellationToken.None);
            await Assert.ThrowsAsync<StoreException>(() => waiting.Answer);
            return waiting.IsInDoubt;
        }
    }
}
