using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>How far an own message has come: five words, each of which names a fact that this device holds evidence of.</summary>
public enum DeliveryWord
{
    /// <summary>Stored on this device, not yet written to a link.</summary>
    Queued,

    /// <summary>Written to the link that is up; nobody has confirmed anything.</summary>
    Sent,

    /// <summary>The server's signed head that covers the entry is stored here (RC-03).</summary>
    Accepted,

    /// <summary>At least one other member device has signed that it holds it (RC-04).</summary>
    Delivered,

    /// <summary>Every other member device has given its final receipt over it (RC-06).</summary>
    Final,

    /// <summary>The server refused it, or one before it in the same conversation, for now; see <see cref="Delivery.Failure"/>. It keeps its
    /// place and is sent again, on the next link and before what is written next; NOT_MEMBER: when this device is a member again (EN-17).</summary>
    Waiting,

    /// <summary>It can never be accepted: the conversation is closed, or a copy of this device has used its place (REPLAY).</summary>
    Failed,
}

/// <param name="Word">The word to show.</param>
/// <param name="Devices">How many other member devices have signed for it.</param>
/// <param name="Of">How many there were when it was accepted.</param>
/// <param name="Failure">Why it waits or failed, with <see cref="DeliveryWord.Waiting"/> and <see cref="DeliveryWord.Failed"/> only.</param>
public sealed record Delivery(DeliveryWord Word, int Devices = 0, int Of = 0, WireCode? Failure = null)
{
    /// <summary>The server's signed head covers it, at least.</summary>
    public bool IsAccepted => Word is DeliveryWord.Accepted or DeliveryWord.Delivered or DeliveryWord.Final;

    internal static Delivery Refused(WireCode code) =>
        new(code is WireCode.Closed or WireCode.Replay or WireCode.Stale ? DeliveryWord.Failed : DeliveryWord.Waiting, Failure: code);
}
