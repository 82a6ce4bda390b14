using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Protocol;

/// <summary>The items that several session messages carry, with their bounds (SPEC 6 and 11).</summary>
internal static class SessionItems
{
    /// <summary>Largest entry in bytes (EN-04).</summary>
    public const int MaxEntry = 131072;

    /// <summary>Largest receipt in bytes: an RSA-4096 signature and some 150 bytes around it, rounded up.</summary>
    public const int MaxReceipt = 1024;

    /// <summary>Largest prekey in bytes, likewise.</summary>
    public const int MaxPrekey = 1024;

    /// <summary>Largest stamped head in bytes: its token, and some 2300 bytes around it, rounded up.</summary>
    public const int MaxStamp = 20480;

    /// <summary>Most stamped heads in one message: they fit a record.</summary>
    public const int MaxStamps = 12;

    /// <summary>Most entries in one message: 128 KiB hold fewer.</summary>
    public const int MaxEntries = 1024;

    /// <summary>Most receipts in one message: they fit a record at the largest key size.</summary>
    public const int MaxReceipts = 250;

    /// <summary>Most devices whose prekeys are taken at once: their prekeys fit a record.</summary>
    public const int MaxTaken = 250;

    public const int MaxPrekeysPut = 100;
    public const int MaxListed = 1000;
    public const int MaxDevicesOfUser = 16;
    public const int MaxCertificatesAsked = 64;

    public static ConversationId Conversation(this CborInput input) => new(input.Hash());
    public static CborOutput Conversation(this CborOutput output, ConversationId conversation) => output.Hash(conversation.Value);

    public static DeviceId Device(this CborInput input) => new(input.Hash());
    public static CborOutput Device(this CborOutput output, DeviceId device) => output.Hash(device.Value);

    public static Encoded<Entry> Entry(this CborInput input) => input.Encoded<Entry>(MaxEntry);
    public static Encoded<Receipt> Receipt(this CborInput input) => input.Encoded<Receipt>(MaxReceipt);
    public static Encoded<StampedHead> Stamp(this CborInput input) => input.Encoded<StampedHead>(MaxStamp);
    public static Encoded<Prekey> Prekey(this CborInput input) => input.Encoded<Prekey>(MaxPrekey);

    public static T? OrNull<T>(this CborInput input, Func<CborInput, T> read) where T : class =>
        input.TryNull() ? null : read(input);

    public static CborOutput OrNull<T>(this CborOutput output, T? value, Action<CborOutput, T> write) where T : class
    {
        if (value is null)
            return output.Null();
        write(output, value);
        return output;
    }
}
