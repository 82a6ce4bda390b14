using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Server.Tests;

public abstract partial class StoreContract
{
    [Fact]
    public async Task TR_03_what_was_appended_is_there_after_a_crash()
    {
        await Store.AppendAsync([Genesis("c", "alice's", "bob's")]);
        await Store.AppendAsync([Next("c", 1, Entry("alice's", 2, "two"), Entry("bob's", 1, "three"))]);
        await ReopenAfterCrashAsync();
        var record = await Store.FindConversationAsync(Conversation("c"));
        Assert.Equal((3ul, Hash("root three"), 1ul), (record!.Size, record.Root, record.SnapshotSize));
        Assert.Equal("snapshot"u8.ToArray(), record.Snapshot.ToArray());
        Assert.Equal(["c genesis", "two", "three"], await TextsAsync("c", 0, 3, int.MaxValue));
        Assert.Equal(Hash("root two"), await Store.RootAtAsync(Conversation("c"), 2));
        Assert.Equal(new PlacedEntry(2, new EntryHash(Hash("hash three"))), await Store.FindEntryAsync(Conversation("c"), Device("bob's"), 1));
        Assert.Equal([(1ul, new PlacedEntry(2, new EntryHash(Hash("hash three"))))], await Store.FindEntriesAsync(Conversation("c"), Device("bob's"), [3, 1, 2]));
    }

    [Fact]
    public async Task Conversations_are_counted_for_the_user_whose_device_founded_them()
    {
        var (one, two, bobs) = (TestWorld.NewDevice("alice", 1), TestWorld.NewDevice("alice", 2), TestWorld.NewDevice("bob", 3));
        foreach (var device in new[] { one, two, bobs })
            await Store.AddDeviceAsync(device);
        await Store.AppendAsync([FoundedBy("a", one, bobs), FoundedBy("b", two), FoundedBy("c", bobs, one, two)]);
        await Store.AppendAsync([Next("a", 1, Entry("somebody's", 1, "two")) with { Memberships = [new MembershipChange(one.Device, false, 1)] }]);
        Assert.Equal((2, 1, 0), (
            await Store.ConversationsFoundedAsync(Alice, 10), await Store.ConversationsFoundedAsync(Bob, 10),
            await Store.ConversationsFoundedAsync(TestWorld.User("carol"), 10)));
        Assert.Equal(1, await Store.ConversationsFoundedAsync(Alice, 1));
    }

    private static ConversationAppend FoundedBy(string conversation, params DeviceRecord[] members) => new(
        Conversation(conversation), 0, [Entry("", 1, conversation + " genesis") with { Author = members[0].Device }], Hash("root"),
        [.. members.Select(static member => new MembershipChange(member.Device, true, 0))], System.Text.Encoding.UTF8.GetBytes("snapshot"));

    [Fact]
    public async Task What_is_not_there_is_null_or_empty()
    {
        await Store.AppendAsync([Genesis("c", "alice's")]);
        Assert.Null(await Store.FindConversationAsync(Conversation("d")));
        Assert.Null(await Store.RootAtAsync(Conversation("c"), 2));
        Assert.Null(await Store.RootAtAsync(Conversation("c"), ulong.MaxValue));
        Assert.Null(await Store.RootAtAsync(Conversation("d"), 1));
        Assert.Null(await Store.FindEntryAsync(Conversation("c"), Device("alice's"), 2));
        Assert.Null(await Store.FindEntryAsync(Conversation("c"), Device("alice's"), ulong.MaxValue));
        Assert.Empty(await Store.FindEntriesAsync(Conversation("c"), Device("alice's"), []));
        Assert.Empty(await Store.FindEntriesAsync(Conversation("c"), Device("alice's"), [2, ulong.MaxValue]));
        Assert.Null(await Store.FindMembershipAsync(Conversation("c"), Device("bob's")));
        Assert.Empty(await Store.ReadEntriesAsync(Conversation("c"), 1, 1, 100));
        Assert.Empty(await Store.ReadEntriesAsync(Conversation("c"), ulong.MaxValue, ulong.MaxValue, 100));
    }

