using Countersign.Evidence;
using Countersign.Testing;

namespace Countersign.Client.Tests;

/// <summary>A conversation that is founded while the device's files or its process fail.</summary>
public sealed class FoundingTests(SharedServer shared)
{
    [Fact]
    public async Task A23_a_genesis_is_stored_with_its_transcript_or_not_at_all()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        var database = alice.Profile.Store.Database;
        database.Execute("CREATE TRIGGER nothing_begins BEFORE INSERT ON conversation BEGIN SELECT RAISE(ABORT, 'nothing begins'); END");

        await Assert.ThrowsAnyAsync<Exception>(() => alice.Client.StartGroupAsync("#notes", []));

        Assert.Empty(alice.Profile.Store.Outbox.Conversations());
        database.Execute("DROP TRIGGER nothing_begins");
        await alice.SendsAsync(await alice.Client.StartGroupAsync("#notes", []), "works again");
    }

    [Fact]
    public async Task A23_a_profile_that_has_a_genesis_without_its_transcript_goes_online_and_founds_it()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await alice.GoOfflineAsync();
        alice.Open();
        var self = new Member(alice.Name, alice.Profile.DeviceId);
        var genesis = new EntryAuthor(alice.Profile.Key, self.Device).Genesis("#notes", [self], DateTimeOffset.UtcNow);
        alice.Profile.Store.Outbox.AddSigned(genesis, DateTimeOffset.UtcNow);

        alice.Client.Reconnect();
        await alice.Client.SynchronisedAsync(TestContext.Current.CancellationToken);

        Assert.True(alice.Has(genesis.Conversation));
        await alice.SendsAsync(genesis.Conversation, "founded after all");
    }
}
