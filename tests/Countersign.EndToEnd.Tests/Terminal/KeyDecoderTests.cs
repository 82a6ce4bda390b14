using System.Text;
using Countersign.Cli;
using CsCheck;

namespace Countersign.EndToEnd.Tests;

public sealed class KeyDecoderTests
{
    [Theory]
    [InlineData("\e[A", nameof(KeyKind.Up))]
    [InlineData("\eOA", nameof(KeyKind.Up))]
    [InlineData("\e[1;5C", nameof(KeyKind.WordRight))]
    [InlineData("\e[3~", nameof(KeyKind.Delete))]
    [InlineData("\e[H", nameof(KeyKind.Home))]
    [InlineData("\e[4~", nameof(KeyKind.End))]
    [InlineData("\e\r", nameof(KeyKind.NewLine))]
    [InlineData("\e", nameof(KeyKind.Escape))]
    [InlineData("\u0003", nameof(KeyKind.Interrupt))]
    [InlineData("\u0004", nameof(KeyKind.EndOfInput))]
    [InlineData("\u007f", nameof(KeyKind.Backspace))]
    [InlineData("\t", nameof(KeyKind.Tab))]
    public void A_key_is_what_the_terminal_sends_for_it(string bytes, string kind) =>
        Assert.Equal([new Key(Enum.Parse<KeyKind>(kind))], new KeyDecoder().Decode(Encoding.UTF8.GetBytes(bytes)));

    [Theory]
    [InlineData("\e[?1;2c")]
    [InlineData("\e[200;300R")]
    [InlineData("\e[38;5m")]
    public void An_unknown_sequence_is_swallowed_whole(string bytes) => Assert.Empty(new KeyDecoder().Decode(Encoding.UTF8.GetBytes(bytes)));

    [Fact]
    public void A_bracketed_paste_is_one_key_however_it_is_split()
    {
        var bytes = Encoding.UTF8.GetBytes("a\e[200~line one\r\nzwölf\e[31m 你\e[201~b");
        for (var cut = 1; cut < bytes.Length; cut++)
        {
            // A cut right behind an ESC looks like the Escape key: terminals do not cut there.
            if (bytes[cut - 1] == 0x1B && cut < 4)
                continue;
            var decoder = new KeyDecoder();
            var keys = decoder.Decode(bytes.AsMemory(0, cut)).Concat(decoder.Decode(bytes.AsMemory(cut))).ToList();
            Assert.Equal("line one\r\nzwölf\e[31m 你", keys.Single(k => k.Kind == KeyKind.Paste).Text);
            Assert.Equal("ab", string.Concat(keys.Where(k => k.Kind == KeyKind.Text).Select(k => k.Text)));
        }
    }

    [Fact]
    public void Bytes_in_any_order_never_throw_and_never_wait_for_ever() => Gen.Byte.Array[1, 200].Sample(bytes =>
    {
        var decoder = new KeyDecoder();
        foreach (var b in bytes)
            decoder.Decode(new[] { b });
        // Whatever was pending, a line of text ends it.
        var keys = decoder.Decode(Encoding.ASCII.GetBytes("\e[201~" + new string('x', 100) + "\r"));
        Assert.Contains(keys, k => k.Kind is KeyKind.Enter or KeyKind.Text or KeyKind.Paste);
    });

    [Fact]
    public void Two_lines_in_one_read_are_a_paste_even_where_the_terminal_does_not_say_so() =>
        Assert.Equal([new Key(KeyKind.Paste, "one\ntwo\n")],
            PastedLines.Gather(new KeyDecoder().Decode(Encoding.ASCII.GetBytes("one\rtwo\r"))));

    [Fact]
    public void A_typed_line_is_no_paste() =>
        Assert.Equal([new Key(KeyKind.Text, "one"), new Key(KeyKind.Enter)],
            PastedLines.Gather(new KeyDecoder().Decode(Encoding.ASCII.GetBytes("one\r"))));
}
