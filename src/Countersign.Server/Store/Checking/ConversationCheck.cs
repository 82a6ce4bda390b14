using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Server;

/// <summary>One conversation of a <see cref="StoreCheck"/>.</summary>
internal sealed class ConversationCheck(
    IServerStore store, RecordedDevices devices, RecordedTrust trust, ConversationId conversation, Action<string, string> flaw,
    CancellationToken cancellation) : ITranscriptHistory
{
    private const int PageBytes = 1024 * 1024;
    private const int Devices = 256;
    private const int Stamps = 64;

    private readonly List<Hash32> _roots = [];
    private readonly Dictionary<(DeviceId Author, ulong Seq), PlacedEntry> _places = [];
    private string _reading = "";

    /// <param name="progress">Is told how many entries are done.</param>
    public async Task RunAsync(Action<long> progress)
    {
        ConversationRecord? record = null;
        Conversation? engine = null;
        await ReadAsync($"conversation {conversation}, its stored state", async () =>
        {
            record = await store.FindConversationAsync(conversation).ConfigureAwait(false);
            if (record is null)
                flaw($"conversation {conversation}", "its stored state is missing");
        }).ConfigureAwait(false);
        if (record is not null)
            await ReadAsync(Entry(0), async () => engine = await FollowAsync(record, progress).ConfigureAwait(false)).ConfigureAwait(false);
        if (record is null || engine is null)
            return;
        await ReadAsync($"conversation {conversation}, its receipts", CheckReceiptsAsync).ConfigureAwait(false);
        await ReadAsync($"conversation {conversation}, its stamps", () => CheckStampsAsync(record.Size)).ConfigureAwait(false);
        await ReadAsync($"conversation {conversation}, its members", () => CheckMembersAsync(engine, record)).ConfigureAwait(false);
    }

    // A row that cannot be read is a flaw of the place where the reading had come to.
    private async Task ReadAsync(string what, Func<Task> work)
    {
        _reading = what;
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (StoreException e) when (e.Fault == StoreFault.Damaged)
        {
            flaw(_reading, "what is stored there is not what was written");
        }
    }

    private string Entry(ulong position) => $"conversation {conversation}, entry {position}";

    // Null: what follows could only repeat the flaw.
    private async Task<Conversation?> FollowAsync(ConversationRecord record, Action<long> progress)
    {
        var (engine, tree) = (new Conversation(conversation, this), new MerkleFrontier());
        while (tree.Size < record.Size)
        {
            cancellation.ThrowIfCancellationRequested();
            _reading = Entry(tree.Size) + " or one after it";
            // To the size of the snapshot first, which is compared there.
            var until = tree.Size < record.SnapshotSize ? record.SnapshotSize : record.Size;
            var page = await store.ReadEntriesAsync(conversation, tree.Size, until, PageBytes).ConfigureAwait(false);
            var entries = new List<Entry>(page.Count);
            foreach (var bytes in page)
            {
                if (await JudgeAsync(bytes, tree).ConfigureAwait(false) is not { } entry)
                    return null;
                entries.Add(entry);
            }
            if (page.Count == 0)
            {
                flaw(Entry(tree.Size), "missing");
                return null;
            }
            if (Follow(engine, entries, record) is not { } next)
                return null;
            engine = next;
            progress((long)tree.Size);
        }
        if (tree.Root == record.Root)
            return engine;
        flaw($"conversation {conversation}", "its stored root is not the root of its entries");
        return null;
    }

    private async Task<Entry?> JudgeAsync(ReadOnlyMemory<byte> bytes, MerkleFrontier tree)
    {
        var position = tree.Size;
        _reading = Entry(position);
        try
        {
            var entry = Evidence.Entry.Parse(bytes);
            if (entry.Conversation != conversation)
                return Wrong("it belongs to another conversation");
            if (await devices.FindAsync(entry.Author).ConfigureAwait(false) is not { } author)
                return Wrong("its author's certificate is missing or damaged, or does not lead to the root");
            SignedEntry.Verify(entry, author);
            tree.Append(entry.LeafHash);
            if (!await store.KeepsLastAsync(conversation, tree).ConfigureAwait(false))
                return Wrong("the subtree stored with it is not the one that ends there");
            if (await store.FindEntryAsync(conversation, entry.Author, entry.Seq).ConfigureAwait(false) != new PlacedEntry(position, entry.Hash))
                return Wrong("it is not found by its author and seq");
            _roots.Add(tree.Root);
            _places[(entry.Author, entry.Seq)] = new PlacedEntry(position, entry.Hash);
            return entry;
        }
        catch (EntryRefusedException e)
        {
            return Wrong(e.Rule);
        }

        Entry? Wrong(string what)
        {
            flaw(Entry(position), what);
            return null;
        }
    }

    // The rules once more, from the genesis on, and the stored snapshot as they make it.
    private Conversation? Follow(Conversation engine, List<Entry> entries, ConversationRecord record)
    {
        try
        {
            var next = Conversation.Restore(engine.Snapshot(), entries, this);
            if (next.Size != record.SnapshotSize || next.Snapshot().AsSpan().SequenceEqual(record.Snapshot.Span))
                return next;
            flaw($"conversation {conversation}", "its stored state is not what its entries make");
        }
        catch (MalformedException e)
        {
            flaw($"{Entry(engine.Size)} to {engine.Size + (ulong)entries.Count - 1}", "a rule is broken: " + (e.InnerException as EntryRefusedException)?.Rule);
        }
        return null;
    }

    private async Task CheckReceiptsAsync()
    {
        DeviceId? after = null;
        while (await store.ReceiptsAsync(conversation, after, null, Devices).ConfigureAwait(false) is { Count: > 0 } page)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var record in page)
                await CheckAsync(record).ConfigureAwait(false);
            after = page[^1].Device;
        }
    }

    private async Task CheckAsync(ReceiptRecord record)
    {
        var place = $"conversation {conversation}, receipt of {record.Device}";
        try
        {
            var receipt = Receipt.Parse(record.Bytes);
            if (await devices.FindAsync(receipt.Device).ConfigureAwait(false) is not { } device)
                flaw(place, "its signer's certificate is missing or damaged, or does not lead to the root");
            else if (receipt.Verify(device).Receipt.Head.Conversation != conversation || receipt.Head.Size == 0 || receipt.Head.Size != record.Size)
                flaw(place, "it is filed under another conversation or size");
            else if (receipt.Head.Size <= (ulong)_roots.Count && _roots[(int)receipt.Head.Size - 1] != receipt.Head.Root)
                flaw(place, "its root is not the root there");
            else if (receipt.Head.Size > (ulong)_roots.Count && await store.RootAtAsync(conversation, receipt.Head.Size).ConfigureAwait(false) != receipt.Head.Root)
                flaw(place, "it covers more than is stored"); // not merely more than was stored when the check came by
        }
        catch (ReceiptRefusedException)
        {
            flaw(place, "RC-05");
        }
    }

    private async Task CheckStampsAsync(ulong until)
    {
        for (var from = 0ul; await StampsAsync(from, until).ConfigureAwait(false) is { Count: > 0 } page; from = page[^1].Head.Size + 1)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var stamp in page)
                Check(stamp);
        }
    }

    private async Task<IReadOnlyList<StampedHead>> StampsAsync(ulong from, ulong until)
    {
        try
        {
            return await store.StampsAsync(conversation, from, until, Stamps).ConfigureAwait(false);
        }
        catch (StoreException e) when (e.Fault == StoreFault.Damaged)
        {
            _reading = $"conversation {conversation}, the first stamp at size {from} or later"; // those before the damaged one, one after the other
            return await store.StampsAsync(conversation, from, until, 1).ConfigureAwait(false);
        }
    }

    private void Check(StampedHead stamp)
    {
        var (head, place) = (stamp.Head, $"conversation {conversation}, stamp at size {stamp.Head.Size}");
        try
        {
            if (head.Conversation != conversation || head.Size == 0 || head.Size > (ulong)_roots.Count || _roots[(int)head.Size - 1] != head.Root)
                flaw(place, "its root is not the root there");
            stamp.Token.Verify(stamp.SignedHead.Batch.Bytes.Span, trust.Anchor, trust.Revocations);
            if (trust.Server is { } server && server.Leaf.Fingerprint == stamp.SignedHead.Batch.Signer)
                stamp.SignedHead.Verify(server); // an earlier certificate of the server's is not kept here: the members judge those
        }
        catch (TimeStampRefusedException e)
        {
            flaw(place, e.Message);
        }
        catch (HeadRefusedException e)
        {
            flaw(place, e.Message);
        }
    }

    private async Task CheckMembersAsync(Conversation engine, ConversationRecord record)
    {
        if (!engine.Members.Devices.Order().SequenceEqual((await store.MembersAsync(conversation).ConfigureAwait(false)).Order())
            && await IsStillAsync(record).ConfigureAwait(false))
            flaw($"conversation {conversation}", "its stored members are not those that its entries name");
    }

    private async Task<bool> IsStillAsync(ConversationRecord record) =>
        await store.FindConversationAsync(conversation).ConfigureAwait(false) is { } now && now.Size == record.Size;

    Hash32 ITranscriptHistory.RootAt(ulong size) => _roots[(int)size - 1];

    PlacedEntry? ITranscriptHistory.Find(DeviceId author, ulong seq) => _places.TryGetValue((author, seq), out var place) ? place : null;
}
