using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Server;

/// <summary>One conversation's engine with its history, in the ledger's hands.</summary>
internal sealed class LoadedConversation
{
    /// <summary>Entries after which a new snapshot is stored: so many are applied again at most when it is loaded.</summary>
    private const ulong SnapshotEvery = 128;

    /// <summary>One that had to be loaded will be again: with so many entries applied, and one more for so many bytes of its snapshot, the
    /// next commit stores a new one. Less often would cost more at loading than it saves at writing.</summary>
    private const int LeastApplied = 4, BytesForOneMore = 4096;

    /// <summary>Bytes of memory for what stands around the engine: this, its history with as many roots as it keeps, and its place among others.</summary>
    private const int AroundEngine = 1200;

    private ulong _snapshotSize;
    private bool _isSnapshotDue;

    private LoadedConversation(Conversation engine, TranscriptHistory history, ulong snapshotSize, bool isSnapshotDue, bool isHeld) =>
        (Engine, History, SizeWhenLoaded, _snapshotSize, _isSnapshotDue, IsHeld) = (engine, history, engine.Size, snapshotSize, isSnapshotDue, isHeld);

    /// <summary>What nobody was pushed: null once it was.</summary>
    public UntoldEntries? Untold { get; set; }

    /// <summary>It came from a backup, and what is missing at its end may have been signed for (TR-04).</summary>
    public bool IsHeld { get; }

    /// <summary>How many entries the last commit had: the next one will have about as many.</summary>
    public int LastRun { get; set; }

    public Conversation Engine { get; }

    public TranscriptHistory History { get; }

    /// <summary>How many entries there were when it was read from the store: what is signed over no more may be older than this server's
    /// limits (LI-10).</summary>
    public ulong SizeWhenLoaded { get; }

    /// <summary>About what it takes in memory between commits.</summary>
    public long Bytes => AroundEngine + Engine.MemoryBytes;

    /// <summary>The conversation as the store has it; one without entries if the store does not know it.</summary>
    /// <exception cref="MalformedException">The store is damaged.</exception>
    public static async Task<LoadedConversation> LoadAsync(ConversationId id, ITranscriptStore store)
    {
        var history = new TranscriptHistory(id, store);
        if (await store.FindConversationAsync(id).ConfigureAwait(false) is not { } record)
            return new LoadedConversation(new Conversation(id, history), history, 0, isSnapshotDue: true, isHeld: false);
        var engine = Conversation.Restore(record.Snapshot, history);
        var applied = new List<AppendedEntry>();
        history.Follow(engine.Size, applied); // each entry may name a head among those before it: that would be a question to the store for each
        while (engine.Size < record.Size)
        {
            var stored = await store.ReadEntriesAsync(id, engine.Size, record.Size, int.MaxValue).ConfigureAwait(false);
            if (stored.Count == 0)
                throw new MalformedException("an entry is missing");
            foreach (var bytes in stored)
                applied.Add(await ReapplyAsync(engine, history, Parse(bytes)).ConfigureAwait(false));
        }
        if (engine.Size != record.Size || engine.Head.Root != record.Root)
            throw new MalformedException("the stored entries do not lead to the stored root");
        history.Forget(engine.Head.Tree);
        var isSnapshotDue = engine.Size - record.SnapshotSize >= (ulong)(LeastApplied + record.Snapshot.Length / BytesForOneMore);
        return new LoadedConversation(engine, history, record.SnapshotSize, isSnapshotDue, record.IsHeld);
    }

    /// <summary>The state to store with the entries applied so far, if it is time for one.</summary>
    public ReadOnlyMemory<byte>? TakeDueSnapshot()
    {
        if (!_isSnapshotDue && Engine.Size - _snapshotSize < SnapshotEvery)
            return null;
        (_snapshotSize, _isSnapshotDue) = (Engine.Size, false);
        return Engine.Snapshot();
    }

    private static async Task<AppendedEntry> ReapplyAsync(Conversation engine, TranscriptHistory history, Entry stored)
    {
        await history.PrepareAsync(engine, stored).ConfigureAwait(false);
        engine.Reapply(stored);
        return new AppendedEntry(stored.Author, stored.Seq, stored.Hash, engine.LastSubtree, stored.Bytes);
    }

    /// <exception cref="MalformedException">The store is damaged.</exception>
    public static Entry Parse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return Entry.Parse(bytes);
        }
        catch (EntryRefusedException e)
        {
            throw new MalformedException("a stored entry does not parse", e);
        }
    }
}
