namespace Countersign.Fuzz;

/// <summary>The seeds in fuzz/corpus: one folder a target, one file an input.</summary>
public static class Corpus
{
    public static IReadOnlyList<(string Name, byte[] Bytes)> Read(string folder, FuzzTarget target)
    {
        var place = Path.Combine(folder, target.Name);
        return Directory.Exists(place)
            ? [.. Directory.EnumerateFiles(place).Order(StringComparer.Ordinal).Select(static file => (Path.GetFileName(file), File.ReadAllBytes(file)))]
            : [];
    }
}
