using System.Security.Cryptography;

namespace Countersign.Protocol.Tests;

/// <summary>The classic AES-GCM construction (Grubbs, Lu, Ristenpart 2017): one ciphertext and tag that authenticate under two keys.
/// GHASH is linear in each ciphertext block, so one block is free to make both tags equal.</summary>
internal static class TwoKeyCiphertext
{
    private const int Block = 16;

    /// <summary>Four blocks and a tag under the zero nonce: the first block reads <paramref name="first"/> under one key, the
    /// second reads <paramref name="second"/> under the other; the third balances the tags.</summary>
    public static byte[] Make(byte[] key1, byte[] key2, byte[] aad, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        var output = new byte[4 * Block + Block];
        Xor(first, Keystream(key1, 2), output);
        Xor(second, Keystream(key2, 3), output.AsSpan(Block));
        var (h1, h2) = (Read(Encrypt(key1, new byte[Block])), Read(Encrypt(key2, new byte[Block])));
        var tags = Read(Keystream(key1, 1)) ^ Read(Keystream(key2, 1));
        var imbalance = Ghash(h1, aad, output.AsSpan(0, 4 * Block)) ^ Ghash(h2, aad, output.AsSpan(0, 4 * Block)) ^ tags;
        // Blocks after the third: the fourth and the lengths, so it is multiplied by the third power of the hash key.
        var factor = Power(h1, 3) ^ Power(h2, 3);
        Write(Multiply(imbalance, Inverse(factor)), output.AsSpan(2 * Block));
        Write(Ghash(h1, aad, output.AsSpan(0, 4 * Block)) ^ Read(Keystream(key1, 1)), output.AsSpan(4 * Block));
        return output;
    }

    private static byte[] Keystream(byte[] key, byte counter) => Encrypt(key, [.. new byte[15], counter]);

    private static byte[] Encrypt(byte[] key, byte[] block)
    {
        using var aes = Aes.Create();
        aes.Key = key;
        return aes.EncryptEcb(block, PaddingMode.None);
    }

    private static UInt128 Ghash(UInt128 h, byte[] aad, ReadOnlySpan<byte> ciphertext)
    {
        UInt128 y = 0;
        foreach (var chunk in aad.Chunk(Block))
            y = Multiply(y ^ Read([.. chunk, .. new byte[Block - chunk.Length]]), h);
        for (var at = 0; at < ciphertext.Length; at += Block)
            y = Multiply(y ^ Read(ciphertext.Slice(at, Block)), h);
        return Multiply(y ^ ((UInt128)(uint)aad.Length * 8 << 64 | (UInt128)(uint)ciphertext.Length * 8), h);
    }

    // NIST SP 800-38D section 6.3: bit 0 is the leftmost one, R = 11100001 ‖ 0^120
    private static UInt128 Multiply(UInt128 x, UInt128 y)
    {
        UInt128 z = 0;
        for (var i = 127; i >= 0; i--)
        {
            if ((x >> i & 1) == 1)
                z ^= y;
            y = (y & 1) == 1 ? y >> 1 ^ (UInt128)0xe1 << 120 : y >> 1;
        }
        return z;
    }

    private static UInt128 Power(UInt128 x, int exponent) => exponent == 1 ? x : Multiply(x, Power(x, exponent - 1));

    // x^(2^128 − 2)
    private static UInt128 Inverse(UInt128 x)
    {
        var (square, result) = (x, (UInt128)1 << 127);
        for (var i = 1; i < 128; i++)
        {
            square = Multiply(square, square);
            result = Multiply(result, square);
        }
        return result;
    }

    private static void Xor(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, Span<byte> output)
    {
        for (var i = 0; i < Block; i++)
            output[i] = (byte)(a[i] ^ b[i]);
    }

    private static UInt128 Read(ReadOnlySpan<byte> block) => System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(block);

    private static void Write(UInt128 value, Span<byte> block) => System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(block, value);
}
