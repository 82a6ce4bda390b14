using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Client.Tests;

/// <summary>A server that says how little it takes of a conversation, true or not, and what its member Alice does meanwhile.</summary>
public sealed class HostileRoomTests(TakenOver world) : IClassFixture<TakenOver>
{
    private static readonly TimeSpan Age = TimeSpan.FromDays(8); // CK-07

    [Fact]
    public async Task SE_10_an_epoch_for_which_others_take_the_room_while_its_keys_are_fetched_is_not_signed()
    {
        await using var scene = Scene.Set(world, static bob => bob.Clock = new MovableClock { Lead = Age });
        scene.Hostile.Clock = static () => DateTimeOffset.UtcNow + Age;
        scene.Hostile.SignHead = SignLater;
        scene.Hostile.Room = new ConversationRoom(500, 4); // two members and an epoch are there
        using var alices = EcPrivateKey.Generate();
        var alice = Prekey.Sign(world.AliceKey, world.AliceDevice, alices.Point, PrekeyKind.OneTime, DateTimeOffset.UtcNow);
        using var bobs = EcPrivateKey.Generate();
        var bob = Prekey.Sign(scene.Bob.Profile.Key, scene.Bob.Profile.DeviceId, bobs.Point, PrekeyKind.OneTime, DateTimeOffset.UtcNow);
        scene.Bob.Profile.Store.Prekeys.Add(bob.Id, PrekeyKind.OneTime, DateTimeOffset.UtcNow, bobs);
        scene.Hostile.PrekeyOf = _ => alice;
        scene.Hostile.Instead = request =>
        {
            if (request is TakePrekeys && !scene.Entries.Exists(IsAlicesSecond))
                LetAliceRenewAsync(scene, [alice, bob]).GetAwaiter().GetResult(); // before the keys are there
            return null;
        };
        await scene.BobConnectsAsync();

        await scene.Bob.SendsAsync(scene.Conversation, "five").WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        lock (scene.Hostile.Submitted)
            Assert.Equal([EntryType.Message], scene.Hostile.Submitted.Select(static entry => entry.Type));
        Assert.Contains(scene.Entries, IsAlicesSecond);
    }

    [Fact]
    public async Task SE_10_who_has_not_the_key_in_force_and_gets_no_other_is_told_what_the_text_waits_for()
    {
        await using var scene = Scene.Set(world);
        scene.Hostile.Room = new ConversationRoom(500, 4);
        var place = Place(scene);
        scene.Entries.Add(new EntryAuthor(world.AliceKey, world.AliceDevice)
            .Epoch(place, DateTimeOffset.UtcNow, Hash32.Sha256("another secret"u8), [SomeCopy(world.AliceDevice), SomeCopy(scene.Bob.Profile.DeviceId)]).Bytes.ToArray());
        await scene.BobConnectsAsync();

        var text = scene.Bob.Client.Send(scene.Conversation, "five");

        await scene.Bob.SeesAsync<ClientEvent.Warned>(w => w.Warning == new SecurityWarning.EpochKept(scene.Conversation, HasKey: false));
        Assert.Null(scene.Bob.Profile.Store.Outbox.Find(text.Value)!.Bytes);
        lock (scene.Hostile.Submitted)
            Assert.Empty(scene.Hostile.Submitted);
        await scene.Bob.Client.RemoveMemberAsync(scene.Conversation, world.Alice, TestContext.Current.CancellationToken); // which brings another one
        await scene.Bob.SeesAsync<ClientEvent.DeliveryChanged>(e => e.Message == text && e.Delivery.IsAccepted);
    }

    private async Task LetAliceRenewAsync(Scene scene, Prekey[] keys)
    {
        Entry epoch;
        lock (scene.Bob.State.Gate)
        {
            using var secret = EpochSecret.Generate();
            var members = MemberPrekeys.Verify(scene.Bob.State.Require(scene.Conversation).Engine.Members, keys, new GoodDevices(scene.Bob.State.Devices, DateTimeOffset.UtcNow));
            epoch = new EntryAuthor(world.AliceKey, world.AliceDevice).Epoch(
                Place(scene), DateTimeOffset.UtcNow, secret.Commitment, secret.SealTo(members, scene.Conversation));
        }
        var from = (ulong)scene.Entries.Count;
        scene.Entries.Add(epoch.Bytes.ToArray());
        var head = SignLater(HostileServer.HeadOf(scene.Conversation, scene.Entries));
        await scene.Hostile.PushAsync(scene.Conversation, from, [epoch.Bytes.ToArray()], head);
        await Eventually.True(() => scene.Bob.Client.Conversation(scene.Conversation).Size > from, "bob holds it");
    }

    private SignedHead SignLater(Head head) => world.Sign(head, DateTimeOffset.UtcNow + Age);

    private AuthorPlace Place(Scene scene) =>
        new(scene.Conversation, world.AliceSeq + 1, HostileServer.HeadOf(scene.Conversation, scene.Entries).Tree);

    private bool IsAlicesSecond(byte[] bytes) =>
        Entry.Parse(bytes) is { Type: EntryType.Epoch } epoch && epoch.Author == world.AliceDevice && epoch.Seq == world.AliceSeq + 1;

    private static SealedCopy SomeCopy(DeviceId device)
    {
        using var key = EcPrivateKey.Generate();
        return new SealedCopy(device, new PrekeyId(device.Value), HpkeSealed.Parse(key.Point.Span, new byte[SealedCopy.CiphertextSize]));
    }
}
