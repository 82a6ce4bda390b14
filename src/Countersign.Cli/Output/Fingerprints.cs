using Countersign.Cryptography;

namespace Countersign.Cli;

/// <summary>Fingerprints as people compare them: lower-case hexadecimal in groups of four, all of it or its beginning.</summary>
internal static class Fingerprints
{
    /// <summary>All 64 digits in sixteen groups: for comparing over another channel.</summary>
    public static string Whole(Hash32 fingerprint) => Group(fingerprint.ToString());

    /// <summary>The first sixteen digits: for recognising, never for deciding.</summary>
    public static string Short(Hash32 fingerprint) => Group(fingerprint.ToString()[..16]);

    /// <summary>The first 128 bits as eight words that can be read aloud: proquints (arXiv 0901.4016), five letters for 16 bits.</summary>
    public static string Spoken(Hash32 fingerprint)
    {
        const string consonants = "bdfghjklmnprstvz";
        const string vowels = "aiou";
        var words = new List<string>();
        for (var i = 0; i < 16; i += 2)
        {
            var bits = (fingerprint.Span[i] << 8) | fingerprint.Span[i + 1];
            words.Add(string.Create(5, bits, (word, b) =>
            {
                word[0] = consonants[(b >> 12) & 15];
                word[1] = vowels[(b >> 10) & 3];
                word[2] = consonants[(b >> 6) & 15];
                word[3] = vowels[(b >> 4) & 3];
                word[4] = consonants[b & 15];
            }));
        }
        return string.Join(' ', words);
    }

    private static string Group(string digits) => string.Join(' ', Enumerable.Range(0, digits.Length / 4).Select(i => digits.Substring(4 * i, 4)));
}
