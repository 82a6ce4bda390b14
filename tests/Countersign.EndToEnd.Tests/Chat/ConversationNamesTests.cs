using Countersign.Cli;
using Countersign.Client;
using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.EndToEnd.Tests;

/// <summary>What a typed word means, when others have chosen names and ids so that it means something else.</summary>
public sealed class ConversationNamesTests
{
    private static readonly ConversationSummary WithAlice = Direct("11", "alice");

    [Fact]
    public void A_group_that_is_called_like_a_person_takes_nothing_that_is_meant_for_her()
    {
        var trap = Group("22", "alice", "bob", "mallory");
        ConversationSummary[] all = [trap, WithAlice];
        foreach (var word in new[] { "alice", "Alice", "ALICE" })
        {
            var refused = Assert.Throws<CommandException>(() => Find(all, word));
            Assert.Equal((ExitCode.Usage, "ambiguous"), (refused.Exit, refused.Code));
            Assert.Equal($"'{word}' may mean: @alice, the person; {trap.Id} #alice (bob, mallory).", refused.Message);
        }
        Assert.Equal(WithAlice, Find(all, "@alice"));
        Assert.Equal(WithAlice, Find(all, "@Alice"));
        Assert.Equal(trap, Find(all, "#alice"));
        Assert.Equal(trap, Find(all, trap.Id.ToString()));
        Assert.Equal(WithAlice, Find(all, WithAlice.Id.ToString()));
    }

    [Fact]
    public void A_person_whose_device_is_known_is_meant_also_without_a_conversation()
    {
        ConversationSummary[] all = [Group("22", "alice", "bob", "mallory")];
        Assert.Equal("ambiguous", Assert.Throws<CommandException>(() => Find(all, "alice", "alice")).Code);
        Assert.Equal("no-conversation", Assert.Throws<CommandException>(() => Find(all, "@alice", "alice")).Code);
        Assert.Equal(all[0], Find(all, "alice")); // nobody is called so
    }

    [Fact]
    public void A_name_that_begins_with_a_sign_is_no_person_and_does_not_look_like_one()
    {
        var trap = Group("22", "@alice", "bob", "mallory");
        ConversationSummary[] all = [trap, WithAlice];
        Assert.Equal(("#@alice", "@alice"), (ConversationNames.Of(trap), ConversationNames.Of(WithAlice)));
        Assert.Equal("##ops", ConversationNames.Of(Group("33", "#ops")));
        Assert.Equal("#alice, bob, carol", ConversationNames.Of(Group("33", "alice, bob, carol")));
        Assert.Equal("alice, bob, carol", ConversationNames.Of(Group("33", "", "alice", "bob", "carol")));
        Assert.Equal(WithAlice, Find(all, "@alice"));
        Assert.Throws<CommandException>(() => Find([trap], "@alice"));
        foreach (var conversation in all)
            Assert.Equal(conversation, Find(all, ConversationNames.Of(conversation))); // what is shown can be typed
    }

    [Fact]
    public void An_id_that_was_made_to_begin_like_a_persons_name_is_not_the_person()
    {
        var trap = Group("cafebabe", "plans", "bob", "mallory");
        ConversationSummary[] all = [trap];
        Assert.Throws<CommandException>(() => Find(all, "@cafebabe"));
        Assert.Throws<CommandException>(() => Find(all, "#cafebabe"));
        Assert.Throws<CommandException>(() => Find(all, "cafe"));
        Assert.Equal("ambiguous", Assert.Throws<CommandException>(() => Find(all, "cafebabe", "cafebabe")).Code);
        Assert.Equal(trap, Find(all, "cafebabe"));
    }

    [Fact]
    public void A_sign_for_conversations_never_means_a_person() =>
        Assert.Equal("no-conversation", Assert.Throws<CommandException>(() => Find([WithAlice], "#alice")).Code);

    [Fact]
    public void Two_of_a_name_are_told_apart_by_whole_ids_whatever_anybody_calls_others()
    {
        var (mine, trap) = (Group("22", "ops", "alice", "bob") with { IsClosed = true }, Group("33", "OPS", "bob", "mallory"));
        var second = Group("44", mine.Id.ToString(), "bob", "mallory");
        ConversationSummary[] all = [trap, mine, second];
        foreach (var word in new[] { "ops", "#ops", "OPS" })
        {
            var refused = Assert.Throws<CommandException>(() => Find(all, word));
            Assert.Equal("ambiguous", refused.Code); // also where one of them is over: the other was not asked for
            Assert.Contains($"{mine.Id} #ops (alice, bob)", refused.Message, StringComparison.Ordinal);
            Assert.Contains($"{trap.Id} #OPS (bob, mallory)", refused.Message, StringComparison.Ordinal);
        }
        foreach (var conversation in all)
            Assert.Equal(conversation, Find(all, conversation.Id.ToString()));
        Assert.Throws<CommandException>(() => Find([second], mine.Id.ToString()));
    }

    [Fact]
    public void Of_conversations_with_a_person_the_open_one_is_meant_and_one_that_failed_a_check_is_not_passed_over()
    {
        var over = Direct("00", "alice") with { IsClosed = true };
        var failed = Direct("01", "alice") with { Trust = new ConversationTrust.Distrusted("RC-07") };
        var left = Direct("02", "alice") with { Users = [UserName.Parse("bob")] };
        Assert.Equal(WithAlice, Find([over, failed, left, Direct("12", "alice"), WithAlice], "alice"));
        Assert.Equal(failed, Find([over, failed, left], "alice"));
        Assert.Equal(left, Find([left], "alice")); // to read what was
        Assert.Equal("ambiguous", Assert.Throws<CommandException>(() => Find([over, left], "alice")).Code);
    }

    [Fact]
    public void Completion_offers_what_is_shown_and_names_without_their_sign()
    {
        ConversationSummary[] all = [Group("22", "Night shift"), Direct("33", "nina"), Group("44", "", "a", "b", "c")];
        Assert.Equal("ight shift ", ChatCompletion.Of("/goto #N", [], all).Insert);
        Assert.Equal(" shift ", ChatCompletion.Of("/goto Night", [], all).Insert);
        Assert.Equal("ina ", ChatCompletion.Of("/goto @n", [], all).Insert);
        Assert.Equal("00000 ", ChatCompletion.Of("/goto 440", [], all).Insert);
    }

    private static ConversationSummary Find(ConversationSummary[] all, string text, params string[] known) =>
        ConversationNames.Find(all, text, user => known.Contains(user.ToString()));

    private static ConversationSummary Group(string id, string name, params string[] users) => new(
        new ConversationId(Id(id)), name, [.. users.Select(u => UserName.Parse(u))], null, 5, Id("ff"), 0, true, false, true, new ConversationTrust.Verified());

    private static ConversationSummary Direct(string id, string peer) =>
        Group(id, "", peer, "bob") with { Peer = UserName.Parse(peer) };

    private static Hash32 Id(string beginning) => Hash32.TryParse(beginning.PadRight(64, '0'), out var id) ? id : throw new ArgumentException("no digits", nameof(beginning));
}
