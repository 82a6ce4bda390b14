using System.Text;

namespace Countersign.Cryptography;

/// <summary>A password as bytes: UTF-8 of its normalization form C (SPEC 5).</summary>
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
        return Secret.Create(StrictUtf8.GetByteCount(password), password, static (output, text) => StrictUtf8.GetBytes(text, output));
    }
}
