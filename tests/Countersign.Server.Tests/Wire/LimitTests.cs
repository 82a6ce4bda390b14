using System.Net;
using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Testing;
using Microsoft.Extensions.Logging;

namespace Countersign.Server.Tests;

/// <summary>SPEC section 11 over real sockets, and the server's end.</summary>
public sealed class LimitTests(SharedServer shared)
{
    [Fact]
    public async Task A_server_without_a_health_endpoint_has_none()
    {
        await using var server = await TestServer.StartAsync();
        Assert.Null(server.Host.HealthEndpoint);
        Assert.NotEqual(0, server.Host.Endpoint.Port);
    }

    [Fact]
    public async Task Every_counter_begins_at_zero_for_each_code_and_limit()
    {
        await using var server = await TestServer.StartAsync(new ServerLimits());
        using var http = new HttpClient();
        var lines = (await http.GetStringAsync(new Uri($"http://{server.Host.HealthEndpoint}/metrics"), TestContext.Current.CancellationToken)).Split('\n');
        var limits = typeof(LimitNames).GetFields().Where(static field => field.IsLiteral).Select(static field => (string)field.GetRawConstantValue()!);
        Assert.Equal([], limits.Select(static limit => $"countersign_limits_total{{limit=\"{limit}\"}} 0").Except(lines));
        Assert.Equal([], Enum.GetValues<WireCode>().Select(static code => $"countersign_failures_total{{code=\"{code.Name()}\"}} 0").Except(lines));
        Assert.Contains("countersign_entries_accepted_total 0", lines);
    }

    [Fact]
    public async Task Links_above_the_limit_of_an_address_or_of_all_get_BUSY_and_a_closed_link_makes_room()
    {
        foreach (var limits in new[] { new ServerLimits { LinksPerAddress = 2 }, new ServerLimits { Links = 2 } })
        {
            await using var server = await TestServer.StartAsync(new ServerOptions { Limits = limits });
            await using var first = await server.NewReadyAsync("alice", 1);
            var second = await server.ConnectAsync();
            await second.LogInAsync(first.User);
            await using (var third = await server.ConnectAsync())
                Assert.Equal(WireCode.Busy, await third.ReadPlainAlertAsync());
            await first.PingAsync();
            await second.DisposeAsync();
            await Eventually.True(() => server.Log.Lines.Any(static line => line.Contains("TRUNCATED", StringComparison.Ordinal)), "the second has left");
            await using var fourth = await server.ConnectAsync();
            await fourth.LogInAsync(first.User);
        }
    }

    [Fact]
    public async Task A_slow_reader_loses_its_link_and_stalls_nobody()
    {
        await using var server = await TestServer.StartAsync(new ServerLimits { OutboundBytes = 524_288, DrainTime = TimeSpan.FromSeconds(1) });
        await using var honest = await HonestPair.StartAsync(server);
        await using var alice = await server.NewReadyAsync("alice", 1);
        await using var slow = await server.NewReadyAsync("slow", 2);
        var talk = await TestTalk.FoundAsync(alice, slow.User);
        await talk.SubmitAsync(alice, talk.NewEpoch(alice.User, slow.User));
        var entry = talk.Message(size: 32_784, seq: 3);
        ulong seq = 3;
        while (!server.Log.Lines.Any(static line => line.Contains("BUSY (SPEC 11 queued to one link)", StringComparison.Ordinal)))
        {
            await talk.SubmitAsync(alice, entry);
            entry = talk.Message(size: 32_784, seq: ++seq);
            Assert.InRange(seq, 0ul, 2000ul);
        }
        await honest.TalkAsync();
        await alice.PingAsync();
        Assert.InRange(await server.TimesMetAsync(LimitNames.OutboundBytes), 1, 2000);
    }

