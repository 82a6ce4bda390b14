using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>One item of keys.cbor (BU-05): the key of the message at a position, and so its disclosure.</summary>
/// <remarks><code>item = [position: uint, key: bstr .size 16]</code></remarks>
internal readonly record struct MessageKeyItem(ulong Position, ReadOnlyMemory<byte> Key)
{
    public const int MaxBytes = 32;

    public static MessageKeyItem Read(CborInput input)
    {
        input.StartArray(2);
        var item = new MessageKeyItem(input.UInt(BundleManifest.MaxSize), input.Bytes(MessageCipher.KeySize).ToArray());
        input.EndArray();
        return item;
    }

    public void Write(CborOutput output) => output.StartArray(2).UInt(Position).Bytes(Key.Span).EndArray();
}
