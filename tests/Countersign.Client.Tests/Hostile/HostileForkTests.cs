using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Client.Tests;

/// <summary>A28: a client to which the server has shown one history comes back and is shown another, longer or shorter one. It asks for
/// the whole of it, and what the server signs then contradicts what it signed before (RC-07).</summary>
public sealed class HostileForkTests(TakenOver world) : IClassFixture<TakenOver>
{
    [Fact]
    public async Task A28_RC_07_a_longer_history_that_forked_before_is_proved()
    {
        await using var scene = Scene.Set(world);
        Fork(scene);
        var head = HostileServer.HeadOf(scene.Conversation, scene.Entries);
        scene.Entries.Add(Next(head)); // Alice lives in the other history, and signs what she sees
        await scene.BobConnectsAsync();
        await HostileHeadTests.BobProvesAsync(scene, "EN-09");
    }

    [Fact]
    public async Task A28_RC_07_a_longer_history_whose_new_entries_fit_both_is_proved()
    {
        await using var scene = Scene.Set(world);
        var fork = scene.Entries[(int)world.Held..];
        Fork(scene);
        scene.Entries.AddRange(fork);
        await scene.BobConnectsAsync();
        await HostileHeadTests.BobProvesAsync(scene);
    }

    [Fact]
    public async Task A28_RC_07_a_shorter_history_that_forked_before_is_proved()
    {
        await using var scene = Scene.Set(world);
        Fork(scene);
        scene.Entries.RemoveRange(2, scene.Entries.Count - 2);
        scene.Entries[1] = Next(HostileServer.HeadOf(scene.Conversation, scene.Entries[..1]));
        await scene.BobConnectsAsync();
        await HostileHeadTests.BobProvesAsync(scene, "TR-02");
    }

    [Fact]
    public async Task A28_RC_07_a_pushed_entry_of_another_history_is_proved()
    {
        await using var scene = Scene.Set(world);
        scene.Entries.RemoveRange((int)world.Held, 2);
        await scene.BobConnectsAsync();
        Fork(scene);
        scene.Entries.Add(Next(HostileServer.HeadOf(scene.Conversation, scene.Entries)));
        await scene.Hostile.PushAsync(scene.Conversation, world.Held, scene.Entries[^1..], scene.Hostile.Sign(HostileServer.HeadOf(scene.Conversation, scene.Entries)));
        await HostileHeadTests.BobProvesAsync(scene, "EN-09");
    }

    [Fact]
    public async Task RC_07_a_history_that_is_only_shorter_or_broken_accuses_nobody()
    {
        await using var scene = Scene.Set(world);
        scene.Entries.RemoveRange((int)world.Held - 1, scene.Entries.Count - (int)world.Held + 1);
        await scene.BobConnectsAsync();
        await scene.BobDistrustsAsync("TR-02");
        Assert.True(scene.Bob.State.Require(scene.Conversation).IsInquired);
        Assert.Empty(scene.Bob.Profile.Store.Misconduct.Of(scene.Conversation));
    }

    // The last entry that Bob holds is another one here; what was after it is gone.
    private void Fork(Scene scene)
    {
        var size = (int)world.Held - 1;
        scene.Entries.RemoveRange(size, scene.Entries.Count - size);
        scene.Entries.Add(Next(HostileServer.HeadOf(scene.Conversation, scene.Entries)));
    }

    private byte[] Next(Head head) => new EntryAuthor(world.AliceKey, world.AliceDevice)
        .Message(new AuthorPlace(world.Conversation, world.AliceSeq - 1, head.Tree), DateTimeOffset.UtcNow, world.Epoch, Hash32.Sha256("unread"u8))
        .Sign(new byte[80]).Bytes.ToArray();
}
