using System.Globalization;
using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>Times, hashes, numbers and places as reports for people write them.</summary>
internal static class Phrase
{
    /// <summary>Day and time, both UTC.</summary>
    public static Markup Moment(DateTimeOffset time) =>
        Markup.Of($"<time datetime=\"{Exact(time)}\">{Format(time, "d MMM yyyy")} {Format(time, "HH:mm:ss")}</time>");

    public static Markup TimeOfDay(DateTimeOffset time) => Markup.Of($"<time datetime=\"{Exact(time)}\">{Format(time, "HH:mm:ss")}</time>");

    public static string Day(DateTimeOffset time) => Format(time, "dddd, d MMMM yyyy");

    public static string Date(DateTimeOffset time) => Format(time, "d MMMM yyyy");

    public static string Clock(DateTimeOffset time) => Format(time, "HH:mm:ss");

    /// <summary>All 64 digits in groups of four, for comparing.</summary>
    public static Markup Hash(Hash32 hash)
    {
        var digits = hash.ToString();
        return Markup.Of($"<span class=\"hex\">{string.Join(' ', Enumerable.Range(0, 16).Select(i => digits.Substring(4 * i, 4)))}</span>");
    }

    /// <summary>The first sixteen digits, for recognising.</summary>
    public static Markup Short(Hash32 hash) => Markup.Of($"<span class=\"hex\">{hash.ToString()[..16]}…</span>");

    public static string Count(ulong number, string one, string many) =>
        string.Create(CultureInfo.InvariantCulture, $"{number} {(number == 1 ? one : many)}");

    /// <summary>entry 3, or entries 3 to 7.</summary>
    public static string Entries(ulong first, ulong last) => first == last
        ? string.Create(CultureInfo.InvariantCulture, $"entry {first}")
        : string.Create(CultureInfo.InvariantCulture, $"entries {first} to {last}");

    public static string Capital(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];

    /// <summary>Never by colour alone: a sign and a word.</summary>
    public static string Sign(Verdict verdict) => verdict switch { Verdict.Passed => "✓", Verdict.Failed => "✗", _ => "?" };

    private static string Exact(DateTimeOffset time) => Format(time, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'");

    private static string Format(DateTimeOffset time, string form) => time.UtcDateTime.ToString(form, CultureInfo.InvariantCulture);
}
