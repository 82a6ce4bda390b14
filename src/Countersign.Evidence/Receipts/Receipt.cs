using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>A member's receipt, parsed and believed in nothing (SPEC section 8).</summary>
/// <remarks>
/// <code>receipt = COSE_Sign1: header {1 => -37, 34 => [-16, device], -65537 => 17 / 18}, payload [head, time]</code>
/// Purpose "receipt". Immutable; it keeps slices of the bytes it was parsed from.
/// </remarks>
public sealed class Receipt
{
    /// <summary>Largest receipt in bytes.</summary>
    public const int MaxBytes = 1024;

    private const int MaxPayload = 128;

    private readonly CoseSign1 _cose;

    private Receipt(ReadOnlyMemory<byte> bytes, CoseSign1 cose, ReceiptKind kind, DeviceId device, Head head, DateTimeOffset time) =>
        (Bytes, _cose, Kind, Device, Head, Time) = (bytes, cose, kind, device, head, time);

    public ReadOnlyMemory<byte> Bytes { get; }
    public ReceiptKind Kind { get; }
    public DeviceId Device { get; }
    public Head Head { get; }

    /// <summary>The device's own clock: a claim.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>Signs a receipt over a head the device holds and has verified (RC-04).</summary>
    public static Receipt Sign(SigningKey key, DeviceId device, ReceiptKind kind, Head head, DateTimeOffset time)
    {
        var payload = new CborOutput().StartArray(2);
        head.Write(payload);
        payload.Time(time).EndArray();
        return Parse(CoseSign1.Sign(key, Label.Receipt, SignedHeader.Encode(device.Value, (int)kind), payload.ToArray()));
    }

    /// <param name="bytes">One receipt and nothing else; kept by slices.</param>
    /// <exception cref="ReceiptRefusedException">Malformed.</exception>
    public static Receipt Parse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            var cose = CoseSign1.Parse(bytes, MaxPayload);
            var (device, type) = SignedHeader.Parse(cose.ProtectedHeader);
            if (type is not ((int)ReceiptKind.Delivered or (int)ReceiptKind.Final))
                throw new MalformedException("receipt type");
            var (head, time) = CborInput.Parse(cose.Payload, static input =>
            {
                input.StartArray(2);
                var content = (Head.Read(input), input.Time());
                input.EndArray();
                return content;
            });
            return new Receipt(bytes, cose, (ReceiptKind)type, new DeviceId(device), head, time);
        }
        catch (MalformedException e)
        {
            throw new ReceiptRefusedException(ReceiptFault.Malformed, e);
        }
    }

    /// <summary>Proves the signature (RC-05). Whether the head is right is for <see cref="Conversation.Check(SignedReceipt)"/>.</summary>
    /// <param name="device">The device that x5t names: the caller resolved it.</param>
    /// <exception cref="ReceiptRefusedException">BadSignature.</exception>
    /// <exception cref="ArgumentException">Another device than x5t names: a bug of the caller.</exception>
    public SignedReceipt Verify(VerifiedDevice device)
    {
        if (device.Leaf.Fingerprint != Device.Value)
            throw new ArgumentException("The receipt names another device.", nameof(device));
        try
        {
            _cose.Verify(device.Leaf.PublicKey, Label.Receipt);
        }
        catch (BadSignatureException e)
        {
            throw new ReceiptRefusedException(ReceiptFault.BadSignature, e);
        }
        return new SignedReceipt(this, device);
    }
}
