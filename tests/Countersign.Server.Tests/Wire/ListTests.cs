using Countersign.Authority;
using Countersign.Cryptography;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Server.Tests;

/// <summary>The revocation lists of a server with several issuing CAs, all of one name, on their way to its devices.</summary>
public sealed class ListTests
{
    private static readonly ServerOptions NarrowQueue = new() { Limits = new ServerLimits { OutboundBytes = 524_288 } };

    [Fact]
    public async Task SE_09_welcome_has_the_lists_of_the_devices_own_path_and_each_other_list_follows_alone_before_anything_else()
    {
        await using var server = await TestServer.StartAsync();
        var early = await server.EnrolAsync("early", 1);
        await using (var first = await server.ConnectAsync())
        {
            await first.RegisterAsync(early);
            Assert.Equal(2, first.Link.Welcome.Crls.Count);
            await first.SendAsync(new Ping(1));
            Assert.IsType<Pong>(await first.ReceiveAsync()); // there is no other list
        }
        await server.ReopenAsync(TestWorld.AddSuccessor);
        var late = await server.EnrolAsync("late", 2);
        Assert.NotEqual(early.Chain.Certificates[1].PublicKey, late.Chain.Certificates[1].PublicKey);
        Assert.Equal(early.Chain.Certificates[1].Subject, late.Chain.Certificates[1].Subject);

        foreach (var (user, other) in new[] { (early, late), (late, early) })
        {
            await using var client = await server.ConnectAsync();
            await (user == early ? client.LogInAsync(user) : client.RegisterAsync(user));
            await client.SendAsync(new Ping(1));
            Assert.Equal(late.Chain.Certificates[1], client.Link.Server.Chain.Certificates[1]);
            Assert.Equal(2, client.Link.Welcome.Crls.Count);
            Assert.Single(client.Link.Welcome.Crls, list => list.IsNamedFor(user.Chain.Certificates[1]));
            var pushed = Assert.IsType<PushCrls>(await client.ReceiveAsync());
            Assert.True(Assert.Single(pushed.Crls).IsNamedFor(other.Chain.Certificates[1]));
            Assert.IsType<Pong>(await client.ReceiveAsync());
        }
    }

    [Fact]
    public async Task SE_09_a_device_of_a_former_issuing_CA_is_revoked_by_it_and_everybody_is_told_by_one_list()
    {
        await using var server = await TestServer.StartAsync();
        var early = await server.EnrolAsync("early", 1);
        await server.ReopenAsync(TestWorld.AddSuccessor);
        await using var lost = await server.ConnectAsync();
        await lost.RegisterAsync(early);
        await using var witness = await server.NewReadyAsync("witness", 2);
        Assert.Null(Assert.Single((await witness.ReceiveAsync<PushCrls>()).Crls).Find(early.Chain.Leaf.Serial));

        await server.Administration.RequestRevocationAsync(early.Device, new(RevocationReason.KeyCompromise, null));

        Assert.Equal(WireCode.BadCert, await lost.ReadAlertAsync());
        Assert.NotNull(Assert.Single((await witness.ReceiveAsync<PushCrls>()).Crls).Find(early.Chain.Leaf.Serial));
        await witness.PingAsync();
        await using var again = await server.ConnectAsync();
        Assert.Equal(WireCode.BadCert, await IdentityTests.AlertAsync(() => again.LogInAsync(early)));
    }

