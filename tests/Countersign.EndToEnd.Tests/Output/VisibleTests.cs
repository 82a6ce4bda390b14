using System.Globalization;
using System.Text;
using Countersign.Evidence;
using CsCheck;

namespace Countersign.EndToEnd.Tests;

/// <summary>A25: a peer's text can neither command the terminal nor pretend.</summary>
public sealed class VisibleTests
{
    [Theory]
    [InlineData("\e[31mred", "␛[31mred")]
    [InlineData("\e]0;title\a", "␛]0;title␇")]
    [InlineData("\e]52;c;aGk=\e\\", "␛]52;c;aGk=␛\\")]
    [InlineData("a\bb\rc\0", "a␈b␍c␀")]
    [InlineData("\u007f", "␡")]
    [InlineData("\u009b31m", "‹U+009B›31m")]
    [InlineData("\u0085", "‹U+0085›")]
    [InlineData("invoice\u202Efdp.exe", "invoice‹U+202E›fdp.exe")]
    [InlineData("\u2066x\u2069", "‹U+2066›x‹U+2069›")]
    [InlineData("pay\u200Bpal", "pay‹U+200B›pal")]
    [InlineData("\uFEFFx", "‹U+FEFF›x")]
    [InlineData("a\u00ADb", "a‹U+00AD›b")]
    [InlineData("a\u2028b\u2029c", "a‹U+2028›b‹U+2029›c")]
    [InlineData("\u3164", "‹U+3164›")]
    [InlineData("x\uFE0F", "x‹U+FE0F›")]
    [InlineData("x\u200Dy", "x‹U+200D›y")]
    [InlineData("\U000E0041", "‹U+E0041›")]
    [InlineData("\uE000", "‹U+E000›")]
    public void A25_what_could_command_or_hide_is_shown_as_what_it_is(string hostile, string shown) => Assert.Equal(shown, Visible.Line(hostile));

    [Theory]
    [InlineData("Grüße, 你好, שלום, مرحبا, наука")]
    [InlineData("e\u0301 and ẹ̃́")]
    [InlineData("👩‍🚀 ❤️ 👍🏽 1️⃣ 🇩🇪")]
    [InlineData("x² ≤ ½ — “quoted”…")]
    public void A25_what_people_write_stays(string text) => Assert.Equal(text, Visible.Line(text));

    [Fact]
    public void A25_half_a_surrogate_pair_is_shown_as_such()
    {
        Assert.Equal("‹U+D800›", Visible.Line("\ud800"));
        Assert.Equal("x‹U+DC00›y", Visible.Line("x\udc00y"));
    }

    [Fact]
    public void A25_a_tower_of_combining_marks_ends()
    {
        var shown = Visible.Line("a" + new string('\u0301', 50));
        Assert.Equal(4, shown.Count(c => c == '\u0301'));
        Assert.Contains("‹U+0301›", shown);
    }

    [Fact]
    public void A25_lines_are_split_at_every_kind_of_break_and_cannot_hold_one() =>
        Assert.Equal(["a", "b", "c", "    d"], Visible.Lines("a\r\nb\rc\n\td"));

    [Fact]
    public void A25_no_control_format_or_invisible_character_survives_alone() => Gen.Int[0, 0x10FFFF].Sample(value =>
    {
        var text = value is >= 0xD800 and <= 0xDFFF ? ((char)value).ToString() : char.ConvertFromUtf32(value);
        foreach (var rune in Visible.Line(text).EnumerateRunes())
            Assert.False(Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned,
                $"U+{rune.Value:X} from U+{value:X}");
    }, iter: 100_000);

    [Fact]
    public void A25_any_text_at_all_comes_out_without_an_escape_byte() => Gen.String[Gen.Char['\0', '\uFFFF'], 0, 60].Sample(text =>
    {
        var shown = Visible.Line(text);
        Assert.DoesNotContain(shown, c => char.IsControl(c));
        Encoding.UTF8.GetBytes(shown);
    });
}
