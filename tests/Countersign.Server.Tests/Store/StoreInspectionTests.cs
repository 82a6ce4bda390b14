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
    [InlineData("UPDATE entries SET subtree=x'00' WHERE position=2", "entry 2, its subtree, or one after it, was changed")]
    public async Task TR_02_what_was_changed_in_the_store_is_named_and_not_served(string edit, string fault)
    {
        await using var server = await TestServer.StartAsync();
        var (talk, user) = await TalkAsync(server);
        Assert.Empty(await FoundAsync(server));

        Edit(server, edit);

        Assert.StartsWith(fault, Assert.Single(await FoundAsync(server)).Fault, StringComparison.Ordinal);
        await server.RestartAsync();
        await using var again = await server.ConnectAsync();
        await again.LogInAsync(user);
        await Eventually.True(() => again.AskAsync<Answer>(id => new Fetch(id, talk.Id, 0)).GetAwaiter().GetResult() is Refused { Code: WireCode.Busy }, "refused");
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