    [Fact]
    public async Task SE_09_a_list_that_is_made_while_a_link_begins_reaches_it()
    {
        await using var server = await TestServer.StartAsync();
        var lost = await server.EnrolAsync("lost", 1);
        await using var witness = await server.NewReadyAsync("witness", 2);
        var late = await server.EnrolAsync("late", 3);
        var isTold = new TaskCompletionSource();
        server.Log.Told = line =>
        {
            // It is welcomed, with the list of that moment, and not yet among those who are pushed to.
            if (!line.Contains("is ready", StringComparison.Ordinal))
                return;
            server.Log.Told = static _ => { };
            server.Administration.RequestRevocationAsync(lost.Device, new(RevocationReason.KeyCompromise, null)).GetAwaiter().GetResult();
            isTold.Task.Wait(TimeSpan.FromMinutes(1));
        };
        await using var client = await server.ConnectAsync();
        var established = client.RegisterAsync(late);
        Assert.NotNull(Assert.Single((await witness.ReceiveAsync<PushCrls>()).Crls).Find(lost.Chain.Leaf.Serial));
        isTold.SetResult();

        await established;

        Assert.All(client.Link.Welcome.Crls, list => Assert.Null(list.Find(lost.Chain.Leaf.Serial)));
        Assert.NotNull(Assert.Single((await client.ReceiveAsync<PushCrls>()).Crls).Find(lost.Chain.Leaf.Serial));
    }

    [Fact]
    public async Task LI_06_under_a_full_list_nobody_is_enrolled_and_under_the_next_issuing_CA_everybody_is_again()
    {
        await using var server = await TestServer.StartAsync();
        var early = await server.EnrolAsync("early", 1);
        await server.ReopenAsync(static path => FilledList.Make(Path.Combine(path, "authority"), RevocationListRoom.Default.FullForDevices));
        using var invitation = await server.InviteAsync("late");
        Assert.Equal(WireCode.Busy, await IdentityTests.AlertAsync(EnrolAsync));

        await server.ReopenAsync(TestWorld.AddSuccessor);

        await EnrolAsync();
        await using var client = await server.ConnectAsync();
        await client.RegisterAsync(early);

        async Task<EnrolledDevice> EnrolAsync()
        {
            await using var client = await server.ConnectAsync();
            return await client.EnrolAsync(invitation, TestKeys.Get(2));
        }
    }

    [Fact]
    public async Task IN_03_the_same_key_gets_its_certificate_of_a_former_issuing_CA_again_with_the_lists_of_its_path()
    {
        await using var server = await TestServer.StartAsync();
        using var invitation = await server.InviteAsync("early");
        var first = await EnrolAsync();
        await server.ReopenAsync(TestWorld.AddSuccessor);
        Assert.Equal(first.Chain.Certificates, (await EnrolAsync()).Chain.Certificates); // the client has verified it

        async Task<EnrolledDevice> EnrolAsync()
        {
            await using var client = await server.ConnectAsync();
            return await client.EnrolAsync(invitation, TestKeys.Get(1));
        }
    }

    [Fact]
    public async Task SE_09_LI_06_the_largest_lists_of_several_issuing_CAs_reach_a_device_also_over_the_shortest_queue()
    {
        await using var server = await TestServer.StartAsync(NarrowQueue);
        var early = await server.EnrolAsync("early", 1);
        await server.ReopenAsync(static path =>
        {
            TestWorld.AddSuccessor(path);
            TestWorld.AddSuccessor(path);
            foreach (var name in new[] { "authority", "authority.2", "authority.3" })
                FilledList.Make(Path.Combine(path, name), RevocationListRoom.Default.Entries, DateTimeOffset.UtcNow);
        }, NarrowQueue);
        await using (var first = await server.ConnectAsync())
            await first.RegisterAsync(early);
        await using var client = await server.ConnectAsync();
        await client.LogInAsync(early); // the server's own path has one of them, and now it has used another

        var lists = new List<CertificateRevocationList>(client.Link.Welcome.Crls);
        for (var i = 0; i < 2; i++)
            lists.Add(Assert.Single(Assert.IsType<PushCrls>(await client.ReceiveAsync()).Crls));

        Assert.Equal(3, lists.Count(static list => list.Entries.Count == RevocationListRoom.Default.Entries && list.Der.Length is > 180_000 and <= 200_000));
        await client.PingAsync();
    }
}
