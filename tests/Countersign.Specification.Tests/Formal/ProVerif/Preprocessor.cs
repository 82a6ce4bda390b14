using System.Text.RegularExpressions;

namespace Countersign.Specification.Tests;

/// <summary>The part of the C preprocessor that the .pv models use: #ifdef, #ifndef, #else, #endif.</summary>
internal static partial class Preprocessor
{
    public static string Run(string text, IReadOnlySet<string> defined)
    {
        var open = new Stack<bool>();
        var kept = new List<string>();
        foreach (var line in text.Split('\n'))
        {
            if (Directive().Match(line) is not { Success: true } m)
            {
                kept.Add(open.All(on => on) ? line : "");       // an empty line keeps the numbers right
                continue;
            }
            kept.Add("");
            switch (m.Groups[1].Value)
            {
                case "ifdef": open.Push(defined.Contains(m.Groups[2].Value)); break;
                case "ifndef": open.Push(!defined.Contains(m.Groups[2].Value)); break;
                case "else": open.Push(!open.Pop()); break;
                case "endif": open.Pop(); break;
                default: throw new FormatException(line);
            }
        }
        return open.Count == 0 ? string.Join('\n', kept) : throw new FormatException("#endif is missing");
    }

    /// <summary>The sets of flags a model's `check:` lines ask for.</summary>
    public static IEnumerable<IReadOnlySet<string>> Variants(string text) =>
        Check().Matches(text).Select(m => (IReadOnlySet<string>)m.Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .TakeWhile(word => word.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c == '_')).ToHashSet());

    [GeneratedRegex(@"^#(\w+)(?:\s+(\w+))?\s*$")]
    private static partial Regex Directive();

    [GeneratedRegex(@"check: (?:base|mutant|attack|open)([^\n]*)")]
    private static partial Regex Check();
}
