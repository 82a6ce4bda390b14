using Countersign.Cli;
using Countersign.Client;
using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.EndToEnd.Tests;

public sealed class FormatTests
{
    private static readonly UserName Alice = UserName.Parse("alice");
    private static readonly DeviceId Device = new(Hash32.Sha256("device"u8));
    private static readonly DateTimeOffset Time = new(2026, 11, 23, 12, 1, 0, TimeSpan.Zero);

    private static readonly LineFormat Plain = new(Style.None, TimeZoneInfo.Utc, sayVerified: true);

    private static TranscriptLine.Message Message(string? text, UnreadableReason? unreadable = null) => new(7, Alice, Device, Time, true, text, unreadable, null, null);

    [Fact]
    public void A_message_cannot_imitate_a_line_of_its_own() =>
        Assert.Equal(["12:01  alice (verified)  hi", "       │ 12:02  bob (verified)  I agree"],
            Plain.Of(Message("hi\n12:02  bob (verified)  I agree"), UserName.Parse("carol"), LineTrust.Verified));

    [Fact]
    public void One_of_a_thing_is_one() =>
        Assert.Equal(["0 entries", "1 entry", "2 entries", "1 message", "1 conversation", "2 flaws"],
            [Counted.Entries(0), Counted.Entries(1UL), Counted.Entries(2L), Counted.Messages(1), Counted.Conversations(1), Counted.Flaws(2)]);

    [Fact]
    public void Long_lines_break_between_words_and_nothing_is_lost()
    {
        var format = new LineFormat(Style.None, TimeZoneInfo.Utc, sayVerified: false, () => 40);
        var text = string.Join(' ', Enumerable.Range(1, 40).Select(i => "word" + i)) + " " + new string('x', 100) + " 你好 你好你好你好你好你好你好你好你好你好你好你好你好";
        var lines = format.Of(Message(text), UserName.Parse("carol"), LineTrust.Verified).ToList();
        Assert.All(lines, l => Assert.True(CellWidth.Of(l) < 40, l));
        Assert.Equal(text.Replace(" ", ""), string.Concat(lines.Select((l, i) => i == 0 ? l["12:01  alice  ".Length..] : l[9..])).Replace(" ", ""));
    }

    [Theory]
    [InlineData(80)]
    [InlineData(81)]
    [InlineData(40)]
    [InlineData(20)]
    public void A_message_cannot_imitate_a_line_of_its_own_by_reaching_the_edge_of_the_terminal(int columns)
    {
        const string Lie = "12:02  bob (verified)  I agree";
        var format = new LineFormat(Style.For(true, Around(("TERM", "xterm"))), TimeZoneInfo.Utc, sayVerified: true, () => columns);
        // Where the terminal would begin its next row, by whatever is written before: spaces, wide characters, pictures that may fall apart.
        foreach (var filling in new[] { " ", "x", "你", "👩‍👩‍👧‍👦", "🇩🇪", "1️⃣" })
            for (var count = 0; count < 2 * columns; count++)
                foreach (var trust in new[] { LineTrust.Verified, LineTrust.Look })
                    AssertHangs(format.Of(Message(string.Concat(Enumerable.Repeat(filling, count)) + Lie), UserName.Parse("carol"), trust), columns);
    }

    [Fact]
    public void The_mark_of_a_message_counts_and_what_is_broken_hangs_at_exact_columns()
    {
        var format = new LineFormat(Style.None, TimeZoneInfo.Utc, sayVerified: true, () => 80);
        Assert.Equal(
            [
                "12:01  alice (! look: new device, see /safety alice)  one two three four five",
                "       │ six",
            ],
            format.Of(Message("one two three four five six"), UserName.Parse("carol"), LineTrust.Look));
        // 79 cells are one row: the 80th stays empty.
        Assert.Equal(["12:01  alice (verified)  " + new string('x', 54)], format.Of(Message(new string('x', 54)), UserName.Parse("carol"), LineTrust.Verified));
        Assert.Equal(["12:01  alice (verified)  " + new string('x', 54), "       │ x"], format.Of(Message(new string('x', 55)), UserName.Parse("carol"), LineTrust.Verified));
        // 27 wide characters are 54 cells.
        Assert.Equal(["12:01  alice (verified)  " + new string('你', 27), "       │ 你"], format.Of(Message(new string('你', 28)), UserName.Parse("carol"), LineTrust.Verified));
    }

