using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Server.Tests;

/// <summary>One conversation's store in memory, for the ledger alone: thousands of them a second. It fails on demand, before or
/// after it has taken what it was given.</summary>
internal sealed class MemoryTranscript : ITranscriptStore
{
    private readonly Lock _gate = new();
    private readonly List<AppendedEntry> _entries = [];
    private Hash32 _root;
    private ulong _snapshotSize;
    private ReadOnlyMemory<byte> _snapshot;

    public enum Failure
    {
        None,
        Before,
        After,
    }

    /// <summary>What becomes of the next append.</summary>
    public Failure Next { get; set; }

    public ulong Size
    {
        get
        {
            lock (_gate)
                return (ulong)_entries.Count;
        }
    }

    public Task AppendAsync(IReadOnlyList<ConversationAppend> appends)
    {
        var failure = Next;
        Next = Failure.None;
        if (failure == Failure.Before)
            throw new StoreException(StoreFault.Unavailable, "before");
        lock (_gate)
            foreach (var append in appends)
                Append(append);
        return failure == Failure.After ? throw new StoreException(StoreFault.Unavailable, "after") : Task.CompletedTask;
    }

    public Task<ConversationRecord?> FindConversationAsync(ConversationId conversation)
    {
        lock (_gate)
            return Task.FromResult(_entries.Count == 0 ? null : new ConversationRecord(Size, _root, _snapshotSize, _snapshot));
    }

    public Task<IReadOnlyList<ReadOnlyMemory<byte>>> ReadEntriesAsync(ConversationId conversation, ulong from, ulong until, int maxBytes)
    {
        lock (_gate)
        {
            var read = new List<ReadOnlyMemory<byte>>();
            for (var at = from; at < Math.Min(until, Size) && (read.Count == 0 || maxBytes >= _entries[(int)at].Bytes.Length); at++)
            {
                read.Add(_entries[(int)at].Bytes);
                maxBytes -= _entries[(int)at].Bytes.Length;
            }
            return Task.FromResult<IReadOnlyList<ReadOnlyMemory<byte>>>(read);
        }
    }

    public Task<IReadOnlyList<Hash32>> SubtreesAsync(ConversationId conversation, IReadOnlyList<ulong> positions)
    {
        lock (_gate)
            return Task.FromResult<IReadOnlyList<Hash32>>([.. positions.TakeWhile(position => position < Size).Select(position => _entries[(int)position].Subtree)]);
    }

    public Task<PlacedEntry?> FindEntryAsync(ConversationId conversation, DeviceId author, ulong seq)
    {
        lock (_gate)
        {
            var index = _entries.FindIndex(e => e.Author == author && e.Seq == seq);
            return Task.FromResult(index < 0 ? (PlacedEntry?)null : new PlacedEntry((ulong)index, _entries[index].Hash));
        }
    }

    public async Task<IReadOnlyList<(ulong Seq, PlacedEntry Entry)>> FindEntriesAsync(ConversationId conversation, DeviceId author, IReadOnlyCollection<ulong> seqs)
    {
        var found = new List<(ulong, PlacedEntry)>();
        foreach (var seq in seqs)
            if (await FindEntryAsync(conversation, author, seq) is { } placed)
                found.Add((seq, placed));
        return found;
    }

    private void Append(ConversationAppend append)
    {
        if (append.From != Size || append.Entries.Any(e => _entries.Exists(held => held.Author == e.Author && held.Seq == e.Seq)))
            throw new StoreException(StoreFault.Conflict, "append");
        _entries.AddRange(append.Entries);
        _root = append.Root;
        if (append.Snapshot is { } snapshot)
            (_snapshot, _snapshotSize) = (snapshot, Size);
    }

    // The ledger asks for nothing else.
    public Task<MembershipSpan?> FindMembershipAsync(ConversationId conversation, DeviceId device) => throw new NotSupportedException();
    public Task<IReadOnlyList<DeviceId>> MembersAsync(ConversationId conversation) => throw new NotSupportedException();
    public Task<IReadOnlyList<ConversationSize>> ConversationsOfAsync(DeviceId device, ConversationId? after, int limit) => throw new NotSupportedException();
    public Task<int> ConversationsFoundedAsync(UserName user, int limit) => throw new NotSupportedException();
    public Task<IReadOnlyList<StoredConversation>> ConversationsAsync(long from, int limit) => throw new NotSupportedException();
    public Task<IReadOnlyList<ConversationSize>> HeldAsync(int limit) => throw new NotSupportedException();
    public Task<int> ReleaseAsync(ConversationId? conversation) => throw new NotSupportedException();
    public Task<ReceiptOutcome> PutReceiptAsync(ReceiptRecord receipt) => throw new NotSupportedException();
    public Task<IReadOnlyList<ReceiptRecord>> ReceiptsAsync(ConversationId conversation, DeviceId? after, ulong? until, int devices) => throw new NotSupportedException();
}
