using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>The five words for own messages, from what is stored.</summary>
internal static class Deliveries
{
    /// <summary>A message in the transcript.</summary>
    public static Delivery Of(ClientState state, HeldConversation held, ulong position)
    {
        if (held.Accepted <= position)
            return new Delivery(DeliveryWord.Sent);
        var others = held.Engine.Participants
            .Where(p => p.Key != state.Self && p.Value.WasMemberAt(position)).Select(p => p.Key).ToList();
        var delivered = others.Count(device => Covers(held, device, ReceiptKind.Delivered, position) || Covers(held, device, ReceiptKind.Final, position));
        var final = others.Count > 0 && others.TrueForAll(device => Covers(held, device, ReceiptKind.Final, position));
        var word = final ? DeliveryWord.Final : delivered > 0 ? DeliveryWord.Delivered : DeliveryWord.Accepted;
        return new Delivery(word, delivered, others.Count);
    }

    /// <summary>A message in the outbox.</summary>
    public static Delivery Of(ClientState state, OutboxItem item) =>
        item.Failed is { } code ? Delivery.Refused(code)
        : BehindCode(state, item) is { } before ? new Delivery(DeliveryWord.Waiting, Failure: before)
        : new Delivery(state.Sent.Contains(item.Local) ? DeliveryWord.Sent : DeliveryWord.Queued);

    /// <summary>An own message, wherever it is.</summary>
    public static Delivery? Of(ClientState state, HeldConversation held, LocalMessageId message) =>
        state.Store.MessageKeys.PositionOf(held.Id, message.Value) is { } position ? Of(state, held, position)
        : state.Store.Outbox.Find(message.Value) is { } item && item.Conversation == held.Id ? Of(state, item)
        : null;

    // With which code the server refused what has to come before a text is signed (EN-17); null once that is out of the way.
    private static WireCode? BehindCode(ClientState state, OutboxItem item) =>
        item.Bytes is null && state.Behind.TryGetValue(item.Local, out var control) && state.Refusals.TryGetValue(control, out var code)
            && state.Store.Outbox.Find(control) is { Failed: null, Bytes: not null, Type: not EntryType.Message } ? code : null;

    private static bool Covers(HeldConversation held, DeviceId device, ReceiptKind kind, ulong position) =>
        held.Receipts.TryGetValue((device, kind), out var size) && size > position;
}
