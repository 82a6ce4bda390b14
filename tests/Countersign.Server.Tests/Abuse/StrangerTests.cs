using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Server.Tests;

/// <summary>Peers that speak something else, too slowly or without end: clean closes, and two honest users who notice nothing.</summary>
public sealed class StrangerTests
{
    [Fact]
    public async Task A21_a_real_TLS_client_and_a_real_HTTP_client_are_told_to_go()
    {
        await using var server = await TestServer.StartAsync(new ServerLimits());
        await using var honest = await HonestPair.StartAsync(server);
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(server.Host.Endpoint, TestContext.Current.CancellationToken);
        await using var tls = new SslStream(tcp.GetStream());
        var refused = await Record.ExceptionAsync(() => tls.AuthenticateAsClientAsync("server.local"));
        Assert.True(refused is IOException or AuthenticationException, refused?.ToString());
        using var http = new HttpClient();
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync(new Uri($"http://{server.Host.Endpoint}/")));
        Assert.Equal(2, await server.MetricAsync("countersign_failures_total{code=\"TOO_LARGE\"}"));
        await honest.TalkAsync();
    }

    [Fact]
    public async Task A21_a_stream_without_end_is_closed_and_not_read_for_long()
    {
        await using var server = await TestServer.StartAsync(new ServerLimits());
        await using var honest = await HonestPair.StartAsync(server);
        await using var endless = await server.ConnectFromAsync(2);
        byte[] frame = [0, 0, 0x40, 0, .. new byte[Frame.HandshakeLimit]];
        var written = 0L;
        var end = await Record.ExceptionAsync(async () =>
        {
            while (written < 1L << 30)
            {
                await endless.WriteAsync(frame);
                written += frame.Length;
            }
        });
        Assert.IsAssignableFrom<IOException>(end);
        Assert.Equal(1, await server.MetricAsync("countersign_failures_total{code=\"BAD_MESSAGE\"}"));
        await honest.TalkAsync();
    }

    [Fact]
    public async Task A21_RL_01_a_logged_in_link_that_announces_too_much_or_nothing_ends_with_a_code()
    {
        await using var server = await TestServer.StartAsync(new ServerLimits());
        await using var honest = await HonestPair.StartAsync(server);
        await using var user = await server.NewReadyAsync("user", 1);
        foreach (var (length, code) in new[] { ("FFFFFFFF", WireCode.TooLarge), ("00040011", WireCode.TooLarge), ("00000000", WireCode.BadMessage) })
        {
            await using var hostile = await server.ConnectAsync();
            await hostile.LogInAsync(user.User);
            await hostile.WriteAsync(Convert.FromHexString(length));
            Assert.Equal(code, await hostile.ReadAlertAsync());
        }
        await honest.TalkAsync();
    }

    [Fact]
    public async Task A22_RL_03_a_whole_link_byte_by_byte_is_a_link_and_others_talk_meanwhile()
    {
        await using var server = await TestServer.StartAsync(new ServerLimits());
        await using var honest = await HonestPair.StartAsync(server);
        var user = await server.EnrolAsync("slow", 1);
        await using var slow = await TestClient.ConnectAsync(server.Host.Endpoint, segment: 1);
        await honest.TalkDuringAsync(slow.RegisterAsync(user));
        var talk = await TestTalk.FoundAsync(slow);
        Assert.Equal(1ul, talk.Seen.Size);
    }

    [Fact]
    public async Task ER_02_a_flood_of_failures_is_counted_in_full_and_fills_no_log()
    {
        await using var server = await TestServer.StartAsync(new ServerLimits { LogLinesPerSecond = 1 });
        await using var honest = await HonestPair.StartAsync(server);
        var written = FailureLines(server);
        const int failures = 60;
        for (var i = 0; i < failures; i++)
        {
            await using var hostile = await server.ConnectFromAsync(2);
            await hostile.WriteAsync(new byte[] { 0, 0, 0, 0 });
            Assert.Equal(WireCode.BadMessage, await hostile.ReadPlainAlertAsync());
        }
        Assert.Equal(failures, await server.MetricAsync("countersign_failures_total{code=\"BAD_MESSAGE\"}"));
        var leftOut = await server.MetricAsync("countersign_log_lines_left_out_total");
        Assert.InRange(leftOut, 1, failures + 10);
        Assert.InRange(FailureLines(server) - written, 1, failures - 1);
        await honest.TalkAsync();
        await Eventually.True(() => SaysHowMany(server), "a line says how many were left out");
    }

    private static int FailureLines(TestServer server) =>
        server.Log.Lines.Count(static line => line.Contains("BAD_MESSAGE", StringComparison.Ordinal));

    // The next line that the rate allows is preceded by it.
    private static bool SaysHowMany(TestServer server)
    {
        using var probe = new TcpClient();
        probe.Connect(server.Host.Endpoint);
        probe.GetStream().Write([0, 0, 0, 0]);
        return server.Log.Lines.Any(static line => line.Contains("lines about peers were left out", StringComparison.Ordinal));
    }
}
