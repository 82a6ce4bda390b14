using Countersign.Cryptography;

namespace Countersign.Evidence.Tests;

/// <summary>Entries outside the grammar, with true signatures: what <see cref="EntryAuthor"/> cannot be brought to make.</summary>
internal static class RawEntry
{
    private static readonly ConversationId Somewhere = new(Hash32.Sha256([1]));

    /// <summary>header with the labels of a join, then whatever <paramref name="more"/> writes.</summary>
    public static byte[] Header(int type, int pairs, bool conversation = true, Action<CborOutput>? more = null, long algorithm = -37,
        long hash = -16, Hash32? device = null)
    {
        var output = new CborOutput().StartMap(pairs)
            .Int(1).Int(algorithm)
            .Int(34).StartArray(2).Int(hash).Hash(device ?? TestDevice.Alice.Id.Value).EndArray()
            .Int(-65537).UInt((ulong)type);
        if (conversation)
            output.Int(-65538).Hash(Somewhere.Value);
        output.Int(-65539).UInt(1).Int(-65540).UInt(1000).Int(-65541).StartArray(2).UInt(1).Hash(Somewhere.Value).EndArray();
        more?.Invoke(output);
        return output.EndMap().ToArray();
    }

    public static byte[] Join(byte[]? header = null) =>
        Sign(header ?? Header(2, 7), new CborOutput().StartArray(1).Hash(Somewhere.Value).EndArray().ToArray());

    public static byte[] Sign(byte[] header, byte[] payload) => CoseSign1.Sign(TestDevice.Alice.Key, Label.Entry, header, payload);

    /// <summary>A COSE_Sign1 of chosen parts; the signature is one of the right length.</summary>
    public static byte[] Cose(Action<CborOutput> unprotected, Action<CborOutput> payload, bool tag = true)
    {
        var output = new CborOutput();
        if (tag)
            output.Tag(18);
        output.StartArray(4).Bytes(Header(2, 7));
        unprotected(output);
        payload(output);
        return output.Bytes(new byte[256]).EndArray().ToArray();
    }

    public static void Malformed(byte[] bytes) => Refused.With(EntryFault.Malformed, "EN-04", () => Entry.Parse(bytes));
}
