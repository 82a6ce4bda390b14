using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>A receipt whose signature is proved: only <see cref="Receipt.Verify"/> makes it.</summary>
public sealed class SignedReceipt
{
    internal SignedReceipt(Receipt receipt, VerifiedDevice device) => (Receipt, Device) = (receipt, device);

    public Receipt Receipt { get; }
    public VerifiedDevice Device { get; }
}

/// <summary>A receipt of a present or former member over a head of the transcript held here: only
/// <see cref="Conversation.Check(SignedReceipt)"/> makes it.</summary>
public sealed class VerifiedReceipt
{
    internal VerifiedReceipt(SignedReceipt receipt) => (Receipt, Device) = (receipt.Receipt, receipt.Device);

    public Receipt Receipt { get; }
    public VerifiedDevice Device { get; }

    /// <summary>The newer of two receipts of one device and kind: the larger size, the one held at equal sizes (RC-04, RC-05).</summary>
    /// <param name="held">The one held so far, or null.</param>
    public VerifiedReceipt Newest(VerifiedReceipt? held)
    {
        if (held is null)
            return this;
        if (held.Receipt.Device != Receipt.Device || held.Receipt.Kind != Receipt.Kind || held.Receipt.Head.Conversation != Receipt.Head.Conversation)
            throw new ArgumentException("Another device, kind or conversation.", nameof(held));
        return Receipt.Head.Size > held.Receipt.Head.Size ? this : held;
    }
}
