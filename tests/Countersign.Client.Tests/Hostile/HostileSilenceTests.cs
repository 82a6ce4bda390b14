using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Client.Tests;

/// <summary>A server that reads nothing more: it ends its side of the link, or stands still, or goes on to talk.</summary>
public sealed class HostileSilenceTests(TakenOver world) : IClassFixture<TakenOver>
{
    private const int Requests = 190; // with these entries more than two sockets take
    private static readonly byte[] Large = new byte[60_000];

    [Fact]
    public async Task RL_02_a_request_that_is_being_written_when_the_link_ends_is_told_that_it_has_ended()
    {
        await using var scene = Scene.Set(world);
        await using var session = Session.Start(await OpenAsync(scene.Bob.Profile), TimeProvider.System);
        scene.Hostile.IsDeaf = true;
        var sending = Enumerable.Range(0, Requests)
            .Select(_ => session.SendAsync(static id => new Submit(id, new Encoded<Entry>(Large)), CancellationToken.None)).ToList();
        await Eventually.True(() => scene.Hostile.Unread > 0, "requests are being written");
        scene.Hostile.EndSending();

        var ended = 0;
        foreach (var request in sending)
            try
            {
                await request;
            }
            catch (NotConnectedException)
            {
                ended++;
            }
        Assert.InRange(ended, 1, Requests);
    }

    [Fact]
    public async Task RL_02_requests_that_wait_for_room_among_the_unanswered_are_told_that_the_link_has_ended()
    {
        const int MoreThanUnanswered = 450;
        await using var scene = Scene.Set(world);
        await using var session = Session.Start(await OpenAsync(scene.Bob.Profile), TimeProvider.System);
        scene.Hostile.IsDeaf = true;
        var sending = Enumerable.Range(0, MoreThanUnanswered)
            .Select(_ => session.SendAsync(static id => new ListConversations(id, null), CancellationToken.None)).ToList();
        await Eventually.True(() => scene.Hostile.Unread > 0, "requests arrive");
        scene.Hostile.EndSending();

        var unanswered = 0;
        foreach (var request in sending)
            try
            {
                var answer = await request;
                await Assert.ThrowsAsync<NotConnectedException>(() => answer).WaitAsync(TimeSpan.FromSeconds(60));
            }
            catch (NotConnectedException)
            {
                unanswered++;
            }
        Assert.InRange(unanswered, MoreThanUnanswered - 200, MoreThanUnanswered);
    }

    [Fact]
    public async Task A_server_that_stands_still_while_something_is_written_to_it_is_noticed_by_its_silence()
    {
        await using var scene = Scene.Set(world);
        await using var session = Session.Start(await OpenAsync(scene.Bob.Profile), new FastTime(200));
        var sending = await BlockAsync(scene, session);

        Assert.Equal(new LinkEnd.Network("silence"), await session.Ended.WaitAsync(Soon));

        foreach (var request in sending)
            await EndsAsync(request);
    }

    [Fact]
    public async Task A_server_that_pings_and_never_reads_the_answers_is_noticed_by_its_silence()
    {
        await using var scene = Scene.Set(world);
        var session = Session.Start(await OpenAsync(scene.Bob.Profile), new FastTime(200));
        scene.Hostile.IsDeaf = true;
        var pinging = PingAsync(scene.Hostile, session);

        Assert.Equal(new LinkEnd.Network("silence"), await session.Ended.WaitAsync(Soon));

        await session.DisposeAsync();
        await Assert.ThrowsAnyAsync<IOException>(() => pinging);
    }

    [Fact]
    public async Task ER_01_a_link_with_a_write_that_does_not_end_is_closed_after_a_fault_was_found()
    {
        await using var scene = Scene.Set(world);
        var session = Session.Start(await OpenAsync(scene.Bob.Profile), TimeProvider.System);
        var sending = await BlockAsync(scene, session);

        session.Fail(new PeerFaultException(WireCode.BadMessage, "a rule"));
        await session.DisposeAsync().AsTask().WaitAsync(Soon);

        foreach (var request in sending)
            await EndsAsync(request);
    }

    [Fact]
    public async Task ER_01_a_servers_fault_ends_the_link_before_the_alert_is_written()
    {
        await using var scene = Scene.Set(world);
        await using var session = Session.Start(await OpenAsync(scene.Bob.Profile), TimeProvider.System);
        var sending = await BlockAsync(scene, session);

        await scene.Hostile.SayAsync(new Done(1_000_000)); // nobody asked

        Assert.IsType<LinkEnd.ServerFault>(await session.Ended.WaitAsync(Soon));
        foreach (var request in sending)
            await EndsAsync(request);
    }

    [Fact]
    public async Task SE_07_a_client_whose_users_request_is_being_written_to_a_server_that_stands_still_can_be_closed()
    {
        await using var scene = Scene.Set(world);
        var connection = new Connection(scene.Bob.State, new Writing(scene.Bob.State));
        connection.Begin();
        await connection.Synchronised.WaitAsync(Soon);
        var linked = connection.Require();
        var working = linked.Upkeep.InTurnAsync(async () => await Task.WhenAll(await BlockAsync(scene, linked.Session)));
        await Eventually.True(() => scene.Hostile.Unread > 0, "requests are being written");

        await connection.DisposeAsync().AsTask().WaitAsync(Soon);

        await EndsAsync(working);
    }

    private static TimeSpan Soon => TimeSpan.FromSeconds(60);

    // Requests that no reader takes; the first of them fill what there is between the two.
    private static async Task<List<Task<Task<Answer>>>> BlockAsync(Scene scene, Session session)
    {
        scene.Hostile.IsDeaf = true;
        var sending = Enumerable.Range(0, Requests)
            .Select(_ => session.SendAsync(static id => new Submit(id, new Encoded<Entry>(Large)), CancellationToken.None)).ToList();
        await Eventually.True(() => scene.Hostile.Unread > 0, "requests are being written");
        return sending;
    }

    // Until the link ends. The first is written when it is sent; the rest one after the other.
    private static async Task PingAsync(HostileServer server, Session session)
    {
        var pings = Enumerable.Range(0, 1024).Select(static n => new Ping((ulong)n)).ToArray<SessionMessage>();
        while (!session.Ended.IsCompleted)
            await server.SayAsync(pings);
        throw new IOException("the link has ended");
    }

    private static async Task EndsAsync(Task request)
    {
        try
        {
            await request.WaitAsync(Soon);
        }
        catch (NotConnectedException)
        {
            return; // written or not, it has ended
        }
    }

    internal static Task<OpenedLink> OpenAsync(DeviceProfile profile)
    {
        var target = new ServerTarget(profile.Server, TrustAnchor.FromCertificate(profile.Root), new RevocationSet());
        var login = new AccountLogin(profile.Store, profile.Opening, PasswordCost.Least);
        return new LinkOpener(profile.Address, TimeProvider.System, static _ => { }).OpenAsync(
            new ClientIdentity(profile.Chain, profile.Key), target, (steps, choice) => login.LoginAsync(steps, choice, null), CancellationToken.None);
    }
}
