using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Server;

/// <summary>What one conversation's engine asks about its past: the newest entries from memory, all of them until they are durable, anything older
/// from the store, fetched before the engine asks, because its rules are synchronous.</summary>
internal sealed class TranscriptHistory(ConversationId conversation, ITranscriptStore store) : ITranscriptHistory
{
    /// <summary>Clients write against a recent head: of those, these many need no question to the store.</summary>
    private const int Window = 128;

    /// <summary>Roots of the past that are kept: a root never changes, and what is written offline names the same few for a while.</summary>
    private const int MostRoots = 64;

    private readonly List<Recent> _recent = [];
    private readonly Dictionary<ulong, Hash32> _roots = [];
    private readonly Dictionary<(DeviceId Author, ulong Seq), PlacedEntry?> _preparedPlaces = [];

    private readonly record struct Recent(ulong Position, DeviceId Author, ulong Seq, EntryHash Hash, Hash32 Subtree);

    /// <summary>Fetches what the engine will ask about this entry.</summary>
    public async Task PrepareAsync(Conversation engine, Entry entry)
    {
        if (_roots.Count > MostRoots)
            _roots.Clear();
        _preparedPlaces.Clear();
        if (entry.Seen.Size is var seen && seen > 0 && seen < engine.Size && !_roots.ContainsKey(seen))
            await PrepareRootAsync(seen).ConfigureAwait(false);
        if (!engine.Participants.TryGetValue(entry.Author, out var author))
            return;
        if (entry.Seq <= author.LastSeq)
            await PreparePlaceAsync(entry.Author, entry.Seq).ConfigureAwait(false);
        if (entry.Body is EraseBody erase)
            await PreparePlacesAsync(entry.Author, erase, author.LastSeq).ConfigureAwait(false);
    }

    /// <param name="entry">The entry.</param>
    /// <param name="position">Its own.</param>
    /// <param name="subtree">The largest complete subtree that ends with it.</param>
    public void Applied(Entry entry, ulong position, Hash32 subtree) =>
        _recent.Add(new Recent(position, entry.Author, entry.Seq, entry.Hash, subtree));

    /// <summary>Leaves what lies further back to the store. To be called only when everything that was applied is durable.</summary>
    public void Forget()
    {
        if (_recent.Count >= 2 * Window)
            _recent.RemoveRange(0, _recent.Count - Window);
    }

    public Hash32 RootAt(ulong size) => _roots.TryGetValue(size, out var root) ? root : throw NotPrepared();

    public PlacedEntry? Find(DeviceId author, ulong seq) =>
        FindRecent(author, seq)
        ?? (_preparedPlaces.TryGetValue((author, seq), out var place) ? place : throw NotPrepared());

    private async Task PreparePlaceAsync(DeviceId author, ulong seq)
    {
        if (FindRecent(author, seq) is null)
            _preparedPlaces[(author, seq)] = await store.FindEntryAsync(conversation, author, seq).ConfigureAwait(false);
    }

    // In one question: an entry names up to 256, and everybody's entries wait for the answer.
    private async Task PreparePlacesAsync(DeviceId author, EraseBody erase, ulong last)
    {
        var older = erase.Entries.Select(static named => named.Seq).Where(seq => seq <= last && FindRecent(author, seq) is null).ToList();
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
        var first = _recent.Count > 0 ? _recent[0].Position : ulong.MaxValue;
        var ends = MerkleFrontier.Ends(size);
        var older = ends.TakeWhile(position => position < first).ToList();
        var stored = older.Count > 0 ? await store.SubtreesAsync(conversation, older).ConfigureAwait(false) : [];
        if (stored.Count < older.Count)
            throw new MalformedException("an entry is missing");
        _roots[size] = MerkleFrontier.Of(size, [.. stored, .. ends.Skip(older.Count).Select(position => _recent[(int)(position - first)].Subtree)]).Root;
    }

    private PlacedEntry? FindRecent(DeviceId author, ulong seq)
    {
        for (var i = _recent.Count - 1; i >= 0; i--)
            if (_recent[i].Seq == seq && _recent[i].Author == author)
                return new PlacedEntry(_recent[i].Position, _recent[i].Hash);
        return null;
    }

    private static InvalidOperationException NotPrepared() => new("The rules asked for something that was not prepared.");
}
