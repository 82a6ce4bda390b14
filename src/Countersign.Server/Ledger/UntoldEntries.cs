using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Server;

/// <summary>Entries that are in the store although their commit had failed: nobody was pushed them. Members who are connected would learn of
/// them only with the next entry, so they are pushed late (SE-04).</summary>
internal sealed class UntoldEntries
{
    private readonly IReadOnlyList<Entry> _entries;
    private readonly IReadOnlyList<DeviceId> _audience;

    private UntoldEntries(ulong from, IReadOnlyList<Entry> entries, Head head, IReadOnlyList<DeviceId> audience) =>
        (From, _entries, Head, _audience) = (from, entries, head, audience);

    /// <summary>Position of the first.</summary>
    public ulong From { get; }

    /// <summary>The conversation's when it was read back.</summary>
    public Head Head { get; }

    /// <summary>Those from a position on, as many as fit a push: whoever gets a head that covers more fetches the rest.</summary>
    /// <returns>Null if there are none.</returns>
    /// <exception cref="StoreException"/>
    /// <exception cref="Cryptography.MalformedException">The store is damaged.</exception>
    public static async Task<UntoldEntries?> ReadAsync(ITranscriptStore store, Conversation engine, ulong from)
    {
        if (engine.Size <= from)
            return null;
        var stored = await store.ReadEntriesAsync(engine.Id, from, engine.Size, ConversationRun.MostBytes).ConfigureAwait(false);
        List<Entry> entries = [.. stored.Take(ConversationRun.MaxEntries).Select(LoadedConversation.Parse)];
        // Whom the last entry removes still sees it, and the head that ends with it; whoever was removed before sees nothing of this (SE-03).
        var isWhole = from + (ulong)entries.Count == engine.Size;
        var removed = isWhole && entries[^1].Body is MembersBody members ? members.Removed : [];
        return new UntoldEntries(from, entries, engine.Head, [.. engine.Members.Devices, .. removed]);
    }

    public CommittedRun ToCommitted(SignedHead head) => new(
        Head.Conversation, From, _entries.Select(static entry => new Encoded<Entry>(entry.Bytes)).ToEquatableList(), head, _audience, _entries[^1].Body is CloseBody);
}
