using Countersign.Evidence;
using Countersign.Testing;
using Microsoft.Data.Sqlite;

namespace Countersign.Client.Tests;

/// <summary>The profile's file edited by hand: found when the conversation is opened.</summary>
public sealed class StoreEditTests(SharedServer shared)
{
    [Theory]
    [InlineData("DROP TRIGGER entry_stays; UPDATE entry SET bytes=(SELECT bytes FROM entry WHERE position=2) WHERE position=3")]
    [InlineData("DROP TRIGGER entry_stays; UPDATE entry SET bytes=" + StoredBytes.LastChanged + " WHERE position=(SELECT max(position) FROM entry)")]
    [InlineData("DROP TRIGGER entry_stays; UPDATE entry SET root=zeroblob(32) WHERE position=2")]
    [InlineData("DROP TRIGGER entry_remains; DELETE FROM entry WHERE position=2")]
    [InlineData("UPDATE conversation SET sealed_checkpoint=zeroblob(80)")]
    public async Task TR_02_a_stored_transcript_that_was_edited_is_distrusted(string edit)
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        var notes = await alice.Client.StartGroupAsync("#notes", []);
        await alice.SendsAsync(notes, "one");
        await alice.SendsAsync(notes, "two");
        await alice.GoOfflineAsync();

        Edit(alice, edit);
        alice.Open();

        var trust = Assert.IsType<ConversationTrust.Distrusted>(alice.Client.Conversation(notes).Trust);
        Assert.StartsWith("TR-02", trust.Rule, StringComparison.Ordinal);
        Assert.Equal(ConversationRefusal.Distrusted, Assert.Throws<ConversationRefusedException>(() => alice.Client.Send(notes, "three")).Reason);
    }

    [Fact]
    public async Task TR_02_a_stored_transcript_cannot_be_changed_by_the_program()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await alice.Client.StartGroupAsync("#notes", []);
        await alice.GoOfflineAsync();

        Assert.Throws<SqliteException>(() => Edit(alice, "DELETE FROM entry"));
        Assert.Throws<SqliteException>(() => Edit(alice, "UPDATE entry SET position=position+1"));
    }

    [Theory]
    [InlineData("UPDATE conversation SET signed_head=CAST(substr(signed_head,1,length(signed_head)-1) || CASE substr(signed_head,-1) WHEN x'00' THEN x'01' ELSE x'00' END AS BLOB)", "RC-01")]
    [InlineData("UPDATE conversation SET signed_head=NULL, head_size=0", "RC-01")]
    [InlineData("UPDATE server SET chain=zeroblob(9)", "RC-01")]
    [InlineData("UPDATE receipt SET bytes=" + StoredBytes.LastChanged + " WHERE device<>$1", "RC-05")]
    [InlineData("UPDATE receipt SET size=size+1 WHERE device<>$1", "RC-05")]
    public async Task RC_01_RC_05_a_stored_head_or_receipt_that_was_edited_is_found_when_the_conversation_is_opened(string edit, string rule)
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var bob = await Person.OnlineAsync(shared.Server, "bob");
        var talk = await alice.Client.StartDirectAsync(bob.Name);
        var sent = alice.Client.Send(talk, "one");
        await alice.Client.WaitForAsync(talk, sent, DeliveryWord.Delivered, TestContext.Current.CancellationToken);
        await bob.SendsAsync(talk, "two");
        await alice.ReadsAsync(talk, "two");
        await Eventually.True(() => alice.Profile.Store.Receipts.List(talk).Count == 2, "both receipts");
        var device = alice.Profile.DeviceId.Value.ToArray();
        await alice.GoOfflineAsync();

        Edit(alice, edit, device);
        alice.Open();

        var trust = Assert.IsType<ConversationTrust.Distrusted>(alice.Client.Conversation(talk).Trust);
        Assert.StartsWith(rule, trust.Rule, StringComparison.Ordinal);
        await alice.SeesAsync<ClientEvent.Warned>(e => e.Warning is SecurityWarning.StoreChanged);
        Assert.Throws<ConversationRefusedException>(() => alice.Client.Send(talk, "three"));
    }

    [Theory]
    [InlineData("DROP TRIGGER entry_remains; DELETE FROM entry WHERE position>=4")]
    [InlineData("DROP TRIGGER entry_remains; DELETE FROM entry")]
    public async Task TR_02_a_torn_end_is_fetched_again_and_must_lead_to_what_was_sealed(string tear)
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var bob = await Person.OnlineAsync(shared.Server, "bob");
        var talk = await alice.Client.StartDirectAsync(bob.Name);
        await alice.SendsAsync(talk, "one");
        await bob.ReadsAsync(talk, "one");
        await bob.SendsAsync(talk, "two");
        await alice.ReadsAsync(talk, "two");
        var root = alice.Client.Conversation(talk).Root;
        await alice.GoOfflineAsync();

        Edit(alice, tear);
        alice.Open();
        Assert.IsType<ConversationTrust.Verified>(alice.Client.Conversation(talk).Trust);
        if (alice.Client.Conversation(talk).IsMember)
        {
            var queued = alice.Client.Send(talk, "three");
            Assert.Null(alice.Profile.Store.Outbox.Find(queued.Value)!.Bytes); // EN-17: nothing is signed on a torn transcript
        }
        alice.Client.Reconnect();
        await alice.Client.SynchronisedAsync(TestContext.Current.CancellationToken);
        if (alice.Client.Conversation(talk).Root == root)
            await alice.SendsAsync(talk, "three");

        await alice.ReadsAsync(talk, "three");
        Assert.Equal(["one", "two", "three"], alice.Texts(talk)); // what opened before still does
        await bob.ReadsAsync(talk, "one", "two", "three");
        Assert.DoesNotContain(alice.Events<ClientEvent.Warned>(), e => e.Warning is SecurityWarning.DeviceUsedElsewhere);
    }

    [Fact]
    public async Task TR_02_a_torn_end_that_leads_elsewhere_than_what_was_sealed_is_distrusted()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        var notes = await alice.Client.StartGroupAsync("#notes", []);
        await alice.SendsAsync(notes, "one");
        await alice.GoOfflineAsync();
        alice.Open(); // another root of the same size, sealed as this device would
        var size = alice.Client.Conversation(notes).Size;
        alice.Profile.Store.Transcripts.Seal(notes, new TreeHead(size, MerkleHash.Empty));
        await alice.GoOfflineAsync();

        Edit(alice, "DROP TRIGGER entry_remains; DELETE FROM entry WHERE position=(SELECT max(position) FROM entry)");
        alice.Open();
        alice.Client.Reconnect();
        await Eventually.True(() => alice.Client.Conversation(notes).Trust is ConversationTrust.Distrusted { Rule: "TR-02" }, "distrust");
    }

    private static void Edit(Person person, string sql, byte[]? value = null)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(person.Place, "profile.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        if (value is not null)
            command.Parameters.AddWithValue("$1", value);
        Assert.InRange(command.ExecuteNonQuery(), 1, int.MaxValue);
    }
}