    [Fact]
    public async Task A5_handshakes_at_work_are_bounded_and_all_get_through()
    {
        await using var server = await TestServer.StartAsync(new ServerOptions { Limits = new ServerLimits { HandshakesAtWork = 1 } });
        var user = await server.EnrolAsync("alice", 1);
        await using (var first = await server.ConnectAsync())
            await first.RegisterAsync(user);
        await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
        {
            await using var client = await server.ConnectAsync();
            await client.LogInAsync(user);
        }));
    }

    [Fact]
    public async Task A_server_that_stops_answers_what_it_took_and_says_SHUTDOWN()
    {
        await using var server = await TestServer.StartAsync();
        await using var alice = await server.NewReadyAsync("alice", 1);
        var talk = await TestTalk.FoundAsync(alice);
        var stopping = server.Host.StopAsync(CancellationToken.None);
        Assert.Equal(WireCode.Shutdown, await alice.ReadAlertAsync());
        await stopping;
        await server.Host.WaitForShutdownAsync(CancellationToken.None);
        await Assert.ThrowsAnyAsync<System.Net.Sockets.SocketException>(server.ConnectAsync);
        Assert.Equal(1ul, talk.Seen.Size);
    }

    [Fact]
    public async Task A_log_that_cannot_be_written_stops_nothing()
    {
        FailingStore store = null!;
        await using var server = await TestServer.StartAsync(
            new ServerOptions { Health = new(IPAddress.Loopback, 0) }, inner => store = new FailingStore(inner));
        await using var alice = await server.NewReadyAsync("alice", 1);
        var talk = await TestTalk.FoundAsync(alice);
        await talk.SubmitAsync(alice, talk.NewEpoch(alice.User));
        (store.Fails, server.Log.FailsFrom) = (true, LogLevel.Information);
        for (var i = 0; i < 3; i++)
            Assert.Equal(WireCode.Busy, (await TestTalk.RefusedAsync(alice, talk.Message(seq: 3))).Code);
        Assert.InRange(await server.MetricAsync("countersign_log_lines_left_out_total"), 3, 10);
        (store.Fails, server.Log.FailsFrom) = (false, LogLevel.None);
        await talk.SubmitAsync(alice, talk.Message(seq: 3));
    }

    [Fact]
    public async Task A_store_that_does_not_answer_after_the_login_is_BUSY_and_the_next_link_is_served()
    {
        FailingStore store = null!;
        await using var server = await TestServer.StartAsync(store: inner => store = new FailingStore(inner));
        await using var alice = await server.NewReadyAsync("alice", 1);
        store.FailsToPrepare = true;
        await using var late = await server.ConnectAsync();
        Assert.Equal(WireCode.Busy, await IdentityTests.AlertAsync(() => late.LogInAsync(alice.User)));
        store.FailsToPrepare = false;
        await using var later = await server.ConnectAsync();
        await later.LogInAsync(alice.User);
    }

    [Fact]
    public async Task A_server_whose_ledger_ends_by_a_fault_stops_and_tells_what_it_was()
    {
        FailingStore store = null!;
        var bug = new InvalidOperationException("nobody thought of this");
        await using var server = await TestServer.StartAsync(
            new ServerOptions { Limits = new ServerLimits { DrainTime = TimeSpan.FromSeconds(1) } }, inner => store = new FailingStore(inner));
        await using var alice = await server.NewReadyAsync("alice", 1);
        store.Bug = bug;
        var (_, genesis) = TestTalk.Found(alice.User);
        await alice.SendAsync(new Submit(alice.NextId(), new Encoded<Entry>(genesis.Bytes)));
        Assert.Equal(WireCode.Shutdown, await alice.ReadAlertAsync());
        Assert.Same(bug, await server.FaultAsync());
        Assert.Contains(server.Log.Lines, static line => line.StartsWith("Critical Ledger has ended by a fault", StringComparison.Ordinal));
        await Assert.ThrowsAnyAsync<System.Net.Sockets.SocketException>(server.ConnectAsync);
        await server.Host.StopAsync(CancellationToken.None); // who stops it now is not stopped by it
    }

    [Fact]
    public async Task Health_and_metrics_answer_on_loopback()
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://{shared.Server.Host.HealthEndpoint}") };
        Assert.Equal("ok\n", await http.GetStringAsync(new Uri("/healthz", UriKind.Relative)));
        await using var client = await shared.NewReadyAsync(1);
        await TestTalk.FoundAsync(client);
        var metrics = await http.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        foreach (var name in new[] { "countersign_links ", "countersign_logins_total ", "countersign_entries_accepted_total ", "countersign_commit_seconds_count ", "# TYPE countersign_commit_entries histogram" })
            Assert.Contains(name, metrics, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(new Uri("/", UriKind.Relative))).StatusCode);
    }
}
