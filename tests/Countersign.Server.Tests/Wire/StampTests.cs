using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Server.Tests;

/// <summary>Stamped heads over a real socket.</summary>
public sealed class StampTests(SharedServer shared)
{
    [Fact]
    public async Task SE_03_stamps_are_for_those_who_see_the_conversation()
    {
        await using var alice = await shared.NewReadyAsync(1);
        await using var bob = await shared.NewReadyAsync(2);
        var talk = await TestTalk.FoundAsync(alice);
        Assert.Equal(WireCode.NotMember, (await bob.AskAsync<Refused>(id => new GetStamps(id, talk.Id, 0))).Code);
        Assert.Equal(WireCode.NotMember, (await bob.AskAsync<Refused>(id => new GetStamps(id, new ConversationId(Hash32.Sha256([1])), 0))).Code);
        var held = await alice.AskAsync<Stamps>(id => new GetStamps(id, talk.Id, 0));
        Assert.Empty(held.Held); // this server has no time-stamp authority
        Assert.False(held.More);
    }

    [Theory]
    [InlineData("none", "none")]
    [InlineData("self", "self")]
    [InlineData("http://127.0.0.1:8318/tsa", "http://127.0.0.1:8318/tsa")]
    [InlineData("ftp://example.org", null)]
    [InlineData("", null)]
    [InlineData("Self", null)]
    public void The_time_stamp_authority_is_none_self_or_a_URL(string text, string? read) =>
        Assert.Equal(read, TimeStampChoice.Parse(text)?.ToString());
}
