using System.Globalization;
using System.Text;
using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>Writes commands for a POSIX shell with openssl and sha256sum, and the words between them.</summary>
internal sealed class ShellScript
{
    private readonly StringBuilder _text = new();

    public void Comment(string words)
    {
        _text.Append('\n');
        foreach (var line in words.Split('\n'))
            _text.Append("# ").Append(line).Append('\n');
    }

    public void Run(string command) => _text.Append(command).Append('\n');

    /// <summary>Cuts a part of the bundle into a file.</summary>
    public void Cut(Place place, string file) => Run($"{CutOut(place)} > {file}");

    /// <summary>Cuts several parts of the bundle into one file, one after the other.</summary>
    public void Cut(IReadOnlyList<Place> places, string file) => Run($"{{ {string.Join("; ", places.Select(CutOut))}; }} > {file}");

    private static string CutOut(Place place) => $"cut_out {place.Offset} {place.Length}";

    /// <summary>Bytes as an argument of printf.</summary>
    public static string Bytes(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder("'");
        foreach (var b in bytes)
            text.Append('\\').Append(Convert.ToString(b, 8).PadLeft(3, '0'));
        return text.Append('\'').ToString();
    }

    /// <summary>The RFC 9162 path from the node in one file to the root in another: each step hashes 0x01, left, right.</summary>
    public void Climb(InclusionProof proof, string from, string to)
    {
        Run($"cp {from} node");
        var (fn, sn) = (proof.Index, proof.Size - 1);
        foreach (var sibling in proof.Path)
        {
            var left = (fn & 1) == 1 || fn == sn;
            Run(left
                ? $"{{ printf '\\001'; printf {Bytes(sibling.Span)}; cat node; }} | openssl dgst -sha256 -binary > next; mv next node"
                : $"{{ printf '\\001'; cat node; printf {Bytes(sibling.Span)}; }} | openssl dgst -sha256 -binary > next; mv next node");
            if (left)
                for (; (fn & 1) == 0 && fn != 0; fn >>= 1)
                    sn >>= 1;
            (fn, sn) = (fn >> 1, sn >> 1);
        }
        Run($"mv node {to}");
    }

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public override string ToString() => _text.ToString();
}