    [Fact]
    public async Task TR_01_a_position_is_taken_once()
    {
        await Store.AppendAsync([Genesis("c", "alice's")]);
        await Store.AppendAsync([Next("c", 1, Entry("alice's", 2, "two"))]);
        await RefusedAsync(Next("c", 1, Entry("alice's", 3, "another two")));
        await RefusedAsync(Next("c", 3, Entry("alice's", 3, "four")));
        await RefusedAsync(Genesis("c", "bob's"));
        Assert.Equal(["c genesis", "two"], await TextsAsync("c", 0, 9, int.MaxValue));
    }

    [Fact]
    public async Task EN_07_a_seq_is_taken_once_by_author_and_conversation()
    {
        await Store.AppendAsync([Genesis("c", "alice's"), Genesis("d", "alice's")]);
        await RefusedAsync(Next("c", 1, Entry("alice's", 1, "again")));
        await Store.AppendAsync([Next("c", 1, Entry("bob's", 1, "his first"))]);
        Assert.Equal(2ul, (await Store.FindConversationAsync(Conversation("c")))!.Size);
    }

    [Fact]
    public async Task An_append_to_several_conversations_is_atomic()
    {
        await Store.AppendAsync([Genesis("c", "alice's")]);
        await Assert.ThrowsAsync<StoreException>(() => Store.AppendAsync(
            [Genesis("d", "alice's"), Next("c", 1, Entry("alice's", 2, "two")), Next("c", 1, Entry("alice's", 3, "three"))]));
        Assert.Null(await Store.FindConversationAsync(Conversation("d")));
        Assert.Equal(["c genesis"], await TextsAsync("c", 0, 9, int.MaxValue));
        Assert.Empty(await Store.ConversationsOfAsync(Device("bob's"), null, 10));
    }

    [Fact]
    public async Task One_failing_write_leaves_those_that_are_committed_with_it_alone()
    {
        var writes = Enumerable.Range(0, 60).Select(i => Store.AppendAsync([Genesis("c" + i % 40, "alice's")])).ToList();
        await Task.WhenAll(writes).ContinueWith(static _ => { }, TestContext.Current.CancellationToken);
        Assert.Equal(20, writes.Count(static write => write.IsFaulted));
        await ReopenAfterCrashAsync();
        Assert.Equal(40, (await Store.ConversationsOfAsync(Device("alice's"), null, 100)).Count);
    }

    [Fact]
    public async Task SE_02_entries_are_read_as_many_as_fit_but_at_least_one()
    {
        await Store.AppendAsync([Genesis("c", "alice's")]);
        await Store.AppendAsync([Next("c", 1, Entry("alice's", 2, "12345"), Entry("alice's", 3, "67890"), Entry("alice's", 4, "x"))]);
        Assert.Equal(["12345"], await TextsAsync("c", 1, 4, 1));
        Assert.Equal(["12345", "67890"], await TextsAsync("c", 1, 4, 10));
        Assert.Equal(["12345", "67890", "x"], await TextsAsync("c", 1, 4, 11));
        Assert.Equal(["67890"], await TextsAsync("c", 2, 3, 100));
    }

