using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Client.Tests;

/// <summary>A server that is there and does not say what it is asked for: it is asked less and less often, or left.</summary>
public sealed class HostileRequestTests(TakenOver world) : IClassFixture<TakenOver>
{
    private static readonly LinkEnd NoAnswer = new LinkEnd.Network("the server does not answer what it is asked");

    [Fact]
    public async Task LI_08_what_a_server_refuses_to_say_of_a_conversation_is_asked_for_after_longer_and_longer_waits()
    {
        var time = new JumpingTime(TimeSpan.FromSeconds(3));
        await using var scene = Scene.Set(world, bob => bob.Clock = time);
        await scene.BobConnectsAsync();
        var asked = 0;
        scene.Hostile.Instead = request => request is Fetch && Interlocked.Increment(ref asked) > 0 ? new Refused(request.Id, WireCode.Busy) : null;
        var before = time.Waits.Count; // those of the handshake
        time.Jump(9);

        await PushGapAsync(scene);

        await Eventually.True(() => time.Waits.Count == before + 10, "ten waits");
        Assert.Equal([3, 6, 12, 24, 48, 60, 60, 60, 60, 60], time.Waits.Skip(before).Select(static wait => wait.TotalSeconds));
        Assert.Equal(10, asked);
        await PushGapAsync(scene); // names something new
        await Eventually.True(() => time.Waits.Count == before + 11, "another wait");
        Assert.Equal(TimeSpan.FromSeconds(3), time.Waits[^1]);
        Assert.IsType<ConnectionState.Online>(scene.Bob.Client.State);
    }

    [Fact]
    public async Task LI_08_a_server_that_answers_pings_and_everything_but_one_request_is_left()
    {
        await using var scene = Scene.Set(world);
        await using var session = Session.Start(await HostileSilenceTests.OpenAsync(scene.Bob.Profile), new FastTime(200));
        scene.Hostile.Ignores = static request => request is GetReceipts;

        var unanswered = await session.SendAsync(id => new GetReceipts(id, scene.Conversation, null), CancellationToken.None);

        await Eventually.True(() => EndsAsync(session), "it is left");
        Assert.Equal(NoAnswer, await session.Ended);
        await Assert.ThrowsAsync<NotConnectedException>(() => unanswered);
    }

    [Fact]
    public async Task LI_08_the_user_is_told_of_a_server_that_answers_pings_alone_and_the_client_comes_back()
    {
        await using var scene = Scene.Set(world, static bob => bob.Clock = new FastTime());
        await scene.BobConnectsAsync();
        scene.Hostile.Ignores = static request => request is Submit;

        var message = scene.Bob.Client.Send(scene.Conversation, "five");

        await scene.Bob.SeesAsync<ClientEvent.ConnectionChanged>(static e => e.State is ConnectionState.Waiting waiting && waiting.Cause == NoAnswer);
        scene.Hostile.Ignores = static _ => false;
        var delivery = await scene.Bob.Client.WaitForAsync(scene.Conversation, message, DeliveryWord.Accepted, TestContext.Current.CancellationToken);
        Assert.True(delivery.IsAccepted);
    }

    private static async Task<bool> EndsAsync(Session session)
    {
        try
        {
            await session.AskAsync<Listed>(static id => new ListConversations(id, null), TestContext.Current.CancellationToken);
            return false;
        }
        catch (NotConnectedException)
        {
            return true;
        }
    }

    // The head of one entry more than there is, without the entry.
    private static Task PushGapAsync(Scene scene)
    {
        List<byte[]> more = [.. scene.Entries, scene.Entries[^1]];
        return scene.Hostile.PushAsync(scene.Conversation, (ulong)more.Count, [scene.Entries[^1]], scene.Hostile.Sign(HostileServer.HeadOf(scene.Conversation, more)));
    }
}
