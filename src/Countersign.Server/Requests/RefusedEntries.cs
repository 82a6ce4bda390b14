using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Server;

/// <summary>The first entry in each conversation that this link was refused, and with which code. A device sends several entries without
/// waiting: those behind a refused one leave a gap through no fault of theirs, and are refused with the same code (EN-07).</summary>
/// <remarks>Thread-safe. It holds one entry for each of a few conversations: whoever names more, and be it made-up ones, has it begin anew.</remarks>
internal sealed class RefusedEntries
{
    /// <summary>More than a device has under way at once by default (SPEC 11).</summary>
    private const int MostConversations = 256;

    private readonly Lock _lock = new();
    private readonly Dictionary<ConversationId, (ulong Seq, WireCode Code)> _first = [];

    /// <summary>The entry was refused, and the link stays.</summary>
    public void Add(Entry entry, WireCode code)
    {
        lock (_lock)
        {
            var isKnown = _first.TryGetValue(entry.Conversation, out var first);
            if (isKnown && entry.Seq > first.Seq)
                return;
            if (!isKnown && _first.Count == MostConversations)
                _first.Clear();
            _first[entry.Conversation] = (entry.Seq, code);
        }
    }

    /// <summary>The entry, or another one in its place, was accepted.</summary>
    public void Remove(Entry entry)
    {
        lock (_lock)
            if (_first.TryGetValue(entry.Conversation, out var first) && entry.Seq >= first.Seq)
                _first.Remove(entry.Conversation);
    }

    /// <summary>The code with which an earlier entry was refused that this one builds on; null if none was.</summary>
    public WireCode? Before(Entry entry)
    {
        lock (_lock)
            return _first.TryGetValue(entry.Conversation, out var first) && first.Seq < entry.Seq ? first.Code : null;
    }
}
