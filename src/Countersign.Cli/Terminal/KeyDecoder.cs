using System.Text;

namespace Countersign.Cli;

/// <summary>Bytes of a terminal into keys: UTF-8, control characters, the CSI and SS3 sequences terminals send for cursor keys,
/// and bracketed paste (xterm's mode 2004). Bytes may be split anywhere.</summary>
/// <remarks>A sequence it does not know is swallowed whole, never half of it taken for text. A lone ESC at the end of a read is
/// the Escape key: terminals send their sequences in one write.</remarks>
internal sealed class KeyDecoder
{
    /// <summary>A paste beyond this is cut: more than any message may hold.</summary>
    public const int LongestPaste = 1 << 20;

    private static ReadOnlySpan<byte> PasteEnd => "\e[201~"u8;

    private readonly List<byte> _pending = [];
    private readonly List<byte> _paste = [];
    private readonly StringBuilder _text = new();
    private bool _pasting;

    /// <summary>The keys that these bytes complete. An empty input is the end of it.</summary>
    public IReadOnlyList<Key> Decode(ReadOnlyMemory<byte> bytes)
    {
        var keys = new List<Key>();
        if (bytes.IsEmpty)
        {
            keys.Add(new Key(KeyKind.EndOfInput));
            return keys;
        }
        _pending.AddRange(bytes.Span);
        var at = 0;
        while (at < _pending.Count)
        {
            var used = _pasting ? TakePaste(at, keys) : TakeOne(at, keys);
            if (used == 0)
                break;
            at += used;
        }
        _pending.RemoveRange(0, at);
        FlushText(keys);
        return keys;
    }

    private int TakeOne(int at, List<Key> keys)
    {
        var first = _pending[at];
        if (first == 0x1B)
            return TakeEscape(at, keys);
        if (first < 0x20 || first == 0x7F)
        {
            FlushText(keys);
            if (Control(first) is { } kind)
                keys.Add(new Key(kind));
            return 1;
        }
        return TakeText(at);
    }

    private int TakeText(int at)
    {
        var span = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_pending)[at..];
        var status = Rune.DecodeFromUtf8(span, out var rune, out var used);
        if (status == System.Buffers.OperationStatus.NeedMoreData)
            return 0;
        _text.Append(rune.ToString());
        return used;
    }

    private static KeyKind? Control(byte value) => value switch
    {
        0x01 => KeyKind.Home,
        0x02 => KeyKind.Left,
        0x03 => KeyKind.Interrupt,
        0x04 => KeyKind.EndOfInput,
        0x05 => KeyKind.End,
        0x06 => KeyKind.Right,
        0x08 or 0x7F => KeyKind.Backspace,
        0x09 => KeyKind.Tab,
        0x0A or 0x0D => KeyKind.Enter,
        0x0B => KeyKind.DeleteToEnd,
        0x0C => KeyKind.ClearScreen,
        0x0E => KeyKind.Down,
        0x10 => KeyKind.Up,
        0x15 => KeyKind.DeleteToStart,
        0x17 => KeyKind.DeleteWordLeft,
        _ => null,
    };

    private int TakeEscape(int at, List<Key> keys)
    {
        FlushText(keys);
        if (at + 1 >= _pending.Count)
            return Add(keys, KeyKind.Escape, 1);
        return _pending[at + 1] switch
        {
            (byte)'[' => TakeSequence(at, keys),
            (byte)'O' => at + 2 < _pending.Count ? Add(keys, Letter(_pending[at + 2], ""), 3) : 0,
            (byte)'\r' or (byte)'\n' => Add(keys, KeyKind.NewLine, 2),
            (byte)'b' => Add(keys, KeyKind.WordLeft, 2),
            (byte)'f' => Add(keys, KeyKind.WordRight, 2),
            0x7F => Add(keys, KeyKind.DeleteWordLeft, 2),
            0x1B => Add(keys, KeyKind.Escape, 1),
            _ => 2,
        };
    }

    // CSI (ECMA-48 5.4): parameter bytes 0x30-0x3F, intermediate bytes 0x20-0x2F, one final byte 0x40-0x7E.
    private int TakeSequence(int at, List<Key> keys)
    {
        var end = at + 2;
        while (end < _pending.Count && _pending[end] is >= 0x20 and <= 0x3F)
            end++;
        if (end >= _pending.Count)
            return end - at > 64 ? end - at : 0;
        var parameters = Encoding.ASCII.GetString([.. _pending[(at + 2)..end]]);
        var used = end - at + 1;
        if (_pending[end] == '~' && parameters == "200")
        {
            _pasting = true;
            return used;
        }
        return Add(keys, _pending[end] == '~' ? Numbered(parameters) : Letter(_pending[end], parameters), used);
    }

    private static KeyKind? Letter(byte final, string parameters)
    {
        var withModifier = parameters.EndsWith(";5", StringComparison.Ordinal) || parameters.EndsWith(";3", StringComparison.Ordinal);
        return final switch
        {
            (byte)'A' => KeyKind.Up,
            (byte)'B' => KeyKind.Down,
            (byte)'C' => withModifier ? KeyKind.WordRight : KeyKind.Right,
            (byte)'D' => withModifier ? KeyKind.WordLeft : KeyKind.Left,
            (byte)'H' => KeyKind.Home,
            (byte)'F' => KeyKind.End,
            _ => null,
        };
    }

    private static KeyKind? Numbered(string parameters) => parameters.Split(';')[0] switch
    {
        "1" or "7" => KeyKind.Home,
        "4" or "8" => KeyKind.End,
        "3" => KeyKind.Delete,
        _ => null,
    };

    private static int Add(List<Key> keys, KeyKind? kind, int used)
    {
        if (kind is { } known)
            keys.Add(new Key(known));
        return used;
    }

    private int TakePaste(int at, List<Key> keys)
    {
        var span = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_pending)[at..];
        var end = span.IndexOf(PasteEnd);
        // The end marker may be split: its possible beginning waits.
        var take = end >= 0 ? end : Math.Max(0, span.Length - (PasteEnd.Length - 1));
        _paste.AddRange(span[..Math.Min(take, LongestPaste - _paste.Count)]);
        if (end < 0)
            return take;
        _pasting = false;
        keys.Add(new Key(KeyKind.Paste, Encoding.UTF8.GetString([.. _paste])));
        _paste.Clear();
        return end + PasteEnd.Length;
    }

    private void FlushText(List<Key> keys)
    {
        if (_text.Length == 0)
            return;
        keys.Add(new Key(KeyKind.Text, _text.ToString()));
        _text.Clear();
    }
}
