using System.Globalization;
using System.Text;

namespace Countersign.Evidence;

/// <summary>The one sanitiser: text from others, made safe to show. Nothing that could move a cursor, change a colour, reorder,
/// hide or imitate text survives as itself; it is shown as what it is.</summary>
/// <remarks>C0 controls become the pictures of U+2400 (ESC as ␛), so the rest of an escape sequence is harmless text; everything
/// else is shown by its code point, as ‹U+202E›. Joiners and variation selectors stay where they belong to an emoji, because
/// people write those; at most four combining marks follow one character.</remarks>
public static class Visible
{
    private const int MostCombiningMarks = 4;

    /// <summary>One line: line breaks, too, are made visible.</summary>
    public static string Line(string text)
    {
        var shown = new StringBuilder(text.Length + 8);
        Rune? before = null;
        var marks = 0;
        for (var i = 0; i < text.Length;)
        {
            if (Rune.DecodeFromUtf16(text.AsSpan(i), out var rune, out var used) != System.Buffers.OperationStatus.Done)
            {
                ShowCodePoint(shown, text[i]);
                i++;
                before = null;
                continue;
            }
            i += used;
            marks = IsCombining(rune) ? marks + 1 : 0;
            Append(shown, rune, before, Next(text, i), marks);
            before = rune;
        }
        return shown.ToString();
    }

    /// <summary>The lines of a message: LF, CRLF and CR separate them, a tab becomes spaces, all else as in <see cref="Line"/>.</summary>
    public static IReadOnlyList<string> Lines(string text) =>
        [.. text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').Split('\n').Select(l => Line(l.Replace("\t", "    ", StringComparison.Ordinal)))];

    private static Rune? Next(string text, int at) =>
        at < text.Length && Rune.TryGetRuneAt(text, at, out var next) ? next : null;

    private static void Append(StringBuilder shown, Rune rune, Rune? before, Rune? after, int marks)
    {
        var value = rune.Value;
        if (value < 0x20)
            shown.Append((char)(0x2400 + value));
        else if (value == 0x7F)
            shown.Append('\u2421');
        else if (IsJoinerOfEmoji(value, before, after) || (!IsHazard(rune) && marks <= MostCombiningMarks))
            shown.Append(rune.ToString());
        else
            ShowCodePoint(shown, value);
    }

    private static void ShowCodePoint(StringBuilder shown, int value) =>
        shown.Append("‹U+").Append(value.ToString("X4", CultureInfo.InvariantCulture)).Append('›');

    // Cc: C1 controls. Cf: bidi controls, zero-width characters, tags. Zl, Zp: line and paragraph separator.
    // Co, Cn, Cs: no agreed meaning. The list after it is invisible without being Cf.
    private static bool IsHazard(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate => true,
        _ => rune.Value is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or 0x2800 or 0x3164 or 0xFFA0
            or (>= 0x180B and <= 0x180F) or (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF),
    };

    private static bool IsJoinerOfEmoji(int value, Rune? before, Rune? after) => value switch
    {
        0x200D => IsPictureOrSelector(before) && IsPicture(after),
        0xFE0F or 0xFE0E => IsPicture(before) || before?.Value is (>= '0' and <= '9') or '#' or '*',
        _ => false,
    };

    private static bool IsPictureOrSelector(Rune? rune) => IsPicture(rune) || rune?.Value is 0xFE0F or (>= 0x1F3FB and <= 0x1F3FF);

    private static bool IsPicture(Rune? rune) =>
        rune is { } r && Rune.GetUnicodeCategory(r) is UnicodeCategory.OtherSymbol && r.Value >= 0xA9;

    private static bool IsCombining(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark;
}
