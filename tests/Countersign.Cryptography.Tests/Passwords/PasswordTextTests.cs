using System.Text;
using CsCheck;

namespace Countersign.Cryptography.Tests;

public sealed class PasswordTextTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("e\u0301", "\u00e9")]
    [InlineData("\u212b", "\u00c5")] // a singleton: the Ångström sign
    [InlineData("a\u0302\u0323", "\u1ead")] // two marks in the other order
    [InlineData("a\u0301\u0302", "\u00e1\u0302")] // equal classes stay in order, and block
    [InlineData("\u0958", "\u0915\u093c")] // excluded from composition
    [InlineData("\u1112\u1161\u11ab\u1100\u1173\u11af", "\ud55c\uae00")] // 한글
    [InlineData("\uac00\u11a8", "\uac01")]
    [InlineData("\uac01\u11a8", "\uac01\u11a8")] // a syllable that has its trail
    [InlineData("\ufb01", "\ufb01")] // compatibility forms stay as they are
    [InlineData("\U0001d15e", "\U0001d157\U0001d165")]
    [InlineData("𝄞 日本", "𝄞 日本")]
    [InlineData("\u0301a", "\u0301a")] // a mark with nothing before it
    [InlineData("a\u0000\u0301", "a\u0000\u0301")]
    public void A_password_is_in_normalization_form_C(string typed, string normalized)
    {
        using var bytes = PasswordText.Encode(typed);
        Assert.Equal(Encoding.UTF8.GetBytes(normalized), bytes.Span.ToArray());
    }

    [Fact]
    public void A_character_and_its_parts_are_the_same_password()
    {
        Assert.InRange(CanonicalForms.Table.Decomposable.Count(), 2000, 2100);
        foreach (var character in CanonicalForms.Table.Decomposable)
        {
            Assert.True(CanonicalForms.Table.TryDecompose(character, out var parts));
            var apart = parts.Second == CanonicalForms.None ? Text(parts.First) : Text(parts.First, parts.Second);
            using var whole = PasswordText.Encode(Text(character));
            using var inParts = PasswordText.Encode(apart);
            Assert.Equal(whole.Span.ToArray(), inParts.Span.ToArray());
        }
    }

    [Fact]
    public void What_is_in_normalization_form_C_stays_as_it_is() =>
        Gen.OneOf(Gen.Int[1, 0xd7ff], Gen.Int[0x300, 0x345], Gen.Int[0x1100, 0x11ff], Gen.Int[0x61, 0x7a], Gen.Int[0xe000, 0x10ffff])
            .Array[1, 12].Sample(text =>
            {
                using var once = PasswordText.Encode(Text(text));
                using var twice = PasswordText.Encode(Encoding.UTF8.GetString(once.Span));
                Assert.Equal(once.Span.ToArray(), twice.Span.ToArray());
            }, iter: 3000);

    [Fact]
    public void The_longest_expansion_has_room()
    {
        // U+1F82 decomposes to four.
        using var bytes = PasswordText.Encode(new string('\u1f82', PasswordText.MaxLength));
        Assert.Equal(3 * PasswordText.MaxLength, bytes.Length);
    }

    private static string Text(params int[] codePoints) => string.Concat(codePoints.Select(char.ConvertFromUtf32));
}
