using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Server;

/// <summary>One conversation's engine with its history, in the ledger's hands.</summary>
internal sealed class LoadedConversation
{
    /// <summary>Entries after which a new snapshot is stored: so many are applied again at most when it is loaded.</summary>
    private const ulong SnapshotEvery = 128;

    private ulong _snapshotSize;

    private LoadedConversation(Conversation engine, TranscriptHistory history, ulong snapshotSize, bool isHeld) =>
        (Engine, History, _snapshotSize, IsHeld) = (engine, history, snapshotSize, isHeld);

    /// <summary>It came from a backup, and what is missing at its end may have been signed for (TR-04).</summary>
    public bool IsHeld { get; }

    /// <summary>How many entries the last commit had: the next one will have about as many.</summary>
    public int LastRun { get; set; }

    public Conversation Engine { get; }

    public TranscriptHistory History { get; }

    /// <summary>The conversation as the store has it; one without entries if the store does not know it.</summary>
    /// <exception cref="MalformedException">The store is damaged.</exception>
    public static async Task<LoadedConversation> LoadAsync(ConversationId id, ITranscriptStore store)
    {
        var history = new TranscriptHistory(id, store);
        if (await store.FindConversationAsync(id).ConfigureAwait(false) is not { } record)
            return new LoadedConversation(new Conversation(id, history), history, 0, isHeld: false);
        var stored = new List<Entry>();
        for (var from = record.SnapshotSize; from < record.Size; from = record.SnapshotSize + (ulong)stored.Count)
            foreach (var bytes in await store.ReadEntriesAsync(id, from, record.Size, int.MaxValue).ConfigureAwait(false))
                stored.Add(Parse(bytes));
        await history.PrepareAsync(record.Size, stored).ConfigureAwait(false);
        var engine = Conversation.Restore(record.Snapshot, stored, history);
        if (engine.Size != record.Size || engine.Head.Root != record.Root)
            throw new MalformedException("the stored entries do not lead to the stored root");
        return new LoadedConversation(engine, history, record.SnapshotSize, record.IsHeld);
    }

    /// <summary>The state to store with the entries applied so far, if it is time for one.</summary>
    public ReadOnlyMemory<byte>? TakeDueSnapshot()
    {
        if (_snapshotSize != 0 && Engine.Size - _snapshotSize < SnapshotEvery)
            return null;
        _snapshotSize = Engine.Size;
        return Engine.Snapshot();
    }

    private static Entry Parse(ReadOnlyMemory<byte> bytes)
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
