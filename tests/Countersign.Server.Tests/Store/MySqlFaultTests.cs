using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Countersign.Evidence;
using Countersign.Testing;
using MySqlConnector;

namespace Countersign.Server.Tests;

/// <summary>What becomes of writes when the database, or the way to it, fails; and how it is reached and by whom.</summary>
[Trait("pace", "thorough")]
public sealed class MySqlFaultTests : IAsyncLifetime
{
    private readonly ServerMetrics _metrics = new();
    private PrivateMariaDb _database = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(PrivateMariaDb.IsInstalled, PrivateMariaDb.SkipReason);
        _database = await PrivateMariaDb.StartAsync();
    }

    [Fact]
    public async Task TR_03_what_was_acknowledged_survives_the_killing_of_the_database_and_the_store_recovers_by_itself()
    {
        await using var store = await MySqlStore.OpenAsync(await _database.CreateDatabaseAsync(), _metrics);
        await store.AppendAsync([StoreData.Genesis("c", "alice's")]);
        ulong acknowledged = 1;
        for (var round = 0; round < 3; round++)
        {
            var writing = Task.Run(async () =>
            {
                try
                {
                    while (true)
                    {
                        await store.AppendAsync([StoreData.Next("c", acknowledged, StoreData.Entry("alice's", acknowledged + 1, "text " + acknowledged))]);
                        acknowledged++;
                    }
                }
                catch (StoreException e)
                {
                    return e.Fault;
                }
            }, TestContext.Current.CancellationToken);
            var before = acknowledged;
            await Eventually.True(() => Volatile.Read(ref acknowledged) > before + 20, "appends");
            await _database.KillAsync();
            Assert.Equal(StoreFault.Unavailable, await writing);
            await Assert.ThrowsAsync<StoreException>(store.CheckAsync);
            await _database.StartAgainAsync();
            var size = (await store.FindConversationAsync(StoreData.Conversation("c")))!.Size;
            Assert.InRange(size, acknowledged, acknowledged + 1); // the one whose answer was lost may be there, once
            Assert.Equal((int)size, (await store.ReadEntriesAsync(StoreData.Conversation("c"), 0, size, int.MaxValue)).Count);
            acknowledged = size;
        }
    }

    [Fact]
    public async Task TR_03_a_commit_whose_answer_is_lost_is_read_back_and_acknowledged_once()
    {
        using var proxy = new CuttingProxy(_database.Port);
        await using var store = await OpenThroughAsync(proxy);
        await store.AppendAsync([StoreData.Genesis("c", "alice's")]);
        proxy.DropsNextAnswer = true;
        await store.AppendAsync([StoreData.Next("c", 1, StoreData.Entry("alice's", 2, "two"))]);
        Assert.False(proxy.DropsNextAnswer);
        Assert.Equal(2ul, (await store.FindConversationAsync(StoreData.Conversation("c")))!.Size);
        await store.AppendAsync([StoreData.Next("c", 2, StoreData.Entry("alice's", 3, "three"))]);
    }

    [Fact]
    public async Task TR_03_a_commit_that_never_arrived_is_not_acknowledged()
    {
        using var proxy = new CuttingProxy(_database.Port);
        await using var store = await OpenThroughAsync(proxy);
        await store.AppendAsync([StoreData.Genesis("c", "alice's")]);
        proxy.DropsNextCommit = true;
        var failed = await Assert.ThrowsAsync<StoreException>(() => store.AppendAsync([StoreData.Next("c", 1, StoreData.Entry("alice's", 2, "two"))]));
        Assert.Equal(StoreFault.Unavailable, failed.Fault);
        Assert.Equal(1ul, (await store.FindConversationAsync(StoreData.Conversation("c")))!.Size);
        await store.AppendAsync([StoreData.Next("c", 1, StoreData.Entry("alice's", 2, "two"))]);
    }

    [Fact]
    public async Task A_server_answers_BUSY_while_its_database_is_down_keeps_its_links_and_recovers()
    {
        var store = StoreChoice.MySql(await _database.CreateDatabaseAsync());
        using var world = await TransferWorld.CreateAsync(store: store);
        await world.RunAsync(async (ServerHost host) =>
        {
            await using var client = await TestClient.ConnectAsync(host.Endpoint);
            await client.LogInAsync(world.Alice);
            await _database.KillAsync();
            var entry = world.Talk.Message();
            Assert.Equal(Protocol.WireCode.Busy, (await TestTalk.RefusedAsync(client, entry)).Code);
            await using (var another = await TestClient.ConnectAsync(host.Endpoint))
                Assert.Equal(Protocol.WireCode.Busy, (await Assert.ThrowsAsync<Protocol.PeerAlertException>(() => another.LogInAsync(world.Alice))).Code);
            await client.PingAsync();
            await _database.StartAgainAsync();
            // The same bytes on the same link, until the server has found its database again.
            await Eventually.True(async () =>
            {
                var answer = await client.AskAnyAsync(id => new Protocol.Submit(id, new Protocol.Encoded<Entry>(entry.Bytes)));
                Assert.True(answer is Protocol.Accepted or Protocol.Refused { Code: Protocol.WireCode.Busy }, answer.ToString());
                return answer is Protocol.Accepted;
            }, "the entry is accepted", TimeSpan.FromSeconds(60));
            await client.PingAsync();
        });
        Assert.Equal(5, (await world.Transfers.CheckAsync(store, null)).Entries);
    }

    [Fact]
    public async Task A_lock_that_somebody_holds_fails_the_write_and_the_next_one_works()
    {
        var connection = await _database.CreateDatabaseAsync();
        await using var store = await MySqlStore.OpenAsync(connection, _metrics);
        await store.AppendAsync([StoreData.Genesis("c", "alice's")]);
        await using var other = new MySqlConnection(connection);
        await other.OpenAsync(TestContext.Current.CancellationToken);
        await using (var transaction = await other.BeginTransactionAsync(TestContext.Current.CancellationToken))
        {
            await using var command = new MySqlCommand("UPDATE conversations SET stamped = 1", other, transaction);
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            var failed = await Assert.ThrowsAsync<StoreException>(() => store.AppendAsync([StoreData.Next("c", 1, StoreData.Entry("alice's", 2, "two"))]));
            Assert.Equal(StoreFault.Unavailable, failed.Fault);
        }
        await store.AppendAsync([StoreData.Next("c", 1, StoreData.Entry("alice's", 2, "two"))]);
    }

    [Fact]
    public async Task A_database_that_freezes_costs_time_and_nothing_else()
    {
        await using var store = await MySqlStore.OpenAsync(await _database.CreateDatabaseAsync(), _metrics);
        await store.AppendAsync([StoreData.Genesis("c", "alice's")]);
        _database.Freeze();
        var failed = await Assert.ThrowsAsync<StoreException>(
            () => store.AppendAsync([StoreData.Next("c", 1, StoreData.Entry("alice's", 2, "two"))]).WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal(StoreFault.Unavailable, failed.Fault);
        _database.Thaw();
        ulong size = 0;
        await Eventually.True(() => store.FindConversationAsync(StoreData.Conversation("c")).GetAwaiter().GetResult() is { } found && (size = found.Size) > 0, "a read");
        await store.AppendAsync([StoreData.Next("c", size, StoreData.Entry("alice's", size + 1, "next"))]);
    }

    [Fact]
    public async Task A_read_that_meets_a_frozen_database_with_a_text_of_its_own_is_answered_in_time_and_the_next_one_works()
    {
        await using var store = await MySqlStore.OpenAsync(Impatient(await _database.CreateDatabaseAsync()), _metrics);
        await store.AppendAsync([StoreData.Genesis("c", "alice's"), StoreData.Genesis("d", "alice's")]);
        Assert.Single(await store.SubtreesAsync(StoreData.Conversation("c"), [0])); // its session waits in the pool, and has prepared this text
        _database.Freeze();
        var failed = await Assert.ThrowsAsync<StoreException>(() => InTimeAsync(store.SubtreesAsync(StoreData.Conversation("c"), [0, 1])));
        Assert.Equal(StoreFault.Unavailable, failed.Fault);
        _database.Thaw();
        Assert.Single(await store.SubtreesAsync(StoreData.Conversation("c"), [0, 1]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(12 << 20)] // more than the sockets take
    public async Task A_write_that_meets_a_frozen_database_inside_its_transaction_is_answered_in_time_and_the_next_one_works(int bytes)
    {
        var connection = Impatient(await _database.CreateDatabaseAsync());
        await (await MySqlStore.OpenAsync(connection, _metrics)).DisposeAsync();
        await using var writer = new MySqlWriter(new MySqlWriterLine(MySqlConnections.Parse(connection)), _metrics);
        const string Text = "SELECT length(@1)";
        Task<long?> Write(bool isFrozen) => writer.WriteAsync("test", async session =>
        {
            if (isFrozen && bytes > 0)
                await session.NumberAsync(Text, new byte[1]); // prepared: only the sending is left
            if (isFrozen)
                _database.Freeze();
            return await session.NumberAsync(Text, new byte[bytes]);
        });
        var failed = await Assert.ThrowsAsync<StoreException>(() => InTimeAsync(Write(isFrozen: true)));
        Assert.Equal(StoreFault.Unavailable, failed.Fault);
        _database.Thaw();
        Assert.Equal(bytes, await EventuallyAsync(() => Write(isFrozen: false)));
    }

    [Fact]
    public async Task The_grants_of_the_documentation_suffice_and_serving_needs_none_to_change_the_schema()
    {
        var connection = await _database.CreateDatabaseAsync(migrates: false);
        await Assert.ThrowsAsync<StoreException>(() => MySqlStore.OpenAsync(connection, _metrics));
        var owner = await _database.CreateUserAsync(new MySqlConnectionStringBuilder(connection).Database, migrates: true);
        await (await MySqlStore.OpenAsync(owner, _metrics)).DisposeAsync();
        await using var store = await MySqlStore.OpenAsync(connection, _metrics);
        await store.AppendAsync([StoreData.Genesis("c", "alice's")]);
        Assert.Equal(1, await store.ReleaseAsync(null) + 1);
    }

    [Fact]
    public async Task A_database_that_may_lose_commits_is_refused()
    {
        var connection = await _database.CreateDatabaseAsync();
        await _database.AdministerAsync("SET GLOBAL innodb_flush_log_at_trx_commit = 2");
        var refused = await Assert.ThrowsAsync<StoreException>(() => MySqlStore.OpenAsync(connection, _metrics));
        Assert.Equal(StoreFault.Unsuitable, refused.Fault);
    }

    [Theory]
    [InlineData(16 * 1024 * 1024, true)]
    [InlineData(16 * 1024 * 1024 - 1024, false)]
    public async Task A_database_that_would_refuse_the_largest_writes_is_refused(int packet, bool accepted)
    {
        var connection = await _database.CreateDatabaseAsync();
        await _database.AdministerAsync($"SET GLOBAL max_allowed_packet = {packet}");
        if (accepted)
            await (await MySqlStore.OpenAsync(connection, _metrics)).DisposeAsync();
        else
            Assert.Equal(StoreFault.Unsuitable, (await Assert.ThrowsAsync<StoreException>(() => MySqlStore.OpenAsync(connection, _metrics))).Fault);
    }

    [Fact]
    public async Task TLS_with_a_verified_certificate_works_and_another_authority_or_no_TLS_does_not()
    {
        string other = "", right = "";
        await using var database = await PrivateMariaDb.StartAsync(directory =>
        {
            right = Certify(directory, "right", out var certificate, out var key);
            other = Certify(directory, "other", out _, out _);
            return [$"--ssl-ca={right}", $"--ssl-cert={certificate}", $"--ssl-key={key}", "--require-secure-transport=ON"];
        });
        var connection = new MySqlConnectionStringBuilder(await database.CreateDatabaseAsync()) { SslMode = MySqlSslMode.VerifyFull, SslCa = right };
        await using (var store = await MySqlStore.OpenAsync(connection.ToString(), _metrics))
            await store.AppendAsync([StoreData.Genesis("c", "alice's")]);
        connection.SslCa = other;
        await Assert.ThrowsAsync<StoreException>(() => MySqlStore.OpenAsync(connection.ToString(), _metrics));
        connection.SslCa = "";
        connection.SslMode = MySqlSslMode.None;
        await Assert.ThrowsAsync<StoreException>(() => MySqlStore.OpenAsync(connection.ToString(), _metrics));
    }

    // An authority and a certificate of 127.0.0.1 under it.
    private static string Certify(string directory, string name, out string certificate, out string key)
    {
        using var caKey = RSA.Create(2048);
        using var serverKey = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name} root", caKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = DateTimeOffset.UtcNow;
        using var ca = request.CreateSelfSigned(now.AddHours(-1), now.AddDays(2));
        var leaf = new CertificateRequest("CN=database", serverKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        leaf.CertificateExtensions.Add(names.Build());
        using var signed = leaf.Create(ca, now.AddMinutes(-30), now.AddDays(1), [1, 2, 3]);
        var root = Path.Combine(directory, name + "-ca.pem");
        (certificate, key) = (Path.Combine(directory, name + ".pem"), Path.Combine(directory, name + ".key"));
        File.WriteAllText(root, ca.ExportCertificatePem());
        File.WriteAllText(certificate, signed.ExportCertificatePem());
        File.WriteAllText(key, serverKey.ExportPkcs8PrivateKeyPem());
        return root;
    }

    private static string Impatient(string connection) => new MySqlConnectionStringBuilder(connection) { DefaultCommandTimeout = 3, ConnectionTimeout = 2 }.ToString();

    // Fails the test instead of hanging.
    private static Task InTimeAsync(Task task) => task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

    // The database may still be busy with what it was sent before.
    private static async Task<T> EventuallyAsync<T>(Func<Task<T>> write)
    {
        T result = default!;
        await Eventually.True(async () =>
        {
            try
            {
                result = await write();
                return true;
            }
            catch (StoreException)
            {
                return false;
            }
        }, "a write");
        return result;
    }

    private async Task<MySqlStore> OpenThroughAsync(CuttingProxy proxy)
    {
        var settings = new MySqlConnectionStringBuilder(await _database.CreateDatabaseAsync()) { Port = (uint)proxy.Port, SslMode = MySqlSslMode.None };
        return await MySqlStore.OpenAsync(settings.ToString(), _metrics);
    }

    public async ValueTask DisposeAsync()
    {
        if (_database is not null)
            await _database.DisposeAsync();
        _metrics.Dispose();
    }
}
