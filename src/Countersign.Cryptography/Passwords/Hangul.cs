namespace Countersign.Cryptography;

/// <summary>Hangul syllables, whose forms are computed: the Unicode Standard, section 3.12.</summary>
internal static class Hangul
{
    private const int Syllables = 0xac00, Leads = 0x1100, Vowels = 0x1161, Trails = 0x11a7;
    private const int LeadCount = 19, VowelCount = 21, TrailCount = 28;
    private const int SyllableCount = LeadCount * VowelCount * TrailCount;

    public static bool TryDecompose(int character, out (int First, int Second) parts)
    {
        parts = default;
        var index = character - Syllables;
        if (index is < 0 or >= SyllableCount)
            return false;
        var trail = index % TrailCount;
        parts = trail == 0
            ? (Leads + index / (VowelCount * TrailCount), Vowels + index / TrailCount % VowelCount)
            : (character - trail, Trails + trail);
        return true;
    }

    public static bool TryCompose(int first, int second, out int composite)
    {
        composite = 0;
        if (first is >= Leads and < Leads + LeadCount && second is >= Vowels and < Vowels + VowelCount)
            composite = Syllables + ((first - Leads) * VowelCount + second - Vowels) * TrailCount;
        else if (first is >= Syllables and < Syllables + SyllableCount && (first - Syllables) % TrailCount == 0
            && second is > Trails and < Trails + TrailCount)
            composite = first + second - Trails;
        return composite != 0;
    }
}
