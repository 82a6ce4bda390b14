using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>The three labels every protected header of ours begins with: {1 => -37, 34 => [-16, hash], -65537 => type, …}.</summary>
internal static class SignedHeader
{
    private const long Algorithm = 1;
    private const long Ps256 = -37;
    private const long X5t = 34;
    private const long Sha256 = -16;
    private const long Type = -65537;

    /// <summary>Enters a map of <paramref name="minPairs"/> to <paramref name="maxPairs"/> pairs and reads the first three.</summary>
    public static (int Pairs, Hash32 Certificate, int Type) Start(CborInput input, int minPairs, int maxPairs)
    {
        var pairs = input.StartMap(minPairs, maxPairs);
        input.Key(Algorithm); // EN-02
        if (input.Int() != Ps256)
            throw new MalformedException("EN-02: algorithm");
        input.Key(X5t);
        input.StartArray(2);
        if (input.Int() != Sha256)
            throw new MalformedException("EN-02: x5t hash");
        var certificate = input.Hash();
        input.EndArray();
        input.Key(Type);
        return (pairs, certificate, input.Int32());
    }

    public static CborOutput Start(CborOutput output, int pairs, Hash32 certificate, int type) => output
        .StartMap(pairs)
        .Int(Algorithm).Int(Ps256)
        .Int(X5t).StartArray(2).Int(Sha256).Hash(certificate).EndArray()
        .Int(Type).UInt((ulong)type);

    /// <summary>A header of these three labels alone.</summary>
    public static (Hash32 Certificate, int Type) Parse(ReadOnlyMemory<byte> header) => CborInput.Parse(header, static input =>
    {
        var (_, certificate, type) = Start(input, 3, 3);
        input.EndMap();
        return (certificate, type);
    });

    public static byte[] Encode(Hash32 certificate, int type) => CborOutput.Encode(output => Start(output, 3, certificate, type).EndMap());
}
