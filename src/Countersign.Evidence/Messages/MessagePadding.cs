using System.Numerics;
using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>padded = content ‖ 0x80 ‖ 0x00… to the next size of 64, 128, 256 … 32768 bytes (CK-03), so that a ciphertext tells
/// no more than a size class.</summary>
internal static class MessagePadding
{
    private const int MinSize = 64;
    private const int MaxSize = 32768;
    private const byte Mark = 0x80;

    /// <param name="content">1 to 32767 bytes.</param>
    public static Secret Pad(ReadOnlySpan<byte> content)
    {
        ArgumentOutOfRangeException.ThrowIfZero(content.Length, nameof(content));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(content.Length, MaxSize, nameof(content));
        return Secret.Create(SizeFor(content.Length), content, static (padded, content) =>
        {
            content.CopyTo(padded);
            padded[content.Length] = Mark;
            padded[(content.Length + 1)..].Clear();
        });
    }

    /// <exception cref="MalformedException">Not exactly what <see cref="Pad"/> makes.</exception>
    public static byte[] Unpad(ReadOnlySpan<byte> padded)
    {
        var length = padded.LastIndexOfAnyExcept((byte)0);
        if (length < 1 || padded[length] != Mark)
            throw new MalformedException("CK-03: padding");
        if (padded.Length > MaxSize || SizeFor(length) != padded.Length)
            throw new MalformedException("CK-03: padded length");
        return padded[..length].ToArray();
    }

    /// <summary>Whether a padded content may have so many bytes.</summary>
    public static bool IsSize(int length) => length is >= MinSize and <= MaxSize && BitOperations.IsPow2(length);

    private static int SizeFor(int contentLength) => Math.Max(MinSize, (int)BitOperations.RoundUpToPowerOf2((uint)contentLength + 1));
}
