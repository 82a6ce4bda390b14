using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Client.Tests;

/// <summary>A server that reads nothing more and ends its side of the link.</summary>
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

    private static Task<OpenedLink> OpenAsync(DeviceProfile profile)
    {
        var target = new ServerTarget(profile.Server, TrustAnchor.FromCertificate(profile.Root), new RevocationSet());
        var login = new AccountLogin(profile.Store, profile.Opening, PasswordCost.Least);
        return new LinkOpener(profile.Address, TimeProvider.System, static _ => { }).OpenAsync(
            new ClientIdentity(profile.Chain, profile.Key), target, (steps, choice) => login.LoginAsync(steps, choice, null), CancellationToken.None);
    }
}
