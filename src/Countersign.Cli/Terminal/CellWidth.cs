using System.Globalization;
using System.Text;
using Wcwidth;

namespace Countersign.Cli;

/// <summary>How many cells text takes on a terminal, counted by the grapheme clusters the user sees as characters.</summary>
internal static class CellWidth
{
    public static int Of(string text)
    {
        var cells = 0;
        foreach (var cluster in Clusters(text))
            cells += OfCluster(cluster);
        return cells;
    }

    /// <summary>A cluster is as wide as its widest rune; an emoji presentation selector makes it two.</summary>
    public static int OfCluster(string cluster)
    {
        var widest = 0;
        foreach (var rune in cluster.EnumerateRunes())
            widest = rune.Value == 0xFE0F ? 2 : Math.Max(widest, Math.Max(0, UnicodeCalculator.GetWidth(rune)));
        return widest;
    }

    /// <summary>The grapheme clusters (UAX #29) in order.</summary>
    public static IEnumerable<string> Clusters(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            var length = StringInfo.GetNextTextElementLength(text, at);
            yield return text.Substring(at, length);
            at += length;
        }
    }

    /// <summary>The text cut to at most this many cells, with … at the end if anything was cut.</summary>
    public static string Cut(string text, int cells)
    {
        if (Of(text) <= cells)
            return text;
        var cut = new StringBuilder();
        var used = 0;
        foreach (var cluster in Clusters(text))
        {
            used += OfCluster(cluster);
            if (used > cells - 1)
                break;
            cut.Append(cluster);
        }
        return cut.Append('…').ToString();
    }
}
