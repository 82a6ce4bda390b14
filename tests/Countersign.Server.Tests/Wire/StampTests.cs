using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Testing;

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
    [InlineData(true)]
    [InlineData(false)]
    public async Task TS_08_heads_that_cannot_be_stamped_now_are_stamped_later(bool storeIsAway)
    {
        FailingStore? store = null;
        await using var server = await TestServer.StartAsync(
            new ServerOptions { TimeStampAuthority = new TimeStampChoice.Self(), Limits = new ServerLimits { StampInterval = TimeSpan.FromMilliseconds(100) } },
            opened => store = new FailingStore(opened));
        await using var alice = await server.NewReadyAsync("alice", 1);
        store!.Away = storeIsAway
            ? new StoreException(StoreFault.Unavailable, "away")
            : new IOException("no space left for the number of a token");
        var talk = await TestTalk.FoundAsync(alice);
        await Eventually.True(() => store.TimesAway > 1, "the store is asked again");
        store.Away = null;
        Assert.Equal(talk.Id, StampedHead.Parse((await alice.ReceiveAsync<PushStamp>()).Stamp.Bytes).Head.Conversation);
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
