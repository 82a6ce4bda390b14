using Countersign.Cryptography;
using CsCheck;

namespace Countersign.Protocol.Tests;

/// <summary>The invitation as one word (SPEC 10).</summary>
public sealed class InvitationTests
{
    [Fact]
    public void IN_05_an_invitation_comes_back_from_its_word()
    {
        using var invitation = Enrolments.NewInvitation();
        var word = invitation.ToWord();
        Assert.StartsWith("csn1", word, StringComparison.Ordinal);
        using var read = Invitation.Parse("  " + word + "\n");
        Assert.Equal((invitation.Address, invitation.Server, invitation.User, invitation.Root, invitation.Expires, invitation.Token.Id),
            (read.Address, read.Server, read.User, read.Root, read.Expires, read.Token.Id));
        Assert.Equal(word, read.ToWord());
        using var shouted = Invitation.Parse(word.ToUpperInvariant());
        Assert.Equal(word, shouted.ToWord());
    }

    [Fact]
    public void IN_05_a_cut_paste_is_detected_wherever_it_is_cut()
    {
        using var invitation = Enrolments.NewInvitation();
        var word = invitation.ToWord();
        for (var length = 0; length < word.Length; length++)
        {
            AssertDamaged(word[..length]);
            AssertDamaged(word[(length + 1)..]);
        }
    }

    [Fact]
    public void IN_05_a_mistyped_or_swapped_character_is_detected()
    {
        using var invitation = Enrolments.NewInvitation();
        var word = invitation.ToWord();
        for (var at = 4; at < word.Length; at++)
        {
            AssertDamaged(word[..at] + (word[at] == 'q' ? 'p' : 'q') + word[(at + 1)..]);
            if (at + 1 < word.Length && word[at] != word[at + 1])
                AssertDamaged(word[..at] + word[at + 1] + word[at] + word[(at + 2)..]);
        }
    }

    [Fact]
    public void IN_05_other_prefixes_and_other_contents_are_told_apart_from_damage()
    {
        Assert.Equal(InvitationFault.OtherPrefix, Fault(Bech32m.Encode("bc", [1, 2, 3])));
        Assert.Equal(InvitationFault.OtherContent, Fault(Bech32m.Encode("csn", [1, 2, 3])));
        Assert.Equal(InvitationFault.OtherContent, Fault(Bech32m.Encode("csn", CborOutput.Encode(output => output.StartArray(1).UInt(2).EndArray()))));
        Assert.Equal(InvitationFault.Damaged, Fault("csn1" + new string('q', 3000)));
    }

    [Fact]
    public void IN_05_no_other_content_than_the_deterministic_one_is_read()
    {
        using var invitation = Enrolments.NewInvitation();
        var data = Bech32m.Decode(invitation.ToWord()).Data;
        Gen.Select(Gen.Int[0, data.Length - 1], Gen.Byte).Sample((at, value) =>
        {
            var changed = (byte[])data.Clone();
            changed[at] = value;
            try
            {
                using var read = Invitation.Parse(Bech32m.Encode("csn", changed));
                return read.ToWord() == Bech32m.Encode("csn", changed);
            }
            catch (InvitationException e)
            {
                return e.Fault == InvitationFault.OtherContent;
            }
        }, iter: 500);
    }

    [Fact]
    public void IN_05_the_longest_invitation_is_readable()
    {
        using var longest = new Invitation(new string('a', 250) + ":7070", ServerName.Parse(string.Join('.', Enumerable.Repeat(new string('b', 50), 4)) + ".example"),
            UserName.Parse(new string('c', 32)), Hash32.Sha256([]), InvitationToken.Generate(), DateTimeOffset.MaxValue);
        using var read = Invitation.Parse(longest.ToWord());
        Assert.Equal(longest.Address, read.Address);
    }

    [Fact]
    public void R14_the_token_is_in_no_text_but_the_word()
    {
        using var invitation = Enrolments.NewInvitation();
        Assert.DoesNotContain(invitation.ToWord()[80..], invitation.ToString(), StringComparison.Ordinal);
        Assert.Equal("InvitationToken", invitation.Token.ToString());
    }

    private static void AssertDamaged(string word) => Assert.Equal(InvitationFault.Damaged, Fault(word));

    private static InvitationFault Fault(string word) => Assert.Throws<InvitationException>(() => Invitation.Parse(word).Dispose()).Fault;
}
