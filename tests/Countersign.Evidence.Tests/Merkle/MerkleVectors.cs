using System.Text.Json;
using Countersign.Cryptography;
using Countersign.Testing;

namespace Countersign.Evidence.Tests;

/// <summary>The vectors of transparency-dev/merkle for RFC 9162 inclusion and consistency proofs: 196 cases.</summary>
internal static class MerkleVectors
{
    public static IReadOnlyList<(string Name, JsonElement Case)> Load(string kind)
    {
        Assert.SkipWhen(OutsideVectors.Folder is null, OutsideVectors.SkipReason);
        var folder = Path.Combine(OutsideVectors.Folder, "merkle", "testdata", kind);
        return [.. Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .Select(file => (Path.GetRelativePath(folder, file), JsonDocument.Parse(File.ReadAllText(file)).RootElement))];
    }

    /// <summary>A hash, or null where the vector gives something else on purpose.</summary>
    public static Hash32? Hash(JsonElement element)
    {
        var bytes = element.GetBytesFromBase64();
        return bytes.Length == Hash32.Size ? new Hash32(bytes) : null;
    }

    public static Hash32[]? Path_(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Null)
            return [];
        var path = element.EnumerateArray().Select(Hash).ToArray();
        return path.All(h => h is not null) ? [.. path.Select(h => h!.Value)] : null;
    }
}
