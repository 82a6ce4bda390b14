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
        await using var server = await TestServer.StartAsync(Stamping, opened => store = new FailingStore(opened));
        await using var alice = await server.NewReadyAsync("alice", 1);
        store!.Away = storeIsAway
            ? new StoreException(StoreFault.Unavailable, "away")
            : new IOException("no space left for the number of a token");
        var talk = await TestTalk.FoundAsync(alice);
        await Eventually.True(() => store.TimesAway > 1, "the store is asked again");
        Assert.True(await server.MetricAsync("countersign_stamp_failures_total") > 0);
        Assert.Equal(0, await server.MetricAsync("countersign_stamps_total"));
        store.Away = null;
        Assert.Equal(talk.Id, StampedHead.Parse((await alice.ReceiveAsync<PushStamp>()).Stamp.Bytes).Head.Conversation);
        Assert.Equal(1, await server.MetricAsync("countersign_stamps_total"));
    }

    [Theory]
    [InlineData("UPDATE conversations SET root=x'00' WHERE number=1", "Critical the store of conversation")]
    [InlineData("UPDATE conversations SET conversation=x'00' WHERE number=1", "Critical the store was changed: the id of its conversation number 1")]
    [InlineData("UPDATE members SET device=x'00' WHERE conversation=(SELECT conversation FROM conversations WHERE number=1)", "Error the stamp of conversation")]
    public async Task TS_08_a_conversation_that_was_changed_in_the_store_is_told_of_and_keeps_no_other_from_its_stamp(string edit, string told)
    {
        await using var server = await TestServer.StartAsync(Stamping);
        TestUser user;
        await using (var alice = await server.NewReadyAsync("alice", 1))
        {
            user = alice.User;
            await TestTalk.FoundAsync(alice);
            await alice.ReceiveAsync<PushStamp>();
        }
        Edit(server, edit + "; DELETE FROM stamps; UPDATE conversations SET stamped=0"); // as if it had grown
        await using var again = await server.ConnectAsync();
        await again.LogInAsync(user);
        await Eventually.True(() => server.Log.Lines.Any(line => line.StartsWith(told, StringComparison.Ordinal)), "it is told");
        var other = await TestTalk.FoundAsync(again);
        Assert.Equal(other.Id, StampedHead.Parse((await again.ReceiveAsync<PushStamp>()).Stamp.Bytes).Head.Conversation);
        Assert.Single(server.Log.Lines, line => line.StartsWith(told, StringComparison.Ordinal));
    }

    [Fact]
    public async Task RC_07_a_conversation_that_was_found_to_be_changed_gets_no_stamp_and_the_others_do()
    {
        FailingStore? store = null;
        await using var server = await TestServer.StartAsync(
            Stamping, opened => store = new FailingStore(opened) { Away = new StoreException(StoreFault.Unavailable, "away") });
        var user = await server.EnrolAsync("alice", 1);
        TestTalk changed, other;
        await using (var alice = await server.ConnectAsync())
        {
            await alice.RegisterAsync(user);
            changed = await TestTalk.FoundAsync(alice);
            other = await TestTalk.FoundAsync(alice);
        }
        Edit(server, "UPDATE entries SET bytes=" + StoredBytes.LastChanged + " WHERE conversation=1");
        await server.RestartAsync(Stamping); // nothing can be stamped before the inspection has come by
        await Eventually.True(() => server.Log.Lines.Any(static line => line.StartsWith("Critical the store of conversation", StringComparison.Ordinal)), "it is found");
        store!.Away = null;
        await Eventually.True(async () => (await store.StampsAsync(other.Id, 0, 9, 9)).Count == 1, "the other one is stamped");
        Assert.Empty(await store.StampsAsync(changed.Id, 0, 9, 9));
    }

    [Fact]
    public async Task TS_08_more_conversations_that_were_changed_than_fit_into_a_batch_keep_no_other_from_its_stamp()
    {
        await using var server = await TestServer.StartAsync(Stamping);
        await using var alice = await server.NewReadyAsync("alice", 1);
        Edit(server, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
            + " INSERT INTO conversations (conversation, size, root) SELECT randomblob(31), 1, zeroblob(32) FROM n");
        var talk = await TestTalk.FoundAsync(alice);
        Assert.Equal(talk.Id, StampedHead.Parse((await alice.ReceiveAsync<PushStamp>()).Stamp.Bytes).Head.Conversation);
    }

    private static readonly ServerOptions Stamping =
        new() { TimeStampAuthority = new TimeStampChoice.Self(), Health = new(System.Net.IPAddress.Loopback, 0), Limits = new ServerLimits { StampInterval = TimeSpan.FromMilliseconds(100) } };

    private static void Edit(TestServer server, string sql)
    {
        using var session = new SqliteSession(Path.Combine(server.Path, "server.db"), Microsoft.Data.Sqlite.SqliteOpenMode.ReadWrite);
        session.Execute(sql);
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
