using Countersign.Protocol;

namespace Countersign.Server.Tests;

/// <summary>Two honest users in a conversation. Whatever others do to the server, what one writes is accepted and the other gets it.</summary>
internal sealed class HonestPair : IAsyncDisposable
{
    private readonly TestTalk _talk;

    private HonestPair(TestClient writer, TestClient reader, TestTalk talk) => (Writer, Reader, _talk) = (writer, reader, talk);

    public TestClient Writer { get; }

    public TestClient Reader { get; }

    public static async Task<HonestPair> StartAsync(TestServer server)
    {
        var writer = await server.NewReadyAsync("honest", 9);
        var reader = await server.NewReadyAsync("honest-friend", 10);
        var talk = await TestTalk.FoundAsync(writer, reader.User);
        await talk.SubmitAsync(writer, talk.NewEpoch(writer.User, reader.User));
        return new HonestPair(writer, reader, talk);
    }

    /// <summary>One message, accepted and delivered.</summary>
    public async Task TalkAsync()
    {
        var entry = _talk.Message();
        var accepted = await _talk.SubmitAsync(Writer, entry);
        while (true)
        {
            var push = await Reader.ReceiveAsync<PushEntries>();
            if (push.From + (ulong)push.Entries.Count <= accepted.Position)
                continue;
            Assert.Equal(entry.Bytes.ToArray(), push.Entries[(int)(accepted.Position - push.From)].Bytes.ToArray());
            return;
        }
    }

    /// <summary>Goes on talking until <paramref name="attack"/> is over, at least <paramref name="least"/> messages; then the attack's
    /// own expectations count.</summary>
    public async Task TalkDuringAsync(Task attack, int least = 1)
    {
        for (var said = 0; said < least || !attack.IsCompleted; said++)
            await TalkAsync();
        await attack;
    }

    public async ValueTask DisposeAsync()
    {
        await Writer.DisposeAsync();
        await Reader.DisposeAsync();
    }
}
