namespace Countersign.Evidence;

/// <summary>What a member's receipt says; the numbers are signed (SPEC section 8).</summary>
public enum ReceiptKind
{
    /// <summary>The device holds the transcript up to the head and has verified it.</summary>
    Delivered = 17,

    /// <summary>It is the last head the device holds: it left, or the conversation is closed (RC-06).</summary>
    Final = 18,
}
