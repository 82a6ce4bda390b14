using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Client.Tests;

/// <summary>A server that pushes faster than anything can be verified.</summary>
public sealed class HostilePushTests(TakenOver world) : IClassFixture<TakenOver>
{
    private const int Pushes = 400; // of 240 kB: more than the bytes that may wait, and far fewer than the pushes that may
    private static readonly byte[] Large = new byte[120_000];

    [Fact]
    public async Task SE_04_pushes_that_wait_are_bounded_in_bytes_too()
    {
        await using var scene = Scene.Set(world);
        await using var session = Session.Start(await HostileSilenceTests.OpenAsync(scene.Bob.Profile), TimeProvider.System);
        var reader = session.Pushes.ReadAllAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        var large = new Encoded<Entry>(Large);
        var head = scene.Hostile.Sign(new Head(scene.Conversation, 1, Hash32.Sha256("a head"u8)));
        var push = new PushEntries(scene.Conversation, 0, new[] { large, large }.ToEquatableList(), head);
        for (var i = 0; i < Pushes; i++)
        {
            await scene.Hostile.PushAsync(push);
            Assert.True(await reader.MoveNextAsync()); // what is read makes room
        }
        Assert.False(session.Ended.IsCompleted);

        for (var i = 0; i < Pushes && !session.Ended.IsCompleted; i++)
            await Task.WhenAny(scene.Hostile.PushAsync(push), session.Ended); // nobody reads any more what is sent to a link that has ended
        Assert.Equal(new LinkEnd.Network("more pushes than this client can take"), await session.Ended.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public async Task SE_09_lists_are_taken_before_what_comes_after_them_is_known()
    {
        await using var scene = Scene.Set(world);
        var taken = new List<PushCrls>();
        await using var session = Session.Start(await HostileSilenceTests.OpenAsync(scene.Bob.Profile), TimeProvider.System, (pushed, _) => taken.Add(pushed));
        scene.Hostile.Instead = static request => new Done(request.Id);
        for (var i = 1; i <= 20; i++)
        {
            await scene.Hostile.PushAsync(new PushCrls(session.Welcome.Crls));
            await session.AskAsync<Done>(id => new FindUser(id, scene.Bob.Name), TestContext.Current.CancellationToken);
            Assert.Equal(i, taken.Count);
        }
    }
}