    [Fact]
    public async Task SE_03_memberships_have_a_beginning_and_an_end()
    {
        await Store.AppendAsync([Genesis("c", "alice's", "bob's")]);
        await Store.AppendAsync([Next("c", 1, Entry("alice's", 2, "bob leaves")) with { Memberships = [new(Device("bob's"), false, 1)] }]);
        await Store.AppendAsync([Next("c", 2, Entry("alice's", 3, "after"))]);
        Assert.Equal(new MembershipSpan(0, 1), await Store.FindMembershipAsync(Conversation("c"), Device("bob's")));
        Assert.Equal([Device("alice's")], await Store.MembersAsync(Conversation("c")));
        Assert.Equal([new ConversationSize(Conversation("c"), 2)], await Store.ConversationsOfAsync(Device("bob's"), null, 10));
        Assert.Equal([new ConversationSize(Conversation("c"), 3)], await Store.ConversationsOfAsync(Device("alice's"), null, 10));
        await Store.AppendAsync([Next("c", 3, Entry("alice's", 4, "bob again")) with { Memberships = [new(Device("bob's"), true, 3)] }]);
        Assert.Equal(new MembershipSpan(3, null), await Store.FindMembershipAsync(Conversation("c"), Device("bob's")));
    }

    [Fact]
    public async Task TR_02_an_id_that_was_altered_is_named_by_its_row_and_takes_no_other_conversation_from_who_inspects_or_checks()
    {
        foreach (var name in new[] { "a", "b", "c", "d" })
            await Store.AppendAsync([Genesis(name, "alice's")]);
        await LoosenAsync("conversations", "root");
        await LoosenAsync("conversations", "conversation");
        await ExecuteAsync("UPDATE conversations SET root = x'0102' WHERE number = 2");
        await ExecuteAsync("UPDATE conversations SET conversation = substr(conversation, 1, 31) WHERE number = 3");
        StoredConversation[] stored =
        [
            new(1, Conversation("a"), new(Conversation("a"), 1, Hash("root a genesis"))),
            new(2, Conversation("b"), null),
            new(3, null, null),
            new(4, Conversation("d"), new(Conversation("d"), 1, Hash("root d genesis"))),
        ];
        Assert.Equal(stored, await Store.ConversationsAsync(long.MinValue, 10));
        Assert.Equal(stored[1..3], await Store.ConversationsAsync(2, 2));

        var inspected = new List<(string, bool)>(); // nothing here is what its root says
        await foreach (var found in new StoreInspection(Store, TestWorld.Root.Certificate).RunAsync(TestContext.Current.CancellationToken))
            inspected.Add((found.Place, found.Fault == "its id was changed"));
        Assert.Equal([($"conversation {Conversation("a")}", false), ($"conversation {Conversation("b")}", false), ("conversation number 3", true), ($"conversation {Conversation("d")}", false)], inspected);

        var trust = new RecordedTrust(TrustAnchor.FromCertificate(TestWorld.Root.Certificate), null, new RevocationSet(TestWorld.Issuing.RevocationLists()));
        var findings = await new StoreCheck(Store, trust, TestContext.Current.CancellationToken).RunAsync(null);
        Assert.Equal(
            [$"conversation {Conversation("a")}, entry 0", $"conversation {Conversation("b")}, its stored state", "conversation number 3", $"conversation {Conversation("d")}, entry 0"],
            findings.Flaws.Select(static flaw => flaw.Place));
    }

    [Fact]
    public async Task Conversations_are_listed_in_pages()
    {
        foreach (var name in new[] { "a", "b", "c", "d", "e" })
            await Store.AppendAsync([Genesis(name, "alice's")]);
        var all = await Store.ConversationsOfAsync(Device("alice's"), null, 10);
        Assert.Equal(all.OrderBy(static c => c.Conversation), all);
        var page = await Store.ConversationsOfAsync(Device("alice's"), all[1].Conversation, 2);
        Assert.Equal([all[2], all[3]], page);
    }

