using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Server.Tests;

/// <summary>SPEC section 11 over real sockets: links and handshakes, while two honest users talk.</summary>
public sealed class LinkLimitTests
{
    [Fact]
    public async Task LI_02_too_many_links_of_one_address_get_BUSY_and_other_addresses_notice_nothing()
    {
        await using var server = await TestServer.StartAsync(new ServerLimits { LinksPerAddress = 3 });
        await using var honest = await HonestPair.StartAsync(server);
        await using var hostile = new Crowd();
        for (var i = 0; i < 3; i++)
            await hostile.AddAsync(server.ConnectFromAsync(2));
        await ArrivedAsync(server, 5); // the honest pair's, too
        await using var fourth = await server.ConnectFromAsync(2);
        Assert.Equal(WireCode.Busy, await fourth.ReadPlainAlertAsync());
        await honest.TalkAsync();
        await using var newcomer = await server.ConnectFromAsync(3);
        await newcomer.LogInAsync(honest.Writer.User);
        Assert.Equal(1, await server.TimesMetAsync(LimitNames.LinksPerAddress));
        Assert.Equal(1, await server.MetricAsync("countersign_failures_total{code=\"BUSY\"}"));
    }

    [Fact]
    public async Task LI_02_silent_links_that_hold_every_place_before_login_make_room_for_who_logs_in()
    {
        await using var server = await TestServer.StartAsync(new ServerLimits { LinksBeforeLogin = 3 });
        await using var honest = await HonestPair.StartAsync(server);
        await using var hostile = new Crowd();
        var oldest = await hostile.AddAsync(server.ConnectFromAsync(2));
        await oldest.WriteAsync(new byte[] { 0, 0, 4 });
        await ArrivedAsync(server, 3);
        for (byte i = 3; i < 5; i++)
        {
            await hostile.AddAsync(server.ConnectFromAsync(i));
            await ArrivedAsync(server, i + 1);
        }
        await using var newcomer = await server.ConnectAsync();
        await honest.TalkDuringAsync(newcomer.LogInAsync(honest.Writer.User));
        Assert.Equal(WireCode.Busy, await oldest.ReadPlainAlertAsync());
        Assert.Equal(1, await server.TimesMetAsync(LimitNames.LinksBeforeLogin));
        await newcomer.PingAsync();
    }

    [Fact]
    public async Task LI_02_silent_links_make_room_too_when_all_links_are_taken_and_logged_in_ones_do_not()
    {
        await using var server = await TestServer.StartAsync(new ServerLimits { Links = 3 });
        await using var honest = await HonestPair.StartAsync(server);
        await using var silent = await server.ConnectFromAsync(2);
        await ArrivedAsync(server, 3);
        await using var newcomer = await server.ConnectAsync();
        await newcomer.LogInAsync(honest.Writer.User);
        Assert.Equal(WireCode.Busy, await silent.ReadPlainAlertAsync());
        await using var late = await server.ConnectFromAsync(3);
        Assert.Equal(WireCode.Busy, await late.ReadPlainAlertAsync());
        await honest.TalkAsync();
        Assert.Equal(1, await server.TimesMetAsync(LimitNames.Links));
    }

    [Fact]
    public async Task LI_11_a_user_who_logs_in_too_often_from_many_addresses_loses_the_oldest_link_and_others_lose_none()
    {
        await using var server = await TestServer.StartAsync(new ServerLimits { LinksPerUser = 2 });
        await using var honest = await HonestPair.StartAsync(server);
        await using var first = await server.NewReadyAsync("hoarder", 1);
        await using var hostile = new Crowd();
        for (byte i = 2; i < 4; i++)
            await (await hostile.AddAsync(server.ConnectFromAsync(i))).LogInAsync(first.User);
        Assert.Equal(WireCode.Busy, await first.ReadAlertAsync());
        Assert.Equal(1, await server.TimesMetAsync(LimitNames.LinksPerUser));
        foreach (var link in hostile.Clients)
            await link.PingAsync();
        await honest.TalkAsync();
    }

