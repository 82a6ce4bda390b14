using Countersign.Testing;

namespace Countersign.Server.Tests;

/// <summary>A database of the first version, with data, becomes one of the newest.</summary>
public sealed class MigrationTests
{
    [Fact]
    public async Task A_SQLite_database_of_version_1_is_migrated_with_its_data()
    {
        using var directory = new TemporaryDirectory();
        using var metrics = new ServerMetrics();
        using (var session = new SqliteSession(directory["old.db"], Microsoft.Data.Sqlite.SqliteOpenMode.ReadWriteCreate))
        {
            SqliteSchema.Migrate(session, to: 1);
            Assert.Equal(1, session.Number("PRAGMA user_version"));
            session.Execute("INSERT INTO login_failures (user, address, at) VALUES ('alice', '192.0.2.1', $1)", Times.Start.ToUnixTimeMilliseconds());
        }
        await using var store = SqliteStore.Open(directory["old.db"], metrics);
        await RequireMigratedAsync(store);
    }

    [Fact]
    public async Task A_MySQL_database_of_version_1_is_migrated_with_its_data()
    {
        Assert.SkipUnless(TestDatabase.IsAvailable, PrivateMariaDb.SkipReason);
        var connection = await TestDatabase.NewAsync();
        using var metrics = new ServerMetrics();
        var connections = MySqlConnections.Parse(connection);
        await using (var session = new MySqlSession(await connections.OwnAsync()))
        {
            await MySqlSchema.MigrateAsync(session, "test", to: 1);
            Assert.Equal(1, await session.NumberAsync("SELECT version FROM schema_version"));
            await session.ExecuteAsync("INSERT INTO login_failures (user, address, at) VALUES ('alice', '192.0.2.1', @1)", Times.Start.ToUnixTimeMilliseconds());
        }
        await using var store = await MySqlStore.OpenAsync(connection, metrics);
        await RequireMigratedAsync(store);
    }

    private static async Task RequireMigratedAsync(IServerStore store)
    {
        Assert.Equal(new LoginFailures(1, 1), await store.LoginFailuresAsync(StoreData.Alice, new PeerAddress(System.Net.IPAddress.Parse("192.0.2.1")), Times.Start));
        await store.AppendAsync([StoreData.Genesis("c", "alice's")]);
        Assert.False((await store.FindConversationAsync(StoreData.Conversation("c")))!.IsHeld);
        Assert.Empty(await store.ConversationsAsync(heldOnly: true, null, 10));
        Assert.Equal(1ul, Assert.Single(await store.ConversationsAsync(heldOnly: false, null, 10)).Size);
    }
}