    [Fact]
    public async Task RC_05_the_newest_receipt_of_each_device_and_kind_is_kept()
    {
        Assert.Equal(ReceiptOutcome.Kept, await Store.PutReceiptAsync(Receipt("bob's", 3, false)));
        Assert.Equal(ReceiptOutcome.NotNewer, await Store.PutReceiptAsync(Receipt("bob's", 3, false)));
        Assert.Equal(ReceiptOutcome.NotNewer, await Store.PutReceiptAsync(Receipt("bob's", 2, false)));
        Assert.Equal(ReceiptOutcome.Kept, await Store.PutReceiptAsync(Receipt("bob's", 2, true)));
        Assert.Equal(ReceiptOutcome.Kept, await Store.PutReceiptAsync(Receipt("alice's", 1, false)));
        Assert.Equal(ReceiptOutcome.Kept, await Store.PutReceiptAsync(Receipt("bob's", 5, false)));
        var all = await Store.ReceiptsAsync(Conversation("c"), null, null, 10);
        Assert.Equal(3, all.Count);
        Assert.Equal(5ul, all.Single(static r => r.Device == Device("bob's") && !r.IsFinal).Size);
        var first = Assert.Single((await Store.ReceiptsAsync(Conversation("c"), null, null, 1)).Select(static r => r.Device).Distinct());
        var rest = (await Store.ReceiptsAsync(Conversation("c"), first, null, 10)).Select(static r => r.Device).Distinct();
        Assert.NotEqual(first, Assert.Single(rest));
    }

    [Fact]
    public async Task SE_03_a_page_of_receipts_is_of_devices_with_one_within_the_bound_and_holds_no_other()
    {
        var devices = Enumerable.Range(0, 6).Select(static i => "device " + i).OrderBy(Device).ToList();
        foreach (var beyond in devices[..4])
            await Store.PutReceiptAsync(Receipt(beyond, 3, false));
        await Store.PutReceiptAsync(Receipt(devices[1], 2, true));
        await Store.PutReceiptAsync(Receipt(devices[4], 2, false));
        await Store.PutReceiptAsync(Receipt(devices[4], 3, true));
        await Store.PutReceiptAsync(Receipt(devices[5], 1, false));
        Assert.Equal([(devices[1], 2), (devices[4], 2)], await PageAsync(null, 2, 2));
        Assert.Equal([(devices[5], 1)], await PageAsync(devices[4], 2, 2));
        Assert.Equal([(devices[5], 1)], await PageAsync(null, 1, 10));
        Assert.Empty(await PageAsync(null, 0, 10));
        Assert.Equal(8, (await PageAsync(null, null, 10)).Count);
        Assert.Equal(8, (await PageAsync(null, ulong.MaxValue, 10)).Count);

        async Task<List<(string Device, int Size)>> PageAsync(string? after, ulong? until, int limit) =>
            [.. (await Store.ReceiptsAsync(Conversation("c"), after is null ? null : Device(after), until, limit))
                .Select(receipt => (devices.Single(device => Device(device) == receipt.Device), (int)receipt.Size))];
    }

    [Fact]
    public async Task A_new_snapshot_takes_the_place_of_the_old_one()
    {
        await Store.AppendAsync([Genesis("c", "alice's")]);
        await Store.AppendAsync([Next("c", 1, Entry("alice's", 2, "two")) with { Snapshot = "newer"u8.ToArray() }]);
        var record = await Store.FindConversationAsync(Conversation("c"));
        Assert.Equal(2ul, record!.SnapshotSize);
        Assert.Equal("newer"u8.ToArray(), record.Snapshot.ToArray());
    }

    private static ReceiptRecord Receipt(string device, ulong size, bool isFinal) =>
        new(Conversation("c"), Device(device), isFinal, size, System.Text.Encoding.UTF8.GetBytes($"{device} {size}"));

    private async Task RefusedAsync(ConversationAppend append)
    {
        var refused = await Assert.ThrowsAsync<StoreException>(() => Store.AppendAsync([append]));
        Assert.Equal(StoreFault.Conflict, refused.Fault);
    }

    private async Task<List<string>> TextsAsync(string conversation, ulong from, ulong until, int maxBytes)
    {
        var entries = await Store.ReadEntriesAsync(Conversation(conversation), from, until, maxBytes);
        return [.. entries.Select(static bytes => System.Text.Encoding.UTF8.GetString(bytes.Span))];
    }
}
