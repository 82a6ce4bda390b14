using CsCheck;

namespace Countersign.Cryptography.Tests;

/// <summary>User and server names by themselves.</summary>
public sealed class NameTests
{
    [Theory]
    [InlineData("a"), InlineData("0"), InlineData("alice"), InlineData("alice.b-c_d"), InlineData("server.local"), InlineData("abcdefghijklmnopqrstuvwxyz012345")]
    public void CE_13_names_of_the_grammar_are_read(string text) => Assert.Equal(text, UserName.Parse(text).ToString());

    [Theory]
    [InlineData(""), InlineData("A"), InlineData("-a"), InlineData("a-"), InlineData(".a"), InlineData("a."), InlineData("a..b"), InlineData("a/b")]
    [InlineData("../x"), InlineData("a b"), InlineData("ä"), InlineData("a\n"), InlineData("abcdefghijklmnopqrstuvwxyz0123456"), InlineData("ａ")]
    public void CE_13_A24_other_names_are_refused(string text)
    {
        Assert.Throws<MalformedException>(() => UserName.Parse(text));
        Assert.False(UserName.TryParse(text, out _));
    }

    [Fact]
    public void CE_13_the_grammar_is_that_of_the_specification()
    {
        var grammar = new System.Text.RegularExpressions.Regex(@"\A[a-z0-9]([a-z0-9._-]{0,30}[a-z0-9])?\z");
        Gen.String[Gen.Char["ab09._-A/ "], 0, 34].Sample(text =>
            UserName.TryParse(text, out _) == (grammar.IsMatch(text) && !text.Contains("..", StringComparison.Ordinal)));
    }

    [Fact]
    public void CE_13_names_travel_as_CBOR_text()
    {
        Assert.Equal("alice", CborInput.Parse(CborOutput.Encode(o => o.Text("alice")), UserName.Read).ToString());
        Assert.Throws<MalformedException>(() => CborInput.Parse(CborOutput.Encode(o => o.Text("Alice")), UserName.Read));
    }

    [Theory]
    [InlineData("server.local", "server.local"), InlineData("Chat.Example.ORG", "chat.example.org"), InlineData("localhost", "localhost")]
    [InlineData("127.0.0.1", "127.0.0.1"), InlineData("2001:DB8:0::1", "2001:db8::1"), InlineData("::1", "::1"), InlineData("1a", "1a")]
    public void CE_09_server_names_are_read(string text, string canonical) => Assert.Equal(canonical, ServerName.Parse(text).ToString());

    [Theory]
    [InlineData(""), InlineData("."), InlineData("a."), InlineData(".a"), InlineData("a..b"), InlineData("*.a"), InlineData("a b"), InlineData("-a"), InlineData("a-")]
    [InlineData("1"), InlineData("0x7f.1"), InlineData("127.1"), InlineData("1.2.3.4.5"), InlineData("a.1"), InlineData("[::1]"), InlineData("fe80::1%eth0"), InlineData("a_b")]
    public void CE_09_other_server_names_are_refused(string text) => Assert.Throws<MalformedException>(() => ServerName.Parse(text));
}
