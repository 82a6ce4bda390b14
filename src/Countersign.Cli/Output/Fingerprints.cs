using Countersign.Cryptography;

namespace Countersign.Cli;

/// <summary>Fingerprints as people compare them: lower-case hexadecimal in groups of four, all of it or its beginning.</summary>
internal static class Fingerprints
{
    /// <summary>All 64 digits in sixteen groups: for comparing over another channel.</summary>
    public static string Whole(Hash32 fingerprint) => Group(fingerprint.ToString());

    /// <summary>The first sixteen digits: for recognising, never for deciding.</summary>
    public static string Short(Hash32 fingerprint) => Group(fingerprint.ToString()[..16]);

    private static string Group(string digits) => string.Join(' ', Enumerable.Range(0, digits.Length / 4).Select(i => digits.Substring(4 * i, 4)));
}
