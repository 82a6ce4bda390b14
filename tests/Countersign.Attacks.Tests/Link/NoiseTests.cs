using System.Security.Cryptography;
using Countersign.Protocol;
using Countersign.Server;
using Countersign.Specification.Tests.Second;
using Countersign.Testing;

namespace Countersign.Attacks.Tests;

/// <summary>A21: bytes that are no protocol, and connections that say nothing.</summary>
public sealed class NoiseTests(Arena arena)
{
    [Theory]
    [InlineData("FFFFFFFF", WireCode.TooLarge)]
    [InlineData("7FFFFFFF", WireCode.TooLarge)]
    [InlineData("00004001", WireCode.TooLarge)]
    [InlineData("00000000", WireCode.BadMessage)]
    [InlineData("0000000100", WireCode.BadMessage)]
    [InlineData("160301020001000100fc0303", WireCode.TooLarge)] // a TLS ClientHello
    [InlineData("474554202f20485454502f312e310d0a0d0a", WireCode.TooLarge)] // GET / HTTP/1.1
    public async Task A21_RL_01_what_is_no_frame_is_answered_at_once_and_ended(string hex, WireCode code)
    {
        var link = await ConnectAsync(arena.Server);
        await link.Write(Convert.FromHexString(hex));
        await arena.RefusedAsync(code, link);
    }

    [Fact]
    public async Task A21_random_bytes_end_in_a_code_and_harm_nobody()
    {
        for (var i = 0; i < 8; i++)
        {
            var link = await ConnectAsync(arena.Server);
            var bytes = RandomNumberGenerator.GetBytes(64);
            bytes[0] |= 1; // a length above the limit
            await link.Write(bytes);
            await arena.RefusedAsync(WireCode.TooLarge, link);
            link = await ConnectAsync(arena.Server);
            await link.Write(Derivation.Framed(bytes));
            await arena.RefusedAsync(WireCode.BadMessage, link);
        }
    }

    [Fact]
    public async Task A21_announced_lengths_take_no_memory()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var links = new List<SecondLink>();
        for (var i = 0; i < 20; i++)
        {
            links.Add(await ConnectAsync(arena.Server));
            await links[^1].Write([0xff, 0xff, 0xff, 0xff]); // 20 × 4 GiB
            links.Add(await ConnectAsync(arena.Server));
            await links[^1].Write([0, 0, 0x40, 0, 1]); // allowed, and never more than a byte of it
        }
        await arena.HonestIsUnharmedAsync();
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 64 << 20);
        links.ForEach(static link => link.Dispose());
    }

    [Fact]
    public async Task A21_half_open_partial_and_endless_connections_end_in_TIMEOUT_while_others_work()
    {
        await using var server = await AttackedServer.StartAsync(new ServerOptions { Limits = new ServerLimits { HandshakeTime = TimeSpan.FromSeconds(4) } });
        using var alice = await server.ReadyAsync("alice", "alice");
        var silent = await ConnectAsync(server);
        var partial = await ConnectAsync(server);
        await partial.Write([0, 0, 0x10, 0, 1, 2, 3]);
        var (half, _) = await alice.Device.MeetServer(new Recording()); // a real handshake that stops half-way
        var endless = await ConnectAsync(server);
        await endless.Write([0, 0, 0x40, 0]);
        using var fed = new CancellationTokenSource();
        var feeding = FeedAsync(endless, fed.Token);
        await alice.Ask("find_user", 48, 49, "alice");
        foreach (var link in new[] { silent, partial, half, endless })
            using (link)
                Assert.Equal(WireCode.Timeout, (WireCode)await link.Refusal());
        await fed.CancelAsync();
        await feeding;
        await alice.Ask("find_user", 48, 49, "alice");
    }

    [Fact]
    public async Task A21_RL_02_an_end_without_bye_is_recorded_as_a_cut_and_a_bye_is_not()
    {
        await using var server = await AttackedServer.StartAsync();
        using var polite = await server.ReadyAsync("polite", "alice");
        await polite.Bye();
        Assert.True(await polite.Link.Ends());
        Assert.Empty(Cuts(server));
        using var rude = await server.ReadyAsync("rude", "bob");
        rude.Link.EndSending();
        Assert.True(await rude.Link.Ends());
        await Eventually.True(() => Cuts(server).Count == 1, "a line in the log");
        var unfinished = await ConnectAsync(server);
        await unfinished.Write([0, 0, 1, 0, 1, 2]);
        unfinished.EndSending();
        Assert.True(await unfinished.Ends());
        await Eventually.True(() => Cuts(server).Count == 2, "a second line");
    }

    [Fact]
    public async Task A21_A24_a_name_that_is_a_path_is_BAD_MESSAGE_wherever_a_message_has_one()
    {
        var before = Directory.GetFileSystemEntries(Path.GetDirectoryName(arena.Server.Path)!);
        using var alice = await arena.ReadyAsync("alice");
        foreach (var name in new[] { "../../etc/passwd", "a/b", "..", "a\0b", "", "é", new string('a', 33) })
        {
            using (var finding = await alice.Device.Open(new Recording(), RecordTests.LogIn))
                Assert.Equal(WireCode.BadMessage, (WireCode)await finding.AskRefused("find_user", 48, name));
            using var again = await alice.Device.Open(new Recording(), RecordTests.LogIn);
            Assert.Equal(WireCode.BadMessage, (WireCode)await again.AskRefused("invite", 59, name, 3600L));
        }
        await arena.HonestIsUnharmedAsync();
        Assert.Equal(before, Directory.GetFileSystemEntries(Path.GetDirectoryName(arena.Server.Path)!));
    }

    private static IReadOnlyList<string> Cuts(AttackedServer server) =>
        [.. server.Log.Lines.Where(static line => line.Contains("TRUNCATED (RL-02)", StringComparison.Ordinal))];

    // One byte at a time, as long as the server takes them: the frame never ends.
    private static async Task FeedAsync(SecondLink link, CancellationToken cancellation)
    {
        using var next = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        try
        {
            while (await next.WaitForNextTickAsync(cancellation))
                await link.Write("A"u8.ToArray());
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            return; // the server has ended it
        }
    }

    private static async Task<SecondLink> ConnectAsync(AttackedServer server)
    {
        var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server.Endpoint);
        return new SecondLink(socket, new Recording());
    }
}
