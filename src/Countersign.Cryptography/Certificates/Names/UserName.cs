namespace Countersign.Cryptography;

/// <summary>A user's name as SPEC 3.2 gives it: 1 to 32 of a-z 0-9 . _ -, beginning and ending with a letter or digit,
/// without two dots in a row. No path, markup or terminal meaning can hide in it.</summary>
public sealed class UserName : IEquatable<UserName>, IComparable<UserName>
{
    /// <summary>Longest name, in characters and bytes.</summary>
    public const int MaxLength = 32;

    private readonly string _text;

    private UserName(string text) => _text = text;

    /// <summary>Reads a name that came from outside.</summary>
    /// <exception cref="MalformedException">The text is outside the grammar (CE-13).</exception>
    public static UserName Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out var name) ? name : throw new MalformedException("user name (CE-13)");

    /// <summary>Reads a name from a CBOR text string.</summary>
    /// <exception cref="MalformedException">No text, or outside the grammar (CE-13).</exception>
    public static UserName Read(CborInput input) => Parse(input.Text(MaxLength));

    /// <summary>Reads a name, saying whether it is one: for input that may still be corrected by its typist.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out UserName? name)
    {
        name = IsName(text) ? new UserName(text.ToString()) : null;
        return name is not null;
    }

    // CE-13
    private static bool IsName(ReadOnlySpan<char> text) =>
        text.Length is >= 1 and <= MaxLength
        && IsLetterOrDigit(text[0])
        && IsLetterOrDigit(text[^1])
        && !text.ContainsAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789._-")
        && !text.Contains("..", StringComparison.Ordinal);

    private static bool IsLetterOrDigit(char c) => c is (>= 'a' and <= 'z') or (>= '0' and <= '9');

    public bool Equals(UserName? other) => other is not null && _text == other._text;
    public override bool Equals(object? obj) => Equals(obj as UserName);
    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);
    public int CompareTo(UserName? other) => string.CompareOrdinal(_text, other?._text);
    public static bool operator ==(UserName? left, UserName? right) => left is null ? right is null : left.Equals(right);
    public static bool operator !=(UserName? left, UserName? right) => !(left == right);

    /// <summary>The name itself.</summary>
    public override string ToString() => _text;
}
