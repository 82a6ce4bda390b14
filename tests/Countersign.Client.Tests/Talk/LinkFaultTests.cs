using Countersign.Cryptography;
using Countersign.Protocol;
using Countersign.Testing;
using Microsoft.Data.Sqlite;

namespace Countersign.Client.Tests;

/// <summary>What nobody foresaw ends one link, where a person can see it, and never the client's attempts.</summary>
public sealed class LinkFaultTests(TakenOver world) : IClassFixture<TakenOver>
{
    [Fact]
    public async Task A_fault_of_this_program_ends_the_link_with_its_cause_and_the_next_one_is_tried()
    {
        await using var scene = Scene.Set(world);
        Edit(scene, "ALTER TABLE stamps_settled RENAME TO elsewhere");
        scene.Bob.Client.Reconnect();
        var fault = await FaultAsync(scene);
        Assert.Contains("stamps_settled", Assert.IsType<SqliteException>(fault.Cause).Message, StringComparison.Ordinal);

        Edit(scene, "ALTER TABLE elsewhere RENAME TO stamps_settled");
        await scene.BobConnectsAsync();
        await scene.Bob.SendsAsync(scene.Conversation, "here again");
    }

    [Fact]
    public async Task AC_07_a_renewal_that_this_device_cannot_store_ends_one_link()
    {
        await using var scene = Scene.Set(world);
        scene.Hostile.WantedCost = new PasswordCost(PasswordCost.MinMemoryKiB + 1024, 3);
        Edit(scene, "CREATE TRIGGER nothing_comes BEFORE INSERT ON setting WHEN NEW.name='login coming' BEGIN SELECT RAISE(ABORT, 'nothing comes'); END");
        scene.Bob.Client.Reconnect();
        Assert.IsType<SqliteException>((await FaultAsync(scene)).Cause);
        await scene.BobConnectsAsync();
        Assert.Empty(scene.Hostile.Changes);
    }

    [Fact]
    public async Task A_client_that_a_fault_has_met_is_closed_and_completes_its_events()
    {
        await using var scene = Scene.Set(world);
        Edit(scene, "ALTER TABLE stamps_settled RENAME TO elsewhere");
        scene.Bob.Client.Reconnect();
        await FaultAsync(scene);
        using var events = scene.Bob.Client.Subscribe();

        await scene.Bob.GoOfflineAsync();

        await foreach (var happened in events)
            Assert.NotNull(happened);
    }

    [Fact]
    public async Task RC_05_a_page_that_ends_with_no_receipt_is_the_servers_fault()
    {
        await using var scene = Scene.Set(world);
        scene.Hostile.NoReceipt = [0];
        scene.Bob.Client.Reconnect();
        await Eventually.True(() => scene.Bob.Events<ClientEvent.ConnectionChanged>().Any(static e =>
            e.State is ConnectionState.Waiting { Cause: LinkEnd.ServerFault { Code: WireCode.BadMessage } }), "the link ends");

        scene.Hostile.NoReceipt = null;
        await scene.BobConnectsAsync();
    }

    private static async Task<LinkEnd.OwnFault> FaultAsync(Scene scene)
    {
        var seen = await scene.Bob.SeesAsync<ClientEvent.ConnectionChanged>(static e => e.State is ConnectionState.Waiting { Cause: LinkEnd.OwnFault });
        return (LinkEnd.OwnFault)((ConnectionState.Waiting)seen.State).Cause;
    }

    private static void Edit(Scene scene, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(scene.Bob.Place, "profile.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
