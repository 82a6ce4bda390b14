using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Countersign.Cli;

/// <summary>One AES-GCM ciphertext with one tag that opens under two keys (Grubbs, Lu, Ristenpart, CRYPTO 2017): the tag is linear
/// in every ciphertext block, and one block that nobody reads makes both tags equal.</summary>
internal static class TwoKeyCiphertext
{
    private const int Block = 16;
    private const int Blocks = 4;

    /// <summary>Four blocks and a tag under the zero nonce: the first reads <paramref name="first"/> under the first key, the second
    /// <paramref name="second"/> under the other, the third balances, the fourth is zero.</summary>
    public static byte[] Make(byte[] key1, byte[] key2, byte[] aad, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        var output = new byte[(Blocks + 1) * Block];
        var ciphertext = output.AsSpan(0, Blocks * Block);
        Xor(first, Stream(key1, 2), ciphertext);
        Xor(second, Stream(key2, 3), ciphertext[Block..]);
        var (hash1, hash2) = (Number(Encrypted(key1, new byte[Block])), Number(Encrypted(key2, new byte[Block])));
        var (mask1, mask2) = (Number(Stream(key1, 1)), Number(Stream(key2, 1)));
        var difference = Ghash(hash1, aad, ciphertext) ^ Ghash(hash2, aad, ciphertext) ^ mask1 ^ mask2;
        // The fourth block and the lengths come after the third, so that it counts with the third power.
        Write(Product(difference, Inverse(Cube(hash1) ^ Cube(hash2))), ciphertext[(2 * Block)..]);
        Write(Ghash(hash1, aad, ciphertext) ^ mask1, output.AsSpan(Blocks * Block));
        return output;
    }

    /// <summary>Whether AES-GCM alone takes it under this key.</summary>
    public static void Open(byte[] key, byte[] aad, byte[] sealedBytes)
    {
        using var gcm = new AesGcm(key, Block);
        gcm.Decrypt(new byte[12], sealedBytes.AsSpan(0, Blocks * Block), sealedBytes.AsSpan(Blocks * Block), new byte[Blocks * Block], aad);
    }

    private static byte[] Stream(byte[] key, byte counter) => Encrypted(key, [.. new byte[Block - 1], counter]);

    private static byte[] Encrypted(byte[] key, byte[] block)
    {
        using var aes = Aes.Create();
        aes.Key = key;
        return aes.EncryptEcb(block, PaddingMode.None);
    }

    private static UInt128 Ghash(UInt128 hash, byte[] aad, ReadOnlySpan<byte> ciphertext)
    {
        UInt128 sum = 0;
        foreach (var chunk in aad.Chunk(Block).Concat(ciphertext.ToArray().Chunk(Block)))
            sum = Product(sum ^ Number([.. chunk, .. new byte[Block - chunk.Length]]), hash);
        var lengths = (UInt128)(ulong)aad.Length * 8 << 64 | (ulong)ciphertext.Length * 8;
        return Product(sum ^ lengths, hash);
    }

    // NIST SP 800-38D, 6.3: the leftmost bit is the lowest power.
    private static UInt128 Product(UInt128 x, UInt128 y)
    {
        UInt128 product = 0;
        for (var bit = 127; bit >= 0; bit--)
        {
            if ((x >> bit & 1) == 1)
                product ^= y;
            y = (y & 1) == 0 ? y >> 1 : y >> 1 ^ (UInt128)0xe1 << 120;
        }
        return product;
    }

    private static UInt128 Cube(UInt128 x) => Product(x, Product(x, x));

    // x^(2^128 − 2)
    private static UInt128 Inverse(UInt128 x)
    {
        var inverse = (UInt128)1 << 127;
        for (var i = 1; i < 128; i++)
            inverse = Product(inverse, x = Product(x, x));
        return inverse;
    }

    private static void Xor(ReadOnlySpan<byte> text, ReadOnlySpan<byte> stream, Span<byte> output)
    {
        for (var i = 0; i < Block; i++)
            output[i] = (byte)(text[i] ^ stream[i]);
    }

    private static UInt128 Number(ReadOnlySpan<byte> block) => BinaryPrimitives.ReadUInt128BigEndian(block);

    private static void Write(UInt128 number, Span<byte> block) => BinaryPrimitives.WriteUInt128BigEndian(block, number);
}
