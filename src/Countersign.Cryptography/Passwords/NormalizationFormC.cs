namespace Countersign.Cryptography;

/// <summary>Normalization form C (Unicode Standard Annex 15) over code points in a buffer that the caller erases.</summary>
internal static class NormalizationFormC
{
    /// <summary>Code points that one code point decomposes to at most.</summary>
    public const int MaxExpansion = 4;

    /// <summary>Text below this is in form C already.</summary>
    public const char FirstThatMatters = '\u0300';

    /// <summary>Normalizes <paramref name="text"/> into <paramref name="buffer"/> and returns the length there.</summary>
    /// <param name="text">Code points.</param>
    /// <param name="buffer">At least <see cref="MaxExpansion"/> times as long as the text.</param>
    public static int Normalize(ReadOnlySpan<int> text, Span<int> buffer)
    {
        var length = 0;
        foreach (var character in text)
            Decompose(character, buffer, ref length);
        var decomposed = buffer[..length];
        Order(decomposed);
        return Compose(decomposed);
    }

    private static void Decompose(int character, Span<int> buffer, ref int length)
    {
        if (!Hangul.TryDecompose(character, out var parts) && !CanonicalForms.Table.TryDecompose(character, out parts))
        {
            buffer[length++] = character;
            return;
        }
        Decompose(parts.First, buffer, ref length);
        if (parts.Second != CanonicalForms.None)
            Decompose(parts.Second, buffer, ref length);
    }

    // The canonical ordering algorithm: each run of combining characters is sorted by class, equal ones stay in order.
    private static void Order(Span<int> text)
    {
        for (var i = 1; i < text.Length; i++)
        {
            var @class = CanonicalForms.Table.Class(text[i]);
            if (@class == 0)
                continue;
            for (var j = i; j > 0 && CanonicalForms.Table.Class(text[j - 1]) > @class; j--)
                (text[j - 1], text[j]) = (text[j], text[j - 1]);
        }
    }

    // The canonical composition algorithm: each character joins the last starter unless something between blocks it.
    private static int Compose(Span<int> text)
    {
        var length = 0;
        var starter = -1;
        var lastClass = 0;
        foreach (var character in text)
        {
            var @class = CanonicalForms.Table.Class(character);
            var adjacent = starter == length - 1;
            var blocked = !adjacent && (lastClass >= @class || lastClass == 0);
            if (starter >= 0 && !blocked && TryCompose(text[starter], character, out var composite))
            {
                text[starter] = composite;
                continue;
            }
            if (@class == 0)
                starter = length;
            lastClass = @class;
            text[length++] = character;
        }
        return length;
    }

    private static bool TryCompose(int first, int second, out int composite) =>
        Hangul.TryCompose(first, second, out composite) || CanonicalForms.Table.TryCompose(first, second, out composite);
}
