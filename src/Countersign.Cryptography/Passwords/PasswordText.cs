using System.Buffers;
using System.Text;

namespace Countersign.Cryptography;

/// <summary>A password as bytes: UTF-8 of its normalization form C (SPEC 5), so that the same characters typed on two
/// keyboards are the same password. No copy outlives the call but the result.</summary>
internal static class PasswordText
{
    /// <summary>Longest password in UTF-16 code units: far above what anybody types, and a bound on the work.</summary>
    public const int MaxLength = 1024;

    private static readonly UTF8Encoding StrictUtf8 = new(false, true);

    /// <exception cref="ArgumentException">Empty, longer than <see cref="MaxLength"/>, or not valid UTF-16.</exception>
    public static Secret Encode(ReadOnlySpan<char> password)
    {
        if (password.Length is 0 or > MaxLength)
            throw new ArgumentException($"A password has 1 to {MaxLength} characters.", nameof(password));
        if (!password.ContainsAnyInRange(NormalizationFormC.FirstThatMatters, char.MaxValue))
            return Secret.Create(StrictUtf8.GetByteCount(password), password, static (output, text) => StrictUtf8.GetBytes(text, output));

        var codePoints = GC.AllocateArray<int>((1 + NormalizationFormC.MaxExpansion) * password.Length, pinned: true);
        try
        {
            var text = codePoints.AsSpan(0, Decode(password, codePoints));
            var buffer = codePoints.AsSpan(text.Length, NormalizationFormC.MaxExpansion * text.Length);
            return Encode(buffer[..NormalizationFormC.Normalize(text, buffer)]);
        }
        finally
        {
            Array.Clear(codePoints);
        }
    }

    private static int Decode(ReadOnlySpan<char> password, Span<int> codePoints)
    {
        var count = 0;
        while (!password.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(password, out var rune, out var used) != OperationStatus.Done)
                throw new ArgumentException("A password is valid UTF-16.", nameof(password));
            codePoints[count++] = rune.Value;
            password = password[used..];
        }
        return count;
    }

    private static Secret Encode(ReadOnlySpan<int> codePoints)
    {
        var length = 0;
        foreach (var codePoint in codePoints)
            length += new Rune(codePoint).Utf8SequenceLength;
        return Secret.Create(length, codePoints, static (output, text) =>
        {
            foreach (var codePoint in text)
                output = output[new Rune(codePoint).EncodeToUtf8(output)..];
        });
    }
}
