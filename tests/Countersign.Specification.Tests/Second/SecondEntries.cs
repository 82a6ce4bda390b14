using System.Security.Cryptography;
using System.Text;
using static Countersign.Specification.Tests.Second.Derivation;

namespace Countersign.Specification.Tests.Second;

/// <summary>SPEC 2.5, 7, 8 and 9 a second time: what a device signs and how a message is sealed.</summary>
internal static class SecondEntries
{
    public static byte[] Sign1(RSA key, string purpose, SortedDictionary<long, object?> header, byte[] payload)
    {
        var protectedHeader = Cbor.Encode(header);
        var toBeSigned = Cbor.Message("Signature1", protectedHeader, Label(purpose), payload);
        var signature = key.SignData(toBeSigned, HashAlgorithmName.SHA256, RSASignaturePadding.Pss);
        return Cbor.Encode(new Cbor.Tagged(18, new object?[] { protectedHeader, new SortedDictionary<long, object?>(), payload, signature }));
    }

    public static SortedDictionary<long, object?> Header(byte[] device, int type, long seq, long ts, long seenSize, byte[] seenRoot) => new()
    {
        [1] = -37,
        [34] = new object?[] { -16, device },
        [-65537] = type,
        [-65539] = seq,
        [-65540] = ts,
        [-65541] = new object?[] { seenSize, seenRoot },
    };

    public static byte[] Leaf(byte[] entry) => SHA256.HashData(Concat([0], entry));

    public static byte[] Root(IReadOnlyList<byte[]> entries)
    {
        if (entries.Count == 0)
            return SHA256.HashData([]);
        if (entries.Count == 1)
            return Leaf(entries[0]);
        var k = 1;
        while (k * 2 < entries.Count)
            k *= 2;
        return SHA256.HashData(Concat([1], Root([.. entries.Take(k)]), Root([.. entries.Skip(k)])));
    }

    public static byte[] Prekey(RSA key, byte[] device, byte[] point, int kind, long now) => Sign1(key, "prekey",
        new SortedDictionary<long, object?> { [1] = -37, [34] = new object?[] { -16, device }, [-65537] = 19 },
        Cbor.Message(point, kind, now));

    /// <summary>padded = content ‖ 0x80 ‖ 0x00… to the next size.</summary>
    public static byte[] Pad(string text)
    {
        var content = Cbor.Message(1, text);
        var size = 64;
        while (size < content.Length + 1)
            size *= 2;
        var padded = new byte[size];
        content.CopyTo(padded, 0);
        padded[content.Length] = 0x80;
        return padded;
    }

    public static byte[] SealMessage(byte[] messageKey, byte[] protectedHeader, byte[] padded)
    {
        var ct = new byte[padded.Length + 16];
        using var aes = new AesGcm(messageKey, 16);
        aes.Encrypt(new byte[12], padded, ct.AsSpan(0, padded.Length), ct.AsSpan(padded.Length), protectedHeader);
        return ct;
    }

    public static byte[] OpenPadded(byte[] messageKey, byte[] protectedHeader, byte[] ct)
    {
        var padded = new byte[ct.Length - 16];
        using var aes = new AesGcm(messageKey, 16);
        aes.Decrypt(new byte[12], ct.AsSpan(0, padded.Length), ct.AsSpan(padded.Length), padded, protectedHeader);
        return padded;
    }

    public static string OpenMessage(byte[] messageKey, byte[] protectedHeader, byte[] ct)
    {
        var padded = OpenPadded(messageKey, protectedHeader, ct);
        var end = padded.AsSpan().LastIndexOf((byte)0x80);
        return (string)((object?[])Cbor.Decode(padded[..end])!)[1]!;
    }

    /// <summary>The first message key of a device in an epoch.</summary>
    public static byte[] FirstMessageKey(byte[] epochSecret, byte[] epoch, byte[] device) =>
        Derive(Derive(epochSecret, "sender chain", Concat(epoch, device), 32), "message key", [], 16);
}
