using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Testing;
using Microsoft.Data.Sqlite;

namespace Countersign.Server.Tests;

/// <summary>The server's store edited by hand: found by the inspection at the start, and by an operator's check.</summary>
public sealed class StoreInspectionTests
{
    [Theory]
    [InlineData("UPDATE entries SET bytes=" + StoredBytes.LastChanged + " WHERE position=1", "entry 1, or its subtree, was changed")]
    [InlineData("UPDATE entries SET subtree=zeroblob(32) WHERE position=2", "entry 2, or its subtree, was changed")]
    [InlineData("DELETE FROM entries WHERE position=3", "entry 3 is missing")]
    [InlineData("UPDATE conversations SET root=zeroblob(32)", "the root of its 4 entries was changed")]
    [InlineData("DELETE FROM entries WHERE position>=2; UPDATE conversations SET size=2, root=(SELECT subtree FROM entries WHERE position=1)", "a receipt of device")]
    [InlineData("UPDATE receipts SET bytes=" + StoredBytes.LastChanged, "a receipt of device")]
    [InlineData("UPDATE conversations SET root=x'00'", "its root was changed")]
    [InlineData("UPDATE receipts SET device=zeroblob(33)", "a receipt was changed")]
    [InlineData("UPDATE receipts SET bytes=x''", "a receipt of device")]
    [InlineData("DELETE FROM snapshots", "its stored state is missing")]
    [InlineData("UPDATE entries SET subtree=x'00' WHERE position=2", "entry 2, its subtree, or one after it, was changed")]
    public async Task TR_02_what_was_changed_in_the_store_is_named_and_not_served(string edit, string fault)
    {
        await using var server = await TestServer.StartAsync();
        var (talk, user) = await TalkAsync(server);
        Assert.Empty(await FoundAsync(server));

        Edit(server, edit);

        Assert.StartsWith(fault, Assert.Single(await FoundAsync(server)).Fault, StringComparison.Ordinal);
        await server.RestartAsync();
        await FoundByServerAsync(server);
        await using var again = await server.ConnectAsync();
        await again.LogInAsync(user);
        await Eventually.True(() => again.AskAsync<Answer>(id => new Fetch(id, talk.Id, 0)).GetAwaiter().GetResult() is Refused { Code: WireCode.Busy }, "refused");
        var receipt = Receipt.Sign(user.Key, user.Device, ReceiptKind.Final, new Head(talk.Id, talk.Seen.Size, talk.Seen.Root), DateTimeOffset.UtcNow);
        foreach (var request in (Func<ulong, Request>[])[
            id => new GetReceipts(id, talk.Id, null), id => new GetStamps(id, talk.Id, 0), id => new PutReceipt(id, new Encoded<Receipt>(receipt.Bytes)),
            id => new Submit(id, new Encoded<Entry>(talk.Message().Bytes))])
            Assert.Equal(WireCode.Busy, (await again.AskAsync<Refused>(request)).Code); // and the link stays, for all its other conversations
    }

