using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Countersign.Cryptography;

/// <summary>HKDF (RFC 5869) and HMAC (RFC 2104) with SHA-256, always under a label of the one table (SPEC 2.2).</summary>
public static class KeySchedule
{
    /// <summary>Largest context in bytes: its length is one byte of the info.</summary>
    public const int MaxContext = 255;

    /// <summary>Largest output in bytes: HKDF-Expand's bound.</summary>
    public const int MaxOutput = 255 * Hash32.Size;

    // RFC 5869 section 2.2: without a salt, so many zeros.
    private static readonly byte[] NoSalt = new byte[Hash32.Size];

    /// <summary>HKDF-Extract with the label's text as salt: 32 bytes, owned by the caller.</summary>
    public static Secret Extract(Label salt, ReadOnlySpan<byte> inputKeyMaterial) => Extract(salt.Text(), inputKeyMaterial);

    /// <summary>HKDF-Extract: 32 bytes, owned by the caller.</summary>
    public static Secret Extract(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> inputKeyMaterial) =>
        Secret.Create(Hash32.Size, new ExtractInput(salt, inputKeyMaterial), static (output, input) =>
            HmacSha256.OfThread.Compute(input.Salt.IsEmpty ? NoSalt : input.Salt, input.KeyMaterial, [], output));

    /// <summary>Derive of SPEC 2.2: HKDF-Expand under a label and a context. The caller owns the result.</summary>
    /// <param name="secret">A pseudorandom key of at least 32 bytes (RFC 5869 section 2.3).</param>
    /// <param name="label">What the result is for.</param>
    /// <param name="context">0 to 255 bytes, mostly a transcript hash.</param>
    /// <param name="length">1 to 8160 bytes.</param>
    public static Secret Derive(Secret secret, Label label, ReadOnlySpan<byte> context, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(context.Length, MaxContext, nameof(context));
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(secret.Length, Hash32.Size, nameof(secret));
        var text = label.Text();
        Span<byte> info = stackalloc byte[2 + 1 + text.Length + 1 + context.Length];
        BinaryPrimitives.WriteUInt16BigEndian(info, (ushort)length);
        info[2] = (byte)text.Length;
        text.CopyTo(info[3..]);
        info[3 + text.Length] = (byte)context.Length;
        context.CopyTo(info[(4 + text.Length)..]);
        return Expand(secret.Span, info, length);
    }

    /// <summary>HMAC-SHA-256 with a key that was derived for this one purpose.</summary>
    public static Hash32 Mac(Secret key, ReadOnlySpan<byte> data) => Mac(key, [], data);

    /// <summary>HMAC-SHA-256 over <c>label ‖ 0x00 ‖ data</c>: for keys that serve more than one purpose.</summary>
    public static Hash32 Mac(Secret key, Label label, ReadOnlySpan<byte> data) => Mac(key, [.. label.Text(), 0], data);

    /// <summary>Checks a MAC made by <see cref="Mac(Secret, ReadOnlySpan{byte})"/>, in constant time (HS-07).</summary>
    /// <exception cref="BadMacException">It is another one.</exception>
    public static void CheckMac(Secret key, ReadOnlySpan<byte> data, Hash32 mac) => RequireEqual(Mac(key, data), mac);

    /// <summary>Checks a MAC made by <see cref="Mac(Secret, Label, ReadOnlySpan{byte})"/>, in constant time (IN-02).</summary>
    /// <exception cref="BadMacException">It is another one.</exception>
    public static void CheckMac(Secret key, Label label, ReadOnlySpan<byte> data, Hash32 mac) => RequireEqual(Mac(key, label, data), mac);

    /// <summary>HKDF-Expand to at most 8160 bytes.</summary>
    internal static Secret Expand(ReadOnlySpan<byte> pseudorandomKey, ReadOnlySpan<byte> info, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxOutput); // the block's number is one byte
        return Secret.Create(length, new ExpandInput(pseudorandomKey, info), static (output, input) => Expand(input.Key, input.Info, output));
    }

    // RFC 5869 section 2.3: T(i) = HMAC(PRK, T(i-1) ‖ info ‖ i)
    private static void Expand(ReadOnlySpan<byte> pseudorandomKey, ReadOnlySpan<byte> info, Span<byte> output)
    {
        Span<byte> numbered = stackalloc byte[info.Length + 1];
        info.CopyTo(numbered);
        Span<byte> block = stackalloc byte[Hash32.Size];
        for (var done = 0; done < output.Length; done += Hash32.Size)
        {
            numbered[^1]++;
            HmacSha256.OfThread.Compute(pseudorandomKey, done == 0 ? [] : block, numbered, block);
            var rest = output[done..];
            block[..Math.Min(rest.Length, block.Length)].CopyTo(rest);
        }
        CryptographicOperations.ZeroMemory(block);
    }

    private static Hash32 Mac(Secret key, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        Span<byte> mac = stackalloc byte[Hash32.Size];
        HmacSha256.OfThread.Compute(key.Span, first, second, mac);
        return new Hash32(mac);
    }

    private static void RequireEqual(Hash32 expected, Hash32 actual)
    {
        if (!CryptographicOperations.FixedTimeEquals(expected.Span, actual.Span))
            throw new BadMacException();
    }

    private readonly ref struct ExtractInput(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> keyMaterial)
    {
        public readonly ReadOnlySpan<byte> Salt = salt;
        public readonly ReadOnlySpan<byte> KeyMaterial = keyMaterial;
    }

    private readonly ref struct ExpandInput(ReadOnlySpan<byte> key, ReadOnlySpan<byte> info)
    {
        public readonly ReadOnlySpan<byte> Key = key;
        public readonly ReadOnlySpan<byte> Info = info;
    }
}
