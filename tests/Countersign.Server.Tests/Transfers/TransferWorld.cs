using Countersign.Protocol;
using Countersign.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Countersign.Server.Tests;

/// <summary>One server's directory, started and stopped at will, with one user and one conversation of four entries.</summary>
internal sealed class TransferWorld : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private TransferWorld() => TestWorld.CopyServer(Server);

    public string Server => _directory["server"];

    public string Database => Path.Combine(Server, "server.db");

    public string Backup => _directory["backup.db"];

    public StoreChoice Store { get; set; } = StoreChoice.Sqlite;

    public StoreTransfers Transfers => new(Server, TimeProvider.System);

    public TestUser Alice { get; private set; } = null!;

    public TestTalk Talk { get; private set; } = null!;

    /// <summary>The entries in their order.</summary>
    public List<Evidence.Entry> Entries { get; } = [];

    /// <summary>A server that stopped after the fourth entry; <paramref name="meanwhile"/> runs before it is written.</summary>
    public static async Task<TransferWorld> CreateAsync(Func<TransferWorld, Task>? meanwhile = null, StoreChoice? store = null)
    {
        var world = new TransferWorld { Store = store ?? StoreChoice.Sqlite };
        await world.RunAsync(async host =>
        {
            await using var administration = await ServerAdministration.OpenAsync(world.Server, world.Store, TimeProvider.System);
            using var invitation = await administration.InviteAsync(TestWorld.User("alice"), host.Endpoint.ToString(), TimeSpan.FromDays(1));
            await using (var enrolling = await TestClient.ConnectAsync(host.Endpoint))
                world.Alice = new TestUser(TestWorld.User("alice"), TestKeys.Get(1), (await enrolling.EnrolAsync(invitation, TestKeys.Get(1))).Chain);
            using var open = await administration.InviteAsync(TestWorld.User("bob"), host.Endpoint.ToString(), TimeSpan.FromDays(1));
            await using var client = await TestClient.ConnectAsync(host.Endpoint);
            await client.RegisterAsync(world.Alice);
            (world.Talk, var genesis) = TestTalk.Found(world.Alice);
            await world.SubmitAsync(client, genesis);
            await world.SubmitAsync(client, world.Talk.NewEpoch(world.Alice));
            await world.SubmitAsync(client, world.Talk.Message());
            var receipt = Evidence.Receipt.Sign(world.Alice.Key, world.Alice.Device, Evidence.ReceiptKind.Delivered,
                new Evidence.Head(world.Talk.Id, world.Talk.Seen.Size, world.Talk.Seen.Root), DateTimeOffset.UtcNow);
            await client.AskAsync<Done>(id => new PutReceipt(id, new Encoded<Evidence.Receipt>(receipt.Bytes)));
            if (meanwhile is not null)
                await meanwhile(world);
            await world.SubmitAsync(client, world.Talk.Message());
        });
        return world;
    }

    public async Task SubmitAsync(TestClient client, Evidence.Entry entry)
    {
        await Talk.SubmitAsync(client, entry);
        Entries.Add(entry);
    }

    /// <summary>Runs the server while <paramref name="work"/> runs.</summary>
    public async Task RunAsync(Func<ServerHost, Task> work)
    {
        using var files = ServerDirectory.Open(Server, TestWorld.Passphrase, TimeProvider.System);
        var options = new ServerOptions { Listen = new(System.Net.IPAddress.Loopback, 0), Store = Store };
        await using var host = await ServerHost.StartAsync(files, options, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        await work(host);
    }

    /// <summary>The same with alice logged in.</summary>
    public Task RunAsync(Func<TestClient, Task> work) => RunAsync(async (ServerHost host) =>
    {
        await using var client = await TestClient.ConnectAsync(host.Endpoint);
        await client.LogInAsync(Alice);
        await work(client);
    });

    /// <summary>The disk with the database is lost.</summary>
    public void LoseDatabase()
    {
        foreach (var suffix in (string[])["", "-wal", "-shm"])
            File.Delete(Database + suffix);
    }

    /// <summary>Changes the embedded database behind the server's back.</summary>
    public void Tamper(string sql)
    {
        using var session = new SqliteSession(Database, Microsoft.Data.Sqlite.SqliteOpenMode.ReadWrite);
        Assert.True(session.Execute(sql) > 0 || sql.StartsWith("CREATE", StringComparison.Ordinal));
    }

    public void Dispose() => _directory.Dispose();
}
