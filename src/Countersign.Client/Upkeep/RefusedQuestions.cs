using Countersign.Evidence;

namespace Countersign.Client;

/// <summary>How long to wait before the server is asked again about a conversation of which it refuses to say everything: longer each
/// time, from 3 s to a minute (LI-08).</summary>
/// <remarks>Thread-safe. A wait that was superseded, by a later refusal or by an answer, ends nothing.</remarks>
internal sealed class RefusedQuestions
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<ConversationId, Wait> _waits = [];

    /// <summary>A wait before the next question, the last one in a row of <paramref name="Refusals"/>.</summary>
    internal sealed record Wait(ConversationId Conversation, int Refusals)
    {
        public TimeSpan Length => Refusals > 5 ? Longest : TimeSpan.FromTicks(Math.Min(Longest.Ticks, First.Ticks << (Refusals - 1)));
    }

    /// <summary>The server has refused a question.</summary>
    public Wait Add(ConversationId id)
    {
        lock (_gate)
            return _waits[id] = new Wait(id, (_waits.TryGetValue(id, out var before) ? before.Refusals : 0) + 1);
    }

    /// <summary>It has answered, or named something new: the next refusal is the first one again.</summary>
    public void Clear(ConversationId id)
    {
        lock (_gate)
            _waits.Remove(id);
    }

    /// <summary>Nothing has come since this wait began.</summary>
    public bool IsCurrent(Wait wait)
    {
        lock (_gate)
            return _waits.TryGetValue(wait.Conversation, out var now) && ReferenceEquals(now, wait);
    }
}
