using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Server;

/// <summary>What one conversation's engine asks about its past: the newest entries from memory, durable or not, anything older
/// from the store, fetched before the engine asks, because its rules are synchronous.</summary>
internal sealed class TranscriptHistory(ConversationId conversation, ITranscriptStore store) : ITranscriptHistory
{
    /// <summary>Clients write against a recent head: of those, these many need no question to the store.</summary>
    private const int Window = 128;

    /// <summary>Roots of the past that are kept: a root never changes, and what is written offline names the same few for a while.</summary>
    private const int MostRoots = 64;

    private readonly List<Recent> _recent = [];
    private readonly Dictionary<ulong, Hash32> _preparedRoots = [];
    private readonly Dictionary<(DeviceId Author, ulong Seq), PlacedEntry?> _preparedPlaces = [];

    private readonly record struct Recent(ulong Position, DeviceId Author, ulong Seq, EntryHash Hash, Hash32 RootAfter);

    /// <summary>Fetches what the engine will ask about this entry.</summary>
    public async Task PrepareAsync(Conversation engine, Entry entry)
    {
        if (_preparedRoots.Count > MostRoots)
            _preparedRoots.Clear();
        _preparedPlaces.Clear();
        await PrepareRootAsync(engine.Size, entry.Seen.Size).ConfigureAwait(false);
        if (!engine.Participants.TryGetValue(entry.Author, out var author))
            return;
        if (entry.Seq <= author.LastSeq)
            await PreparePlaceAsync(entry.Author, entry.Seq).ConfigureAwait(false);
        if (entry.Body is not EraseBody erase)
            return;
        foreach (var named in erase.Entries)
            if (named.Seq <= author.LastSeq)
                await PreparePlaceAsync(entry.Author, named.Seq).ConfigureAwait(false);
    }

    /// <summary>Fetches what the engine will ask about entries read back from the store.</summary>
    public async Task PrepareAsync(ulong size, IEnumerable<Entry> stored)
    {
        foreach (var entry in stored)
        {
            await PrepareRootAsync(size, entry.Seen.Size).ConfigureAwait(false);
            if (entry.Body is EraseBody erase)
                foreach (var named in erase.Entries)
                    await PreparePlaceAsync(entry.Author, named.Seq).ConfigureAwait(false);
        }
    }

    public void Applied(VerifiedEntry verified, Hash32 rootAfter)
    {
        var entry = verified.Entry;
        if (_recent.Count == 2 * Window)
            _recent.RemoveRange(0, Window);
        _recent.Add(new Recent(verified.Position, entry.Author, entry.Seq, entry.Hash, rootAfter));
    }

    public Hash32 RootAt(ulong size) =>
        RecentRoot(size) ?? (_preparedRoots.TryGetValue(size, out var root) ? root : throw NotPrepared());

    public PlacedEntry? Find(DeviceId author, ulong seq) =>
        FindRecent(author, seq)
        ?? (_preparedPlaces.TryGetValue((author, seq), out var place) ? place : throw NotPrepared());

    private async Task PreparePlaceAsync(DeviceId author, ulong seq)
    {
        if (FindRecent(author, seq) is null)
            _preparedPlaces[(author, seq)] = await store.FindEntryAsync(conversation, author, seq).ConfigureAwait(false);
    }

    private async Task PrepareRootAsync(ulong end, ulong size)
    {
        if (size == 0 || size >= end || RecentRoot(size) is not null || _preparedRoots.ContainsKey(size))
            return;
        if (await store.RootAtAsync(conversation, size).ConfigureAwait(false) is { } root)
            _preparedRoots[size] = root;
    }

    private Hash32? RecentRoot(ulong size)
    {
        if (_recent.Count == 0 || size <= _recent[0].Position)
            return null;
        var index = size - 1 - _recent[0].Position;
        return index < (ulong)_recent.Count ? _recent[(int)index].RootAfter : null;
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
