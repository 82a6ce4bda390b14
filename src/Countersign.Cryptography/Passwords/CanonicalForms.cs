using System.Collections.Frozen;
using System.Globalization;

namespace Countersign.Cryptography;

/// <summary>The tables of CanonicalForms.txt: what normalization form C needs of the Unicode Character Database, 14.0.0.</summary>
/// <remarks>A table of our own, because the platform's normalization does nothing where ICU is absent or globalization is
/// invariant, and because a password must give the same bytes on every machine whatever its version of Unicode. A character
/// younger than the table stands as it is; those in it never change (Unicode's stability policy).</remarks>
internal sealed class CanonicalForms
{
    private static readonly Lazy<CanonicalForms> Loaded = new(Load);

    private readonly FrozenDictionary<int, int> _classes;
    private readonly FrozenDictionary<int, (int First, int Second)> _decompositions;
    private readonly FrozenDictionary<(int First, int Second), int> _compositions;

    private CanonicalForms(Dictionary<int, int> classes, Dictionary<int, (int, int)> decompositions, Dictionary<(int, int), int> compositions)
    {
        _classes = classes.ToFrozenDictionary();
        _decompositions = decompositions.ToFrozenDictionary();
        _compositions = compositions.ToFrozenDictionary();
    }

    /// <summary>Second half of a decomposition to one character.</summary>
    public const int None = -1;

    public static CanonicalForms Table => Loaded.Value;

    public IEnumerable<int> Decomposable => _decompositions.Keys;

    /// <summary>Canonical combining class: 0 for a character that starts.</summary>
    public int Class(int character) => _classes.GetValueOrDefault(character);

    /// <summary>One step of canonical decomposition, if there is one.</summary>
    public bool TryDecompose(int character, out (int First, int Second) parts) => _decompositions.TryGetValue(character, out parts);

    /// <summary>The primary composite of two characters, if there is one.</summary>
    public bool TryCompose(int first, int second, out int composite) => _compositions.TryGetValue((first, second), out composite);

    private static CanonicalForms Load()
    {
        var classes = new Dictionary<int, int>();
        var decompositions = new Dictionary<int, (int, int)>();
        var compositions = new Dictionary<(int, int), int>();
        using var stream = typeof(CanonicalForms).Assembly.GetManifestResourceStream("CanonicalForms.txt")
            ?? throw new InvalidOperationException("CanonicalForms.txt is not in the assembly.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
                continue;
            var words = line.Split([' ', '.'], StringSplitOptions.RemoveEmptyEntries);
            if (words[1] is "=" or ">")
            {
                var parts = (Number(words[2]), words.Length > 3 ? Number(words[3]) : None);
                decompositions.Add(Number(words[0]), parts);
                if (words[1] == "=")
                    compositions.Add(parts, Number(words[0]));
            }
            else
            {
                for (var character = Number(words[0]); character <= Number(words[1]); character++)
                    classes.Add(character, Number(words[2]));
            }
        }
        return new CanonicalForms(classes, decompositions, compositions);
    }

    private static int Number(string hex) => int.Parse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
