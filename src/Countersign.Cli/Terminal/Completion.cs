namespace Countersign.Cli;

/// <summary>What Tab finds: the text to insert at the cursor, and the candidates if there are several.</summary>
internal sealed record Completion(string Insert, IReadOnlyList<string> Candidates)
{
    public static Completion None { get; } = new("", []);

    /// <summary>Completes <paramref name="prefix"/>, the end of what is typed, from <paramref name="words"/>: whole, with a space
    /// after it, if one fits; up to where they differ if several do.</summary>
    public static Completion From(string prefix, IEnumerable<string> words)
    {
        var fitting = words.Where(w => w.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)).Distinct().Order(StringComparer.Ordinal).ToList();
        if (fitting.Count == 0)
            return None;
        if (fitting.Count == 1)
            return new Completion(fitting[0][prefix.Length..] + " ", fitting);
        var common = fitting[0];
        foreach (var word in fitting)
            while (!word.StartsWith(common, StringComparison.OrdinalIgnoreCase))
                common = common[..^1];
        return new Completion(common[prefix.Length..], fitting);
    }
}
