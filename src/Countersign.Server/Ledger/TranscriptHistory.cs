using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Server;

/// <summary>What one conversation's engine asks about its past: entries of the commit under way from memory, older ones from the store, fetched
/// before the engine asks, because its rules are synchronous. Between commits only a few roots are kept.</summary>
internal sealed class TranscriptHistory(ConversationId conversation, ITranscriptStore store) : ITranscriptHistory
{
    /// <summary>Roots of the past that are kept, those that were named or signed last: clients write against a head that they were given, most of
    /// them against one of the newest, and what is written offline names the same for a while.</summary>
    public const int MostRoots = 16;

    private readonly List<TreeHead> _roots = []; // the last used comes first
    private readonly Dictionary<(DeviceId Author, ulong Seq), PlacedEntry?> _preparedPlaces = [];
    private IReadOnlyList<AppendedEntry> _underWay = [];
    private ulong _first;

    /// <summary>Entries that the caller adds to <paramref name="entries"/> are found there, and need not be in the store.</summary>
    /// <param name="first">The position of its first.</param>
    /// <param name="entries">As long as <see cref="Forget"/> has not been called.</param>
    public void Follow(ulong first, IReadOnlyList<AppendedEntry> entries) => (_first, _underWay) = (first, entries);

    /// <summary>Leaves all entries to the store, which has them, and remembers the head that was signed or stored with the last of them.</summary>
    public void Forget(TreeHead newest)
    {
        _underWay = [];
        _preparedPlaces.Clear();
        Remember(newest);
    }

    /// <summary>Fetches what the engine will ask about this entry.</summary>
    public async Task PrepareAsync(Conversation engine, Entry entry)
    {
        _preparedPlaces.Clear();
        if (entry.Seen.Size is var seen && seen > 0 && seen < engine.Size && !Recall(seen))
            await PrepareRootAsync(seen).ConfigureAwait(false);
        if (!engine.Participants.TryGetValue(entry.Author, out var author))
            return;
        if (entry.Seq <= author.LastSeq)
            await PreparePlaceAsync(entry.Author, entry.Seq).ConfigureAwait(false);
        if (entry.Body is EraseBody erase)
            await PreparePlacesAsync(entry.Author, erase, author.LastSeq).ConfigureAwait(false);
    }

    public Hash32 RootAt(ulong size)
    {
        foreach (var head in _roots)
            if (head.Size == size)
                return head.Root;
        throw NotPrepared();
    }

    public PlacedEntry? Find(DeviceId author, ulong seq) =>
        FindUnderWay(author, seq)
        ?? (_preparedPlaces.TryGetValue((author, seq), out var place) ? place : throw NotPrepared());

    private async Task PreparePlaceAsync(DeviceId author, ulong seq)
    {
        if (FindUnderWay(author, seq) is null)
            _preparedPlaces[(author, seq)] = await store.FindEntryAsync(conversation, author, seq).ConfigureAwait(false);
    }

    // In one question: an entry names up to 256, and everybody's entries wait for the answer.
    private async Task PreparePlacesAsync(DeviceId author, EraseBody erase, ulong last)
    {
        var older = erase.Entries.Select(static named => named.Seq).Where(seq => seq <= last && FindUnderWay(author, seq) is null).ToList();
        if (older.Count == 0)
            return;
        foreach (var seq in older)
            _preparedPlaces[(author, seq)] = null;
        foreach (var (seq, entry) in await store.FindEntriesAsync(conversation, author, older).ConfigureAwait(false))
            _preparedPlaces[(author, seq)] = entry;
    }

    // From complete subtrees, the older of them from the store.
    private async Task PrepareRootAsync(ulong size)
    {
        var ends = MerkleFrontier.Ends(size);
        var older = _underWay.Count == 0 ? ends : [.. ends.TakeWhile(position => position < _first)];
        var stored = older.Count > 0 ? await store.SubtreesAsync(conversation, older).ConfigureAwait(false) : [];
        if (stored.Count < older.Count)
            throw new MalformedException("an entry is missing");
        Remember(new TreeHead(size, MerkleFrontier.Of(size, [.. stored, .. ends.Skip(older.Count).Select(position => _underWay[(int)(position - _first)].Subtree)]).Root));
    }

    private bool Recall(ulong size)
    {
        for (var i = 0; i < _roots.Count; i++)
            if (_roots[i] is var head && head.Size == size)
            {
                _roots.RemoveAt(i);
                _roots.Insert(0, head);
                return true;
            }
        return false;
    }

    private void Remember(TreeHead head)
    {
        if (Recall(head.Size))
            return;
        if (_roots.Count == MostRoots)
            _roots.RemoveAt(MostRoots - 1);
        _roots.Insert(0, head);
    }

    private PlacedEntry? FindUnderWay(DeviceId author, ulong seq)
    {
        for (var i = _underWay.Count - 1; i >= 0; i--)
            if (_underWay[i].Seq == seq && _underWay[i].Author == author)
                return new PlacedEntry(_first + (ulong)i, _underWay[i].Hash);
        return null;
    }

    private static InvalidOperationException NotPrepared() => new("The rules asked for something that was not prepared.");
}
