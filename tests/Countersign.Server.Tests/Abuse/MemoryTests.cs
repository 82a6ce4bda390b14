using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Server.Tests;

/// <summary>What a hostile link holds of the server's memory, measured after collections: client and server are one process, so the
/// bounds are for both.</summary>
[Collection(nameof(Alone))]
[Trait("pace", "thorough")]
public sealed class MemoryTests
{
    [Fact]
    public async Task A21_a_link_before_login_that_never_finishes_its_frame_holds_little_and_a_second_wave_no_more()
    {
        const int links = 150, perLink = 48 * 1024;
        await using var server = await TestServer.StartAsync(new ServerLimits { LinksPerAddress = 1000 });
        await using var honest = await HonestPair.StartAsync(server);
        byte[] unfinished = [0, 0, 0x40, 0, .. new byte[Frame.HandshakeLimit - 1]]; // the largest frame but for one byte
        var before = Alone.Memory();
        for (var wave = 0; wave < 2; wave++)
        {
            await using (var hostile = new Crowd())
            {
                for (var i = 0; i < links; i++)
                    await (await hostile.AddAsync(server.ConnectFromAsync(2))).WriteAsync(unfinished);
                await OpenAsync(server, links + 2);
                await honest.TalkAsync();
                Assert.InRange(Alone.Memory() - before, long.MinValue, links * perLink);
            }
            await ClosedAsync(server, 2);
        }
    }

    [Fact]
    public async Task A21_a_flooder_who_is_held_back_fills_his_own_buffers_and_not_the_servers()
    {
        const int links = 6, perLink = 384 * 1024;
        await using var server = await TestServer.StartAsync(new ServerLimits { RequestsPerSecond = 10 });
        await using var honest = await HonestPair.StartAsync(server);
        await using var hostile = new Crowd();
        var first = await hostile.AddAsync(server.NewReadyAsync("flooder", 1));
        var flooders = new List<TestClient> { first };
        while (flooders.Count < links)
        {
            flooders.Add(await hostile.AddAsync(server.ConnectAsync()));
            await flooders[^1].LogInAsync(first.User);
        }
        var floods = flooders.Select(Flood).ToList();
        var before = Alone.Memory();
        var writing = flooders.Zip(floods, static (client, flood) => client.WriteAsync(flood)).ToList(); // may never end
        await Eventually.True(() => server.TimesMetAsync(LimitNames.RequestsPerSecond).GetAwaiter().GetResult() >= links, "all are held back");
        for (var i = 0; i < 5; i++)
        {
            await honest.TalkAsync();
            Assert.InRange(Alone.Memory() - before, long.MinValue, links * perLink);
        }
        GC.KeepAlive(floods);
        await hostile.DisposeAsync();
        await Task.WhenAll(writing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    // Records of a thousand pings, more than a megabyte in all.
    private static ReadOnlyMemory<byte> Flood(TestClient client)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>(1_500_000);
        while (output.WrittenCount < 1_200_000)
            client.Link.Sender.Write([.. Enumerable.Range(0, 1000).Select(static i => Outgoing.Of(new Ping((ulong)i)))], output);
        return output.WrittenMemory;
    }

    private static Task OpenAsync(TestServer server, int links) => Eventually.True(() => Links(server) == links, "the links are open");

    private static Task ClosedAsync(TestServer server, int links) => Eventually.True(() => Links(server) == links, "the links are closed");

    private static double Links(TestServer server) => server.MetricAsync("countersign_links").GetAwaiter().GetResult();
}