    [Fact]
    public async Task LI_11_EN_07_what_the_oldest_link_had_handed_in_when_it_gave_way_is_there_once_and_answered_on_the_next()
    {
        FailingStore? store = null;
        await using var server = await TestServer.StartAsync(
            new ServerOptions { Limits = new ServerLimits { LinksPerUser = 1 } }, opened => store = new FailingStore(opened));
        await using var first = await server.NewReadyAsync("alice", 1);
        var talk = await TestTalk.FoundAsync(first);
        await talk.SubmitAsync(first, talk.NewEpoch(first.User));
        var (gate, begun) = (new TaskCompletionSource(), new TaskCompletionSource());
        (store!.Gate, store.Appending) = (gate.Task, _ => begun.TrySetResult());
        var entries = Enumerable.Range(3, 20).Select(seq => new Encoded<Entry>(talk.Message(seq: (ulong)seq).Bytes)).ToList();
        await first.SendAsync([.. entries.Select(entry => new Submit(first.NextId(), entry))]);
        await begun.Task; // some are with the store, and the others wait for it

        await using var second = await server.ConnectAsync();
        await second.LogInAsync(first.User);
        Assert.Equal(WireCode.Busy, await first.ReadAlertAsync());
        gate.SetResult();

        for (var i = 0; i < entries.Count; i++)
            Assert.Equal((ulong)i + 2, (await second.AskAsync<Accepted>(id => new Submit(id, entries[i]))).Position);
        Assert.Equal(entries.Count + 2, (await second.AskAsync<Fetched>(id => new Fetch(id, talk.Id, 0))).Entries.Count);
    }

    [Fact]
    public async Task A5_LI_04_an_address_that_begins_too_many_handshakes_gets_BUSY_and_nothing_is_signed_for_it()
    {
        await using var server = await TestServer.StartAsync(new ServerLimits { HandshakesPerSecond = 1 });
        await using var honest = await HonestPair.StartAsync(server);
        var answered = 0;
        WireCode? refused = null;
        while (refused is null)
        {
            await using var hostile = await server.ConnectFromAsync(2);
            await hostile.WriteAsync(Hellos.Valid());
            var first = await hostile.ReadFrameAsync();
            refused = first!.Length > 64 ? null : Alert.Parse(first).Code; // an alert is far shorter than a server_hello
            Assert.InRange(++answered, 0, 1000);
        }
        Assert.Equal(WireCode.Busy, refused);
        Assert.InRange(answered, 11, 1000); // ten at once
        await honest.TalkAsync();
        await using var newcomer = await server.ConnectFromAsync(3);
        await newcomer.LogInAsync(honest.Writer.User);
        Assert.InRange(await server.TimesMetAsync(LimitNames.HandshakesPerSecond), 1, 1000);
    }

    [Fact]
    public async Task A21_a_peer_that_says_nothing_gets_TIMEOUT_before_login_and_when_idle_and_others_talk_on()
    {
        await using var server = await TestServer.StartAsync(new ServerLimits { HandshakeTime = TimeSpan.FromSeconds(4), IdleTime = TimeSpan.FromSeconds(3) });
        await using var honest = await HonestPair.StartAsync(server);
        await using var idle = await server.NewReadyAsync("idle", 1);
        await using var silent = await server.ConnectAsync();
        await using var halfOpen = await server.ConnectAsync();
        await halfOpen.WriteAsync(new byte[] { 0, 0, 4, 0, 1 });
        var ends = Task.WhenAll(idle.ReadAlertAsync(), silent.ReadPlainAlertAsync(), halfOpen.ReadPlainAlertAsync());
        while (!ends.IsCompleted)
        {
            await honest.TalkAsync();
            await honest.Reader.SendAsync(new Ping(1)); // his keep-alive
        }
        Assert.Equal([WireCode.Timeout, WireCode.Timeout, WireCode.Timeout], await ends);
        Assert.Equal((2, 1), (await server.TimesMetAsync(LimitNames.HandshakeTime), await server.TimesMetAsync(LimitNames.IdleTime)));
    }

    private static Task ArrivedAsync(TestServer server, int links) => Eventually.True(
        () => server.MetricAsync("countersign_links").GetAwaiter().GetResult() >= links, "the link has arrived");
}

/// <summary>Hostile clients, ended together.</summary>
internal sealed class Crowd : IAsyncDisposable
{
    private readonly List<TestClient> _clients = [];

    public IReadOnlyList<TestClient> Clients => _clients;

    public async Task<TestClient> AddAsync(Task<TestClient> connecting)
    {
        var client = await connecting;
        _clients.Add(client);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            await client.DisposeAsync();
    }
}

/// <summary>First messages of a client.</summary>
internal static class Hellos
{
    public static byte[] Valid()
    {
        using var invitation = new Invitation(
            "x:1", TestWorld.Name, TestWorld.Operator, TestWorld.Root.Certificate.Fingerprint, InvitationToken.Generate(), Times.Start);
        using var handshake = ClientHandshake.ForEnrolment(invitation, CertificationRequest.Create(TestKeys.Get(1)), new RevocationSet());
        return handshake.Start.Output.ToArray();
    }
}
