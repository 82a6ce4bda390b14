using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Countersign.Cryptography;

/// <summary>Hash codes of identifiers that peers and files choose, for dictionaries: nobody outside this process can find values that share
/// one, and so make a dictionary slow.</summary>
/// <remarks>Multilinear hashing (Carter and Wegman, 1979) under keys drawn at the start: the sum of k(i) · word(i) modulo 2^64, of which the upper
/// half counts. Two different values of one length collide for one key in 2^32, whatever they are. The platform's HashCode has a seed,
/// too, but promises nothing against chosen values.</remarks>
public static class UniversalHash
{
    /// <summary>Longest value in bytes.</summary>
    public const int MaxSize = 32;

    private const int Words = MaxSize / sizeof(uint);

    private static readonly ulong[] Keys = MemoryMarshal.Cast<byte, ulong>(RandomNumberGenerator.GetBytes((Words + 1) * sizeof(ulong))).ToArray();

    /// <summary>The hash code of a value of 0 to 32 bytes, a multiple of four.</summary>
    /// <exception cref="ArgumentException">A longer one: a bug of the caller.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Of(ReadOnlySpan<byte> value)
    {
        if (value.Length > MaxSize)
            throw new ArgumentException("There are keys for 32 bytes.", nameof(value));
        var words = MemoryMarshal.Cast<byte, uint>(value);
        var keys = Keys;
        var sum = keys[Words];
        for (var i = 0; i < words.Length; i++)
            sum += keys[i] * words[i];
        return (int)(sum >> 32);
    }
}
