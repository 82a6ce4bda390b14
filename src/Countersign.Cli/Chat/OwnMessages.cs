using Countersign.Client;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Cli;

/// <summary>Own messages between Enter and their last word. Each is printed once, when its state has settled for now; what
/// happens to it later is one note.</summary>
/// <remarks>Not thread-safe: the room holds its lock.</remarks>
internal sealed class OwnMessages
{
    private readonly List<Own> _all = [];

    /// <summary>Not printed yet, oldest first.</summary>
    public IEnumerable<Own> Unprinted => _all.Where(o => !o.Printed);

    /// <summary>On their way, as far as events told: neither accepted nor refused.</summary>
    public IEnumerable<Own> Waiting => _all.Where(o => o.Delivery.Word < DeliveryWord.Accepted);

    public void Add(ConversationId conversation, LocalMessageId id, string text, DateTimeOffset at) =>
        _all.Add(new Own(conversation, id, text, at));

    /// <summary>One of an earlier run, printed as it stands now, whose last word has not come.</summary>
    /// <returns>Null if it is here already, or has had its last word.</returns>
    public Own? Adopt(ConversationId conversation, LocalMessageId id, string text, DateTimeOffset at, Delivery delivery)
    {
        if (_all.Exists(o => o.Id == id) || delivery.Word == DeliveryWord.Failed)
            return null;
        var own = new Own(conversation, id, text, at) { Delivery = delivery, Printed = true };
        _all.Add(own);
        return own;
    }

    /// <summary>Takes note of a new state; null for a message of an earlier run.</summary>
    public Own? Update(LocalMessageId id, Delivery delivery)
    {
        var own = _all.Find(o => o.Id == id);
        if (own is not null)
            own.Delivery = delivery;
        return own;
    }

    /// <summary>Whether a message of a conversation stands here as waiting for this reason.</summary>
    public bool IsWaiting(ConversationId conversation, WireCode code) => _all.Exists(o => o.Conversation == conversation && o.Refused == code);

    /// <summary>Forgets what needs no further note: everything printed and complete, and all but the last ones.</summary>
    public void Forget() => _all.RemoveAll(o => o.Printed && (DeliveryMark.IsComplete(o.Delivery) || o.Delivery.Word == DeliveryWord.Failed));

    /// <summary>Whether this is the newest own message of its conversation: notes are about the newest only, since receipts
    /// are cumulative.</summary>
    public bool IsNewest(Own own) => _all.FindLast(o => o.Conversation == own.Conversation) == own;
}

/// <summary>One own message of this run.</summary>
internal sealed class Own(ConversationId conversation, LocalMessageId id, string text, DateTimeOffset at)
{
    public ConversationId Conversation { get; } = conversation;
    public LocalMessageId Id { get; } = id;
    public string Text { get; } = text;
    public DateTimeOffset At { get; } = at;
    public Delivery Delivery { get; set; } = new(DeliveryWord.Queued);
    public bool Printed { get; set; }

    /// <summary>It stands here as waiting, for this code: whatever becomes of it is said, too.</summary>
    public WireCode? Refused { get; set; }
}