    [Fact]
    public void System_lines_headers_notices_and_lists_are_broken_alike()
    {
        var format = new LineFormat(Style.None, TimeZoneInfo.Utc, sayVerified: true, () => 80);
        var name = new string(' ', 60) + "12:02  bob (verified)  I agree" + new string('x', 30);
        var here = new ConversationSummary(new ConversationId(Hash32.Sha256("c"u8)), name, [Alice], null, 5, Hash32.Sha256("r"u8), 0, true, false, true, new ConversationTrust.Verified());
        AssertHangs(format.Of(new TranscriptLine.Founded(0, Alice, Device, Time, true, name), Alice, LineTrust.Verified), 80);
        foreach (var text in new[] { RoomWords.Header(format, here), format.Notice(name), format.Warning(name), format.Alarm(name), format.Broken(name) })
        {
            Assert.Contains('\n', text);
            AssertHangs([text], 80);
        }
    }

    [Theory]
    [InlineData(WireCode.TooLarge, 21, "too-large", "the server has no room for it (TOO_LARGE)")]
    [InlineData(null, 22, "not-confirmed", "not confirmed yet")]
    public void EN_17_a_change_that_waits_is_said_to_be_signed_and_what_is_written_behind_it_too(WireCode? code, int exit, string word, string why)
    {
        using var data = new StringWriter();
        var said = ClientFailures.Explain(ChatWorld.Context(data, TextWriter.Null, json: false), new ChangeWaitsException(new ConversationId(Hash32.Sha256("c"u8)), code));
        Assert.Equal((exit, word), ((int)said.Exit, said.Code));
        Assert.Contains(why, said.Message, StringComparison.Ordinal);
        Assert.Contains("it is signed", said.Message, StringComparison.Ordinal);
        Assert.Contains("whoever is a member then", said.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void A_style_ends_with_its_row_and_goes_on_in_the_next()
    {
        var style = Style.For(true, Around(("TERM", "xterm")));
        Assert.Equal([style.Dim(new string('x', 29)), "       │ " + style.Dim(new string('x', 11)) + "y"], HangingIndent.Break(style.Dim(new string('x', 40)) + "y", 30));
    }

    [Theory]
    [InlineData("one two three four", "one two\n  three\n  four")]
    [InlineData("exactly te", "exactly\n  te")] // the last column stays empty
    [InlineData("a b\nanother line", "a b\nanother\n  line")]
    [InlineData("\e[32m✓\e[0m a  b cc", "\e[32m✓\e[0m a  b cc")] // styles take no room
    [InlineData("see /a/path/that/is/long now", "see\n  /a/path/that/is/long\n  now")]
    [InlineData("next: countersign chat --data /tmp/x", "next:\n  countersign chat --data /tmp/x")]
    [InlineData("  countersign chat --data /tmp/x", "  countersign chat --data /tmp/x")]
    public void What_the_program_itself_says_is_broken_between_words_and_commands_stay_whole(string line, string rows)
    {
        Assert.Equal(rows, WordWrap.Of(line, static () => 10, "countersign"));
        Assert.Equal(line, WordWrap.Of(line, null, "countersign"));
    }

    [Theory]
    [InlineData("  ✓ signatures    every entry is signed by whom it names", "  ✓ signatures    every entry\n                  is signed\n                  by whom it\n                  names")]
    [InlineData("    What was revoked later is on newer lists", "    What was revoked later is\n    on newer lists")]
    [InlineData("joined as bob; device 620c 8a92 4aaf 738c", "joined as bob; device 620c\n  8a92 4aaf 738c")]
    [InlineData("a word and far away  another that is long", "a word and far away  another\n                     that is\n                     long")]
    [InlineData("csn1averylongwordthatnobodycanbreak", "csn1averylongwordthatnobodycanbreak")]
    public void Reports_hang_below_their_last_column(string line, string rows)
    {
        Assert.Equal(rows, WordWrap.Hanging(line, static () => 30));
        Assert.Equal(line, WordWrap.Hanging(line, null));
    }

    [Fact]
    public void Lines_that_lead_to_no_terminal_stay_whole() =>
        Assert.Single(Plain.Of(Message(new string('x', 500)), Alice, LineTrust.Verified));

    // Every row but the first begins with the bar, and none reaches the last column, even of a terminal that draws every rune by itself.
    private static void AssertHangs(IEnumerable<string> lines, int columns)
    {
        var rows = lines.SelectMany(line => line.Split('\n')).Select(row => System.Text.RegularExpressions.Regex.Replace(row, "\e\\[[0-9;]*m", "")).ToList();
        Assert.All(rows.Skip(1), row => Assert.StartsWith(columns < 24 ? "│ " : "       │ ", row, StringComparison.Ordinal));
        Assert.All(rows, row => Assert.True(row.EnumerateRunes().Sum(static rune => rune.Value == 0xFE0F ? 1 : CellWidth.Of(rune.ToString())) < columns, row));
    }

    [Fact]
    public void What_is_not_trusted_is_hidden_until_asked_for() =>
        Assert.Equal(["12:01  alice (✗ do not trust)  [hidden: /show reveals it]"], Plain.Of(Message("pay now"), UserName.Parse("carol"), LineTrust.DoNotTrust));

    [Fact]
    public void What_cannot_be_read_says_why()
    {
        Assert.Contains("when this device was none", Assert.Single(Plain.Of(Message(null, UnreadableReason.NotForThisDevice), Alice, LineTrust.Verified)));
        Assert.Contains("does not open", Assert.Single(Plain.Of(Message(null, UnreadableReason.DoesNotOpen), Alice, LineTrust.Verified)));
    }

    [Theory]
    [InlineData(DeliveryWord.Queued, "◌ queued")]
    [InlineData(DeliveryWord.Sent, "→ sent")]
    [InlineData(DeliveryWord.Accepted, "✓ accepted")]
    [InlineData(DeliveryWord.Delivered, "✓✓ delivered 2 of 3")]
    [InlineData(DeliveryWord.Final, "■ final")]
    [InlineData(DeliveryWord.Waiting, "◌ waiting: the server has no room for it (TOO_LARGE)", WireCode.TooLarge)]
    [InlineData(DeliveryWord.Waiting, "◌ waiting: you are no member now (NOT_MEMBER)", WireCode.NotMember)]
    [InlineData(DeliveryWord.Waiting, "◌ waiting: the server refused it (BAD_CERT)", WireCode.BadCert)]
    [InlineData(DeliveryWord.Failed, "✗ failed (CLOSED)", WireCode.Closed)]
    public void Experience_6_different_words(DeliveryWord word, string shown, WireCode? code = null) =>
        Assert.Equal(shown, DeliveryMark.Of(new Delivery(word, 2, 3, code)));

    [Theory]
    [InlineData("hello", "hello")]
    [InlineData("//who", "/who")]
    [InlineData("///x", "//x")]
    public void Experience_8_a_text_is_a_message(string typed, string sent) => Assert.Equal(new TypedLine.Message(sent), TypedLine.Parse(typed));

    [Theory]
    [InlineData("/who", "who", "")]
    [InlineData("/Dm  bob ", "dm", "bob")]
    [InlineData("/nonsense a b", "nonsense", "a b")]
    [InlineData("/", "", "")]
    public void Experience_8_a_slash_is_a_command_known_or_not(string typed, string word, string rest) =>
        Assert.Equal(new TypedLine.Command(word, rest), TypedLine.Parse(typed));

    [Fact]
    public void Completion_offers_commands_people_and_conversations()
    {
        Assert.Equal(["/receipts", "/reconnect", "/remove"], ChatCompletion.Of("/re", [], []).Candidates);
        Assert.Equal("b ", ChatCompletion.Of("/dm bo", ["alice", "bob"], []).Insert);
        Assert.Equal("ice ", ChatCompletion.Of("ask @al", ["alice", "bob"], []).Insert);
        Assert.Equal("", ChatCompletion.Of("//wh", [], []).Insert);
    }

    [Fact]
    public void Fingerprints_are_told_apart_by_eye_and_ear()
    {
        var hash = Hash32.Sha256("x"u8);
        Assert.Equal(79, Fingerprints.Whole(hash).Length);
        Assert.StartsWith(Fingerprints.Short(hash), Fingerprints.Whole(hash));
        Assert.Matches("^([bdfghjklmnprstvz][aiou][bdfghjklmnprstvz][aiou][bdfghjklmnprstvz] ?){8}$", Fingerprints.Spoken(hash));
        // The published example: 127.0.0.1 is lusab-babad.
        Assert.StartsWith("lusab babad ", Fingerprints.Spoken(new Hash32([127, 0, 0, 1, .. new byte[28]])));
    }

    [Fact]
    public void Experience_4_no_escape_byte_for_NO_COLOR_dumb_terminals_and_pipes()
    {
        Assert.NotEqual("x", Style.For(true, Around(("TERM", "xterm"))).Bad("x"));
        Assert.Equal("x", Style.For(true, Around(("TERM", "xterm"), ("NO_COLOR", "1"))).Bad("x"));
        Assert.Equal("x", Style.For(true, Around(("TERM", "dumb"))).Bad("x"));
        Assert.Equal("x", Style.For(true, Around()).Bad("x"));
        Assert.Equal("x", Style.For(false, Around(("TERM", "xterm"))).Bad("x"));
    }

    private static Surroundings Around(params (string Name, string Value)[] variables) =>
        new(name => variables.FirstOrDefault(v => v.Name == name).Value, true, true, true);
}
