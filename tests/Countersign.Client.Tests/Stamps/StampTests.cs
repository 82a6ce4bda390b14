using System.Diagnostics;
using System.Net;
using Countersign.Authority;
using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Server;
using Countersign.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Countersign.Client.Tests;

public sealed class StampTests
{
    private static readonly TimeSpan Never = TimeSpan.FromDays(1);

    [Fact]
    public async Task TS_08_a_close_stamps_all_that_grew_with_one_token()
    {
        await using var server = await TestServer.CreateAsync(Stamping(new TimeStampChoice.Self(), Never));
        await using var alice = await Person.OnlineAsync(server, "alice");
        await using var bob = await Person.OnlineAsync(server, "bob");
        var first = await alice.Client.StartDirectAsync(bob.Name);
        var second = await alice.Client.StartGroupAsync("second", [bob.Name]);
        foreach (var text in new[] { "one", "two", "three" })
            await alice.SendsAsync(first, text);
        await bob.ReadsAsync(first, "three");
        Assert.Empty(Stamps(alice, first));
        await alice.Client.CloseAsync(first);
        foreach (var person in new[] { alice, bob })
            foreach (var conversation in new[] { first, second })
                await Eventually.True(() => Stamps(person, conversation).Count == 1, "stamped");
        var stamp = StampedHead.Parse(Stamps(bob, first)[0]);
        Assert.True(stamp.Head.Size > 6);
        Assert.Equal(stamp.Token.Der.ToArray(), StampedHead.Parse(Stamps(alice, second)[0]).Token.Der.ToArray());
        Assert.Equal(1, Count(server, "tokens"));
        AcceptedByOpenSsl(bob, stamp);
    }

    [Fact]
    public async Task TS_08_what_an_authority_did_not_stamp_is_stamped_later()
    {
        await using var server = await TestServer.CreateAsync();
        await server.StopAsync();
        using var authority = Authority(server);
        var host = await TimeStampHost.StartAsync(authority, new(IPAddress.Loopback, 0), NullLoggerFactory.Instance, TestContext.Current.CancellationToken);
        var address = host.Endpoint;
        await host.DisposeAsync(); // nobody answers there now
        server.Options = Stamping(new TimeStampChoice.Remote(new Uri($"http://{address}/")), TimeSpan.FromMilliseconds(100));
        await server.StartAsync();

        await using var alice = await Person.OnlineAsync(server, "alice");
        await using var bob = await Person.OnlineAsync(server, "bob");
        var conversation = await alice.Client.StartDirectAsync(bob.Name);
        await alice.SendsAsync(conversation, "accepted without a stamp");
        await bob.ReadsAsync(conversation, "accepted without a stamp");
        await bob.GoOfflineAsync();
        Assert.Equal(0, Count(server, "stamps"));
        await server.StopAsync();
        await server.StartAsync();
        await using var again = await TimeStampHost.StartAsync(authority, address, NullLoggerFactory.Instance, TestContext.Current.CancellationToken);
        await Eventually.True(() => Count(server, "stamps") > 0, "stamped after a restart");

        await bob.GoOnlineAsync(); // TS-09: fetched
        Assert.NotEmpty(Stamps(bob, conversation));
        await Eventually.True(() => Stamps(alice, conversation).Count > 0, "pushed or fetched");
    }

    [Fact]
    public async Task TS_08_a_token_under_another_root_is_not_kept()
    {
        using var key = TestKeys.Named("root of nobody").ExportPkcs8();
        using var root = AuthorityStore.CreateRootInMemory("Other root", SigningKey.ImportPkcs8(key), TimeProvider.System);
        var chain = new CertificateChain([root.IssueTimeStampAuthority("other", CertificationRequest.Create(TestKeys.Named("tsa")))]);
        using var authority = TimeStampAuthority.CreateInMemory(chain, Copy("tsa"), TimeProvider.System);
        await using var host = await TimeStampHost.StartAsync(authority, new(IPAddress.Loopback, 0), NullLoggerFactory.Instance, TestContext.Current.CancellationToken);
        await using var server = await TestServer.CreateAsync(Stamping(new TimeStampChoice.Remote(new Uri($"http://{host.Endpoint}/")), TimeSpan.FromMilliseconds(50)));
        await using var alice = await Person.OnlineAsync(server, "alice");
        await using var bob = await Person.OnlineAsync(server, "bob");
        var conversation = await alice.Client.StartDirectAsync(bob.Name);
        for (var i = 0; i < 3; i++)
            await alice.SendsAsync(conversation, $"text {i}");
        Assert.Equal(0, Count(server, "stamps"));
    }

    private static ServerOptions Stamping(TimeStampChoice choice, TimeSpan interval) =>
        new() { TimeStampAuthority = choice, Limits = new ServerLimits { StampInterval = interval } };

    private static IReadOnlyList<byte[]> Stamps(Person person, ConversationId conversation) => person.Profile.Store.Stamps.List(conversation);

    private static TimeStampAuthority Authority(TestServer server)
    {
        using var issuing = IssuingAuthority.Open(Path.Combine(server.Path, "authority"), TestServer.Passphrase, TimeProvider.System);
        return TimeStampAuthority.CreateInMemory(
            issuing.IssueTimeStampAuthority("Test time", CertificationRequest.Create(TestKeys.Named("tsa"))), Copy("tsa"), TimeProvider.System);
    }

    private static SigningKey Copy(string name)
    {
        using var pkcs8 = TestKeys.Named(name).ExportPkcs8();
        return SigningKey.ImportPkcs8(pkcs8);
    }

    private static long Count(TestServer server, string table)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(server.Path, "server.db")};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM " + table;
        return (long)command.ExecuteScalar()!;
    }

    // R11: what SPEC 8.1 says anybody can do.
    private static void AcceptedByOpenSsl(Person person, StampedHead stamp)
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllBytes(directory["batch"], stamp.SignedHead.Batch.Bytes.ToArray());
        File.WriteAllBytes(directory["token"], stamp.Token.Der.ToArray());
        File.WriteAllText(directory["root.pem"], person.Profile.Root.ToPem());
        using var openssl = Process.Start(new ProcessStartInfo("openssl",
            ["ts", "-verify", "-data", directory["batch"], "-token_in", "-in", directory["token"], "-CAfile", directory["root.pem"]])
        { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var output = openssl.StandardOutput.ReadToEnd();
        openssl.WaitForExit();
        Assert.True(openssl.ExitCode == 0, output);
    }
}
