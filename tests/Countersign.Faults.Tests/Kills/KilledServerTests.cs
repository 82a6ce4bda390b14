using Countersign.Testing;

[assembly: AssemblyFixture(typeof(TestDatabase))]

namespace Countersign.Faults.Tests;

/// <summary>kill -9 of the server at random moments under load, again and again on the same data, so that each recovery stands on the
/// one before it. The long tests kill it fifty times, half of them with either store.</summary>
public sealed class KilledServerTests
{
    [Fact]
    public async Task A23_TR_03_a_server_killed_under_load_loses_nothing_acknowledged() => await KillAsync(3, database: null);

    [Fact]
    [Trait("pace", "thorough")]
    public async Task A23_TR_03_a_server_killed_25_times_loses_nothing_acknowledged() => await KillAsync(25, database: null);

    [Fact]
    public async Task A23_TR_03_on_MariaDB_a_server_killed_under_load_loses_nothing_acknowledged()
    {
        Assert.SkipUnless(TestDatabase.IsAvailable, PrivateMariaDb.SkipReason);
        await KillAsync(3, await TestDatabase.NewAsync());
    }

    [Fact]
    [Trait("pace", "thorough")]
    public async Task A23_TR_03_on_MariaDB_a_server_killed_25_times_loses_nothing_acknowledged()
    {
        Assert.SkipUnless(TestDatabase.IsAvailable, PrivateMariaDb.SkipReason);
        await KillAsync(25, await TestDatabase.NewAsync());
    }

    private static async Task KillAsync(int times, string? database)
    {
        var dice = new Dice();
        await using var room = await Room.OpenAsync(await RealServer.StartAsync(database: database));
        room.Talk();
        for (var kill = 1; kill <= times; kill++)
        {
            await room.GoesOnAsync();
            await dice.SomeTimeAsync(400);
            await room.Server.KillAsync();
            if (dice.Chance(0.2)) // and once more, while it starts
            {
                await room.Server.BeginAsync();
                await dice.SomeTimeAsync(600);
                await room.Server.KillAsync();
            }
            await room.Server.StartAgainAsync();
        }
        await room.GoesOnAsync();
        await room.RequireAllAsync();
        Dice.Say($"{times} kills, {room.Acknowledged} acknowledged texts");
    }
}
