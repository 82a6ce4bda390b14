using Countersign.Protocol;

namespace Countersign.Server.Tests;

/// <summary>Hellos without end from many addresses: each costs the server a signature and a key exchange (A5).</summary>
[Trait("pace", "thorough")]
public sealed class FloodTests
{
    private const int Addresses = 4, SendersEach = 4;

    [Fact]
    public async Task A5_LI_03_during_a_flood_of_hellos_logged_in_users_talk_and_newcomers_log_in()
    {
        await using var server = await TestServer.StartAsync(new ServerLimits { HandshakesPerSecond = 1_000_000 });
        await using var honest = await HonestPair.StartAsync(server);
        using var end = new CancellationTokenSource();
        var hello = Hellos.Valid();
        var flood = Enumerable.Range(0, Addresses * SendersEach).Select(i => SendAsync(server, (byte)(2 + (i % Addresses)), hello, end.Token)).ToList();
        for (var i = 0; i < 50; i++)
            await honest.TalkAsync();
        await using var newcomer = await server.ConnectFromAsync(100);
        await honest.TalkDuringAsync(newcomer.LogInAsync(honest.Writer.User));
        await end.CancelAsync();
        var answered = await Task.WhenAll(flood);
        Assert.All(answered, static count => Assert.InRange(count, 1, int.MaxValue));
        Assert.Equal(0, await server.TimesMetAsync(LimitNames.HandshakeTime));
    }

    private static async Task<int> SendAsync(TestServer server, byte host, byte[] hello, CancellationToken end)
    {
        var answered = 0;
        while (!end.IsCancellationRequested || answered == 0)
        {
            await using var hostile = await server.ConnectFromAsync(host);
            await hostile.WriteAsync(hello);
            Assert.InRange((await hostile.ReadFrameAsync())!.Length, 1000, Frame.ChatLimit); // server_hello
            answered++;
            hostile.Reset();
        }
        return answered;
    }
}
