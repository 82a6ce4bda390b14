using Countersign.Testing;
using MySqlConnector;

namespace Countersign.Faults.Tests;

/// <summary>MariaDB goes away under the real server, and comes back: BUSY meanwhile, the links stay, and everything goes on by itself.</summary>
public sealed class KilledDatabaseTests
{
    [Fact]
    public async Task TR_03_a_killed_MariaDB_means_BUSY_and_nothing_acknowledged_is_lost() => await KillAsync(1);

    [Fact]
    [Trait("pace", "thorough")]
    public async Task TR_03_MariaDB_killed_again_and_again_and_the_server_with_it() => await KillAsync(6);

    [Fact]
    [Trait("pace", "thorough")]
    public async Task TR_03_commits_whose_answers_or_requests_are_lost_are_each_there_once_or_not_at_all()
    {
        Assert.SkipUnless(PrivateMariaDb.IsInstalled, PrivateMariaDb.SkipReason);
        var dice = new Dice();
        await using var database = await PrivateMariaDb.StartAsync();
        using var proxy = new CuttingProxy(database.Port);
        var through = new MySqlConnectionStringBuilder(await database.CreateDatabaseAsync()) { Port = (uint)proxy.Port, SslMode = MySqlSslMode.None };
        await using var room = await Room.OpenAsync(await RealServer.StartAsync(database: through.ToString()));
        room.Talk();
        for (var cut = 0; cut < 10; cut++)
        {
            await dice.SomeTimeAsync(200);
            if (dice.Chance(0.5))
                proxy.DropsNextAnswer = true; // it persisted, and nobody was told
            else
                proxy.DropsNextCommit = true;
            await Eventually.True(() => !proxy.DropsNextAnswer && !proxy.DropsNextCommit, "a commit");
            if (dice.Chance(0.3))
            {
                await room.Server.KillAsync();
                await room.Server.StartAgainAsync();
            }
            await room.GoesOnAsync();
        }
        await room.RequireAllAsync();
    }

    private static async Task KillAsync(int rounds)
    {
        Assert.SkipUnless(PrivateMariaDb.IsInstalled, PrivateMariaDb.SkipReason);
        var dice = new Dice();
        await using var database = await PrivateMariaDb.StartAsync();
        await using var room = await Room.OpenAsync(await RealServer.StartAsync(database: await database.CreateDatabaseAsync()));
        room.Talk();
        for (var round = 0; round < rounds; round++)
        {
            await room.GoesOnAsync();
            await dice.SomeTimeAsync(300);
            await Eventually.True(() => room.IsOnline, "everybody is online");
            var (links, said) = (room.Links, room.Server.Talk().Length);
            await database.KillAsync();
            await room.MeetsBusyAsync(said);
            await database.StartAgainAsync();
            await room.GoesOnAsync();
            Assert.Equal(links, room.Links); // the same links as before
        }
        await database.KillAsync();
        await room.Server.KillAsync();
        await database.StartAgainAsync();
        await room.Server.StartAgainAsync();
        await room.GoesOnAsync();
        await room.RequireAllAsync();
    }
}
