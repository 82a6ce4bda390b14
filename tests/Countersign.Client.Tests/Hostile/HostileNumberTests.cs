using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Client.Tests;

/// <summary>Numbers and times that the grammar allows and no honest server says: each is judged, and the link goes on.</summary>
public sealed class HostileNumberTests(TakenOver world) : IClassFixture<TakenOver>
{
    private const ulong MoreThanAStoreHolds = 1UL << 63;

    [Fact]
    public async Task EN_06_EN_18_a_forged_entry_with_a_number_that_no_store_holds_ends_the_trust_and_not_the_link()
    {
        await using var scene = Scene.Set(world);
        await scene.BobConnectsAsync();
        var (key, _) = scene.Hostile.Mint(world.Alice, "number forger");
        var four = Entry.Parse(scene.Entries[^1]);
        var forged = new EntryAuthor(key, world.AliceDevice)
            .Message(new AuthorPlace(scene.Conversation, MoreThanAStoreHolds, four.Seen), four.Time, world.Epoch, Hash32.Sha256("x"u8)).Sign(new byte[80]);

        await scene.Hostile.PushAsync(scene.Conversation, (ulong)scene.Entries.Count, [forged.Bytes.ToArray()], scene.Hostile.Sign(
            HostileServer.HeadOf(scene.Conversation, [.. scene.Entries, forged.Bytes.ToArray()])));

        await scene.BobDistrustsAsync("EN-06");
        Assert.Empty(scene.Bob.Profile.Store.Misconduct.List());
        await TheLinkGoesOnAsync(scene);
    }

    [Theory]
    [InlineData(MoreThanAStoreHolds)]
    [InlineData(ulong.MaxValue)]
    public async Task TS_09_a_stamped_head_over_more_than_a_store_holds_ends_the_trust_and_not_the_link(ulong size)
    {
        await using var scene = Scene.Set(world);
        await scene.BobConnectsAsync();

        await scene.Hostile.PushAsync(new PushStamp(new Encoded<StampedHead>(world.Stamped(scene.Hostile, size))));

        await scene.BobDistrustsAsync("TR-02");
        await TheLinkGoesOnAsync(scene);
    }

    [Fact]
    public async Task TS_09_a_stamped_head_over_more_than_is_held_settles_nothing()
    {
        await using var scene = Scene.Set(world);
        scene.Hostile.StampsHeld.Add(world.Stamped(scene.Hostile, 1_000_000));

        await scene.BobConnectsAsync();

        await scene.BobDistrustsAsync("TR-02");
        Assert.Equal(0UL, scene.Bob.Profile.Store.Stamps.Settled(scene.Conversation));
    }

    [Fact]
    public async Task EN_08_a_server_whose_clock_says_the_last_moment_there_is_is_told_of_and_served()
    {
        await using var scene = Scene.Set(world);
        scene.Hostile.Clock = static () => DateTimeOffset.MaxValue;
        await scene.BobConnectsAsync();
        var warned = await scene.Bob.SeesAsync<ClientEvent.Warned>(e => e.Warning is SecurityWarning.ClockDiffers);
        Assert.True(((SecurityWarning.ClockDiffers)warned.Warning).Lead < TimeSpan.FromDays(-365));
        await TheLinkGoesOnAsync(scene);
    }

    [Fact]
    public async Task EN_20_a_head_of_the_last_moment_there_is_is_judged_and_the_link_goes_on()
    {
        await using var scene = Scene.Set(world);
        scene.Hostile.SignHead = head => world.Sign(head, DateTimeOffset.FromUnixTimeMilliseconds(253402300799999));
        using var erin = new FoundingAuthor(scene, world, "erin-last-moment", TimeSpan.FromDays(1));
        var id = erin.Founds(scene, DateTimeOffset.UtcNow);
        scene.Hostile.Transcripts[id].Add(erin.Entries.Close(erin.Next(id), DateTimeOffset.UtcNow).Bytes.ToArray()); // so that nothing comes after that moment

        scene.Bob.Client.Reconnect();

        await Eventually.True(() => scene.Bob.Has(id) && scene.Bob.Client.Conversation(id).IsClosed, "both entries are taken");
        Assert.IsType<ConversationTrust.Verified>(scene.Bob.Client.Conversation(id).Trust);
        await TheLinkGoesOnAsync(scene);
    }

    [Fact]
    public async Task EN_20_entries_without_a_head_from_a_server_whose_clock_says_the_last_moment_are_judged_and_the_link_goes_on()
    {
        await using var scene = Scene.Set(world);
        scene.Hostile.Clock = static () => DateTimeOffset.MaxValue;
        using var erin = new FoundingAuthor(scene, world, "erin-no-head", TimeSpan.FromDays(1));
        var id = erin.Founds(scene, DateTimeOffset.UtcNow);
        scene.Hostile.Transcripts[id].Add(erin.Entries.Close(erin.Next(id), DateTimeOffset.UtcNow).Bytes.ToArray());
        scene.Hostile.Instead = request => request is Fetch { From: 0 } ask && ask.Conversation == id
            ? new Fetched(ask.Id, id, 0, new[] { new Encoded<Entry>(scene.Hostile.Transcripts[id][0]) }.ToEquatableList(), null)
            : null;

        scene.Bob.Client.Reconnect();

        await Eventually.True(() => scene.Bob.Has(id) && scene.Bob.Client.Conversation(id).IsClosed, "both entries are taken");
        Assert.IsType<ConversationTrust.Verified>(scene.Bob.Client.Conversation(id).Trust);
        await TheLinkGoesOnAsync(scene);
    }

    // Pushes are handled in order: this one after those before it.
    private static async Task TheLinkGoesOnAsync(Scene scene)
    {
        var other = new ConversationId(Hash32.Sha256("another conversation"u8));
        await scene.Hostile.PushAsync(other, 0, scene.Entries[..1], scene.Hostile.Sign(HostileServer.HeadOf(other, scene.Entries.Take(1))));
        await Eventually.True(() => scene.Bob.Has(other), "what is pushed then is handled");
        Assert.DoesNotContain(scene.Bob.Events<ClientEvent.ConnectionChanged>(), e => e.State is ConnectionState.Waiting);
    }
}
