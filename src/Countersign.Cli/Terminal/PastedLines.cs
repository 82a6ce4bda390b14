using System.Text;

namespace Countersign.Cli;

/// <summary>Finds pastes on terminals that do not mark them: a line break with more text behind it in the same read was not
/// typed. Such keys become one paste, which never sends.</summary>
internal static class PastedLines
{
    public static IReadOnlyList<Key> Gather(IReadOnlyList<Key> keys)
    {
        var first = IndexOf(keys, 0, KeyKind.Enter);
        if (first < 0 || IndexOf(keys, first, KeyKind.Text) < 0 || keys.Any(k => k.Kind is not (KeyKind.Enter or KeyKind.Text or KeyKind.Tab)))
            return keys;
        var text = new StringBuilder();
        foreach (var key in keys)
            text.Append(key.Kind switch { KeyKind.Enter => "\n", KeyKind.Tab => "\t", _ => key.Text });
        return [new Key(KeyKind.Paste, text.ToString())];
    }

    private static int IndexOf(IReadOnlyList<Key> keys, int from, KeyKind kind)
    {
        for (var i = from; i < keys.Count; i++)
            if (keys[i].Kind == kind)
                return i;
        return -1;
    }
}
