using System.Text;
using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Server.Tests;

/// <summary>Bytes that are no protocol: the right code, a closed link, and an honest user who notices nothing (A21, ER-01, ER-02).</summary>
public sealed class BadInputTests(SharedServer shared)
{
    private static readonly byte[] TlsHello = [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03];

    [Theory]
    [InlineData("FFFFFFFF", WireCode.TooLarge)] // RL-01
    [InlineData("00004001", WireCode.TooLarge)] // one byte above the limit before k_chat
    [InlineData("00000000", WireCode.BadMessage)]
    [InlineData("0000000100", WireCode.BadMessage)]
    [InlineData("00000002820C", WireCode.BadMessage)] // cut CBOR
    [InlineData("0000000181", WireCode.BadMessage)]
    public async Task A21_RL_01_a_frame_that_is_none(string hex, WireCode code)
    {
        await using var client = await shared.Server.ConnectAsync();
        await client.WriteAsync(Convert.FromHexString(hex));
        Assert.Equal(code, await client.ReadPlainAlertAsync());
        await shared.HonestIsUnharmedAsync();
    }

    [Fact]
    public async Task A21_a_TLS_client_and_a_browser_get_an_alert_and_the_end()
    {
        foreach (var greeting in new[] { TlsHello, Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: server.local\r\n\r\n") })
        {
            await using var client = await shared.Server.ConnectAsync();
            await client.WriteAsync(greeting);
            Assert.Equal(WireCode.TooLarge, await client.ReadPlainAlertAsync());
        }
        await shared.HonestIsUnharmedAsync();
    }

    [Fact]
    public async Task A21_random_bytes_end_in_a_code_or_in_silence()
    {
        for (var i = 0; i < 20; i++)
        {
            await using var client = await shared.Server.ConnectAsync();
            var bytes = System.Security.Cryptography.RandomNumberGenerator.GetBytes(64);
            bytes[0] |= 1; // a length above the limit
            await client.WriteAsync(bytes);
            Assert.Equal(WireCode.TooLarge, await client.ReadPlainAlertAsync());
        }
        await shared.HonestIsUnharmedAsync();
    }

    [Fact]
    public async Task HS_03_another_version_is_BAD_VERSION()
    {
        var hello = Hellos.Valid();
        hello[Frame.HeaderSize + 2] = 2;
        await using var client = await shared.Server.ConnectAsync();
        await client.WriteAsync(hello);
        Assert.Equal(WireCode.BadVersion, await client.ReadPlainAlertAsync());
    }

    [Fact]
    public async Task HS_01_a_point_off_the_curve_is_BAD_MESSAGE()
    {
        var hello = Hellos.Valid();
        hello[Frame.HeaderSize + 6 + 32 + 10] ^= 1;
        await using var client = await shared.Server.ConnectAsync();
        await client.WriteAsync(hello);
        Assert.Equal(WireCode.BadMessage, await client.ReadPlainAlertAsync());
    }

    [Fact]
    public async Task HS_04_another_message_first_is_BAD_MESSAGE()
    {
        await using var client = await shared.Server.ConnectAsync();
        await client.WriteAsync(new byte[] { 0, 0, 0, 2, 0x81, 30 }); // nearly `ready`
        Assert.Equal(WireCode.BadMessage, await client.ReadPlainAlertAsync());
    }

    [Fact]
    public async Task A21_RL_02_SE_07_only_bye_ends_a_session_without_a_truncation()
    {
        await using var server = await TestServer.StartAsync();
        await using (var polite = await server.NewReadyAsync("polite", 1))
            await polite.ByeAsync();
        await using (var rude = await server.NewReadyAsync("rude", 2))
        {
            Assert.Equal(0, Truncations(server));
            rude.Shutdown();
            Assert.Null(await rude.ReadFrameAsync());
        }
        await Eventually.True(() => Truncations(server) == 1, "the end without bye is in the log");
        await using var half = await server.ConnectAsync();
        await half.WriteAsync(new byte[] { 0, 0, 1, 0, 1, 2, 3 });
        half.Shutdown();
        Assert.Null(await half.ReadFrameAsync());
        await Eventually.True(() => Truncations(server) == 2, "the end inside a frame is in the log");
    }

    private static int Truncations(TestServer server) =>
        server.Log.Lines.Count(static line => line.Contains("TRUNCATED (RL-02)", StringComparison.Ordinal));

    [Fact]
    public async Task A21_a_reset_connection_harms_nobody()
    {
        await using var client = await shared.NewReadyAsync(1);
        client.Reset();
        await shared.HonestIsUnharmedAsync();
    }

    [Fact]
    public async Task RL_04_every_byte_of_a_record_counts()
    {
        await using var client = await shared.NewReadyAsync(1);
        var frame = client.Seal(new Ping(1));
        frame[^1] ^= 1;
        await client.WriteAsync(frame);
        Assert.Equal(WireCode.DecryptFail, await client.ReadAlertAsync());
        await shared.HonestIsUnharmedAsync();
    }

    [Fact]
    public async Task A6_RL_04_the_same_record_again_is_DECRYPT_FAIL()
    {
        await using var client = await shared.NewReadyAsync(1);
        var frame = client.Seal(new Ping(1));
        await client.WriteAsync(frame);
        await client.WriteAsync(frame);
        Assert.Equal(WireCode.DecryptFail, await client.ReadAlertAsync());
    }

    [Fact]
    public async Task A14_RL_04_a_missing_record_is_DECRYPT_FAIL()
    {
        await using var client = await shared.NewReadyAsync(1);
        client.Seal(new Ping(1));
        await client.WriteAsync(client.Seal(new Ping(2)));
        Assert.Equal(WireCode.DecryptFail, await client.ReadAlertAsync());
    }

    [Fact]
    public async Task A22_RL_03_frames_are_independent_of_segments()
    {
        await using var client = await shared.NewReadyAsync(1);
        foreach (var one in client.Seal(new Ping(1)))
            await client.WriteAsync(new[] { one });
        Assert.Equal(1ul, (await client.ReceiveAsync<Pong>()).Number);
        await client.WriteAsync((byte[])[.. client.Seal(new Ping(2)), .. client.Seal(new Ping(3))]);
        Assert.Equal(2ul, (await client.ReceiveAsync<Pong>()).Number);
        Assert.Equal(3ul, (await client.ReceiveAsync<Pong>()).Number);
    }

    [Fact]
    public async Task SE_01_an_id_out_of_order_is_BAD_MESSAGE()
    {
        await using var client = await shared.NewReadyAsync(1);
        await client.SendAsync(new ListConversations(2, null));
        Assert.Equal(WireCode.BadMessage, await client.ReadAlertAsync());
    }

    [Fact]
    public async Task SE_01_a_second_ready_is_BAD_MESSAGE()
    {
        await using var client = await shared.NewReadyAsync(1);
        await client.SendAsync(new Ready());
        Assert.Equal(WireCode.BadMessage, await client.ReadAlertAsync());
    }

    [Fact]
    public async Task A_servers_message_from_a_client_is_BAD_MESSAGE()
    {
        await using var client = await shared.NewReadyAsync(1);
        await client.SendAsync(new Done(1));
        Assert.Equal(WireCode.BadMessage, await client.ReadAlertAsync());
    }

    [Fact]
    public async Task ER_02_the_log_has_one_line_with_number_code_and_rule_and_nothing_of_the_user()
    {
        await using var client = await shared.NewReadyAsync(1);
        await client.SendAsync(new FindUser(client.NextId(), UserName.Parse("secret-plan")));
        Assert.Equal(WireCode.NotFound, (await client.ReceiveAsync<Refused>()).Code);
        await client.SendAsync(new Submit(client.NextId(), new Encoded<Entry>("secret-plan"u8.ToArray())));
        Assert.Equal(WireCode.BadMessage, await client.ReadAlertAsync());
        await Eventually.True(() => Count("ended: BAD_MESSAGE (EN-") > 0, "a line in the log");
        Assert.Contains(shared.Server.Log.Lines, static line => line.Contains("refused: NOT_FOUND", StringComparison.Ordinal));
        Assert.DoesNotContain(shared.Server.Log.Lines, line =>
            line.Contains("secret-plan", StringComparison.Ordinal) || line.Contains(client.User.User.ToString(), StringComparison.Ordinal));
    }

    private int Count(string text) => shared.Server.Log.Lines.Count(line => line.Contains(text, StringComparison.Ordinal));
}