    [Theory]
    [InlineData("substr(conversation, 1, 31)")]
    [InlineData("x''")]
    [InlineData("'none'")]
    public async Task TR_02_a_conversation_whose_id_cannot_be_read_is_named_by_its_row_and_the_others_are_inspected(string id)
    {
        await using var server = await TestServer.StartAsync();
        await using var alice = await server.NewReadyAsync("alice", 1);
        var talks = new List<TestTalk>();
        for (var i = 0; i < 4; i++)
            talks.Add(await TestTalk.FoundAsync(alice));

        Edit(server, $"UPDATE conversations SET root=zeroblob(32) WHERE number<>3; UPDATE conversations SET conversation={id} WHERE number=3");

        var (other, fault) = ("the root of its 1 entries was changed", "its id was changed");
        Assert.Equal([new(1, talks[0].Id, other), new(2, talks[1].Id, other), new(3, null, fault), new(4, talks[3].Id, other)], await FoundAsync(server));
        await server.RestartAsync();
        await Eventually.True(() => server.Log.Lines.Any(line => line.Contains(talks[3].Id.ToString(), StringComparison.Ordinal)), "the server finds the last as well");
        Assert.Single(server.Log.Lines, static line => line.StartsWith("Critical the store was changed: the id of its conversation number 3 is none", StringComparison.Ordinal));
        Assert.Equal(3, server.Log.Lines.Count(static line => line.StartsWith("Critical the store of conversation", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task SE_03_who_is_no_member_does_not_learn_that_a_conversation_was_changed_in_the_store()
    {
        await using var server = await TestServer.StartAsync();
        var (talk, _) = await TalkAsync(server);
        Edit(server, "UPDATE conversations SET root=zeroblob(32)");
        await server.RestartAsync();
        await FoundByServerAsync(server);
        await using var stranger = await server.NewReadyAsync("stranger", 2);
        foreach (var request in (Func<ulong, Request>[])[id => new Fetch(id, talk.Id, 0), id => new GetReceipts(id, talk.Id, null), id => new GetStamps(id, talk.Id, 0)])
            Assert.Equal(WireCode.NotMember, (await stranger.AskAsync<Refused>(request)).Code);
    }

    [Fact]
    public async Task TR_02_a_certificate_that_is_none_is_named_with_what_it_signed()
    {
        await using var server = await TestServer.StartAsync();
        await TalkAsync(server);
        Edit(server, "UPDATE devices SET chain=x'00'");
        Assert.StartsWith("a receipt of device", Assert.Single(await FoundAsync(server)).Fault, StringComparison.Ordinal);
    }

    // Four entries, and a receipt of them.
    private static async Task<(TestTalk, TestUser)> TalkAsync(TestServer server)
    {
        await using var alice = await server.NewReadyAsync("alice", 1);
        var talk = await TestTalk.FoundAsync(alice);
        await talk.SubmitAsync(alice, talk.NewEpoch(alice.User));
        await talk.SubmitAsync(alice, talk.Message());
        await talk.SubmitAsync(alice, talk.Message());
        var head = new Head(talk.Id, talk.Seen.Size, talk.Seen.Root);
        var receipt = Receipt.Sign(alice.User.Key, alice.User.Device, ReceiptKind.Delivered, head, DateTimeOffset.UtcNow);
        await alice.AskAsync<Done>(id => new PutReceipt(id, new Encoded<Receipt>(receipt.Bytes)));
        return (talk, alice.User);
    }

    [Theory]
    [InlineData("UPDATE devices SET chain=x'00' WHERE user='alice'")]
    [InlineData("UPDATE devices SET chain=x'' WHERE user='alice'")]
    [InlineData("UPDATE devices SET invitation=x'00' WHERE user='alice'")]
    public async Task TR_02_a_device_that_cannot_be_read_is_the_damage_of_what_it_signed_and_the_server_serves_the_others(string edit)
    {
        await using var server = await TestServer.StartAsync();
        var (of, talks) = (new Dictionary<string, TestUser>(), new Dictionary<string, TestTalk>());
        foreach (var name in new[] { "alice", "bob" })
        {
            await using var client = await server.NewReadyAsync(name, 1 + of.Count);
            var talk = await TestTalk.FoundAsync(client);
            var head = new Head(talk.Id, talk.Seen.Size, talk.Seen.Root);
            var receipt = Receipt.Sign(client.User.Key, client.User.Device, ReceiptKind.Delivered, head, DateTimeOffset.UtcNow);
            await client.AskAsync<Done>(id => new PutReceipt(id, new Encoded<Receipt>(receipt.Bytes)));
            (of[name], talks[name]) = (client.User, talk);
        }

        Edit(server, edit);

        var found = Assert.Single(await FoundAsync(server));
        Assert.Equal(talks["alice"].Id, found.Conversation);
        Assert.StartsWith($"a receipt of device {of["alice"].Device}", found.Fault, StringComparison.Ordinal);
        await server.RestartAsync();
        await FoundByServerAsync(server);
        await using var bob = await server.ConnectAsync();
        await bob.LogInAsync(of["bob"]);
        Assert.Single((await bob.AskAsync<Fetched>(id => new Fetch(id, talks["bob"].Id, 0))).Entries);
    }

    private static Task FoundByServerAsync(TestServer server) => Eventually.True(
        () => server.Log.Lines.Any(static line => line.StartsWith("Critical the store of conversation", StringComparison.Ordinal)), "the server finds it as well");

    private static async Task<List<DamagedConversation>> FoundAsync(TestServer server)
    {
        var found = new List<DamagedConversation>();
        await foreach (var damaged in server.Administration.InspectAsync(TestContext.Current.CancellationToken))
            found.Add(damaged);
        return found;
    }

    private static void Edit(TestServer server, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(server.Path, "server.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
