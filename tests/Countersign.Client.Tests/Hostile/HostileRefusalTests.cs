using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Client.Tests;

/// <summary>A server that cannot answer a question that its own entries raise, as an honest one whose store does not answer: nothing of
/// them is lost, and the client goes on.</summary>
public sealed class HostileRefusalTests(TakenOver world) : IClassFixture<TakenOver>
{
    [Fact]
    public async Task SE_04_a_new_conversation_whose_author_cannot_be_asked_for_comes_later()
    {
        await using var scene = Scene.Set(world);
        await scene.BobConnectsAsync();
        var (key, chain) = scene.Hostile.Mint(UserName.Parse("carol"), "carol");
        var carol = new Member(UserName.Parse("carol"), new DeviceId(chain.Leaf.Fingerprint));
        var genesis = new EntryAuthor(key, carol.Device).Genesis(
            "#new", [carol, new Member(scene.Bob.Name, scene.Bob.Profile.DeviceId)], DateTimeOffset.UtcNow);
        var refused = RefuseOnce<GetCertificates>(scene);
        scene.Hostile.Transcripts[genesis.Conversation] = [genesis.Bytes.ToArray()];

        await PushAsync(scene, genesis.Conversation, from: 0);

        await scene.Bob.SeesAsync<ClientEvent.ConversationAdded>(e => e.Conversation == genesis.Conversation);
        await refused;
        Assert.IsType<ConnectionState.Online>(scene.Bob.Client.State);
    }

    [Fact]
    public async Task SE_04_an_entry_that_names_who_cannot_be_asked_for_comes_later()
    {
        await using var scene = Scene.Set(world);
        await scene.BobConnectsAsync();
        var (_, chain) = scene.Hostile.Mint(UserName.Parse("carol"), "carol");
        var refused = RefuseOnce<GetCertificates>(scene);
        AliceAdds(scene, new Member(UserName.Parse("carol"), new DeviceId(chain.Leaf.Fingerprint)));

        await PushAsync(scene, scene.Conversation, (ulong)scene.Entries.Count - 1);

        await BobHoldsAllAsync(scene);
        await refused;
    }

    [Fact]
    public async Task SE_04_a_gap_that_cannot_be_fetched_is_fetched_later()
    {
        await using var scene = Scene.Set(world);
        await scene.BobConnectsAsync();
        var (_, chain) = scene.Hostile.Mint(UserName.Parse("carol"), "carol");
        var refused = RefuseOnce<Fetch>(scene);
        AliceAdds(scene, new Member(UserName.Parse("carol"), new DeviceId(chain.Leaf.Fingerprint)));

        await PushAsync(scene, scene.Conversation, (ulong)scene.Entries.Count); // without the entry

        await BobHoldsAllAsync(scene);
        await refused;
    }

    [Fact]
    public async Task SE_02_what_cannot_be_fetched_when_the_link_begins_is_fetched_later()
    {
        await using var scene = Scene.Set(world);
        var refused = RefuseOnce<Fetch>(scene);

        await scene.BobConnectsAsync();

        await BobHoldsAllAsync(scene);
        await refused;
    }

    /// <returns>Completes when the question was asked and refused.</returns>
    private static Task RefuseOnce<T>(Scene scene) where T : Request
    {
        var refused = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        scene.Hostile.Instead = request => request is T && refused.TrySetResult() ? new Refused(request.Id, WireCode.Busy) : null;
        return refused.Task;
    }

    private void AliceAdds(Scene scene, Member added)
    {
        var seen = HostileServer.HeadOf(scene.Conversation, scene.Entries).Tree;
        var place = new AuthorPlace(scene.Conversation, world.AliceSeq + 1, seen);
        scene.Entries.Add(new EntryAuthor(world.AliceKey, world.AliceDevice).Members(place, DateTimeOffset.UtcNow, [added], []).Bytes.ToArray());
    }

    private static Task PushAsync(Scene scene, ConversationId conversation, ulong from)
    {
        var all = scene.Hostile.Transcripts[conversation];
        return scene.Hostile.PushAsync(conversation, from, all.Skip((int)from), scene.Hostile.Sign(HostileServer.HeadOf(conversation, all)));
    }

    private static async Task BobHoldsAllAsync(Scene scene)
    {
        await Eventually.True(() => scene.Bob.Client.Conversation(scene.Conversation).Size >= (ulong)scene.Entries.Count, "Bob holds all");
        Assert.IsType<ConversationTrust.Verified>(scene.Bob.Client.Conversation(scene.Conversation).Trust);
        Assert.IsType<ConnectionState.Online>(scene.Bob.Client.State);
    }
}
