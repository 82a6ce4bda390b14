using System.Security.Cryptography;
using MySqlConnector;

namespace Countersign.Testing;

/// <summary>Fresh, empty databases on one server that all tests of a process share: the one that COUNTERSIGN_MYSQL names (the connection
/// string of a user who may create databases), else a private one.</summary>
/// <remarks>A fixture of each assembly whose tests ask for one: the private server ends with it. That takes seconds on a busy machine, and when
/// the process already exits xUnit takes it for a thread that was left running, and after ten seconds ends the process with a failure.</remarks>
public sealed class TestDatabase : IAsyncDisposable
{
    private static readonly string? Given = Environment.GetEnvironmentVariable("COUNTERSIGN_MYSQL");

    private static readonly Lazy<Task<PrivateMariaDb>> Shared = new(static () => PrivateMariaDb.StartAsync());

    /// <summary>Databases can be made here.</summary>
    public static bool IsAvailable => Given is not null || PrivateMariaDb.IsInstalled;

    /// <summary>The connection string of a new database. On a server that was given it stays there, named countersign_test_…, for its owner to drop.</summary>
    public static async Task<string> NewAsync()
    {
        if (Given is null)
            return await (await Shared.Value).CreateDatabaseAsync();
        var settings = new MySqlConnectionStringBuilder(Given) { Database = "" };
        await using var connection = new MySqlConnection(settings.ToString());
        await connection.OpenAsync();
        settings.Database = "countersign_test_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        await using var create = new MySqlCommand("CREATE DATABASE " + settings.Database, connection);
        await create.ExecuteNonQueryAsync();
        return settings.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        if (Shared.IsValueCreated)
            await (await Shared.Value).DisposeAsync();
    }
}
