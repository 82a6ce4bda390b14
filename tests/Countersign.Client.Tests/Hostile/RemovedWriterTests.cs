using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Client.Tests;

/// <summary>What a device has written, and could not sign yet, when it is removed.</summary>
public sealed class RemovedWriterTests(TakenOver world) : IClassFixture<TakenOver>
{
    [Fact]
    public async Task EN_17_a_text_for_which_there_was_no_key_waits_while_its_writer_is_no_member_and_is_queued_again_afterwards()
    {
        await using var scene = Scene.Set(world);
        await scene.BobConnectsAsync();
        var bob = new Member(scene.Bob.Name, scene.Bob.Profile.DeviceId);
        var (_, chain) = scene.Hostile.Mint(UserName.Parse("carol"), "carol");
        await AliceChangesAsync(scene, 1, [new Member(UserName.Parse("carol"), new DeviceId(chain.Leaf.Fingerprint))], []); // and this server gives out no prekeys
        var message = scene.Bob.Client.Send(scene.Conversation, "not signed");
        await AliceChangesAsync(scene, 2, [], [bob.Device]);
        await scene.Bob.SeesAsync<ClientEvent.DeliveryChanged>(e => e.Message == message && e.Delivery == new Delivery(DeliveryWord.Waiting, Failure: WireCode.NotMember));

        await AliceChangesAsync(scene, 3, [bob], []);

        await Eventually.True(
            () => scene.Bob.Events<ClientEvent.DeliveryChanged>().Count(e => e.Message == message && e.Delivery.Word == DeliveryWord.Queued) == 2, "it is queued again");
        lock (scene.Bob.State.Gate)
            Assert.Null(scene.Bob.State.Store.Outbox.Find(message.Value)!.Failed);
    }

    private async Task AliceChangesAsync(Scene scene, ulong number, Member[] added, DeviceId[] removed)
    {
        var place = new AuthorPlace(scene.Conversation, world.AliceSeq + number, HostileServer.HeadOf(scene.Conversation, scene.Entries).Tree);
        scene.Entries.Add(new EntryAuthor(world.AliceKey, world.AliceDevice).Members(place, DateTimeOffset.UtcNow, added, removed).Bytes.ToArray());
        var size = (ulong)scene.Entries.Count;
        await scene.Hostile.PushAsync(scene.Conversation, size - 1, scene.Entries[^1..], scene.Hostile.Sign(HostileServer.HeadOf(scene.Conversation, scene.Entries)));
        await Eventually.True(() => scene.Bob.Client.Conversation(scene.Conversation).Size >= size, "Bob holds it");
    }
}
