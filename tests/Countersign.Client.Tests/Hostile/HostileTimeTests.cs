using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Client.Tests;

/// <summary>EN-20: when the certificates of entries are judged that others accepted long ago. The conversations are founded by somebody whose
/// certificate is not good any more when Bob hears of them.</summary>
public sealed class HostileTimeTests(TakenOver world) : IClassFixture<TakenOver>
{
    [Theory]
    [InlineData(0)] // 1970: a machine whose clock forgets the time
    [InlineData(-1)]
    public async Task EN_20_an_entry_with_a_ts_long_before_its_certificate_is_taken_after_that_has_run_out(int ts)
    {
        await using var scene = Scene.Set(world);
        using var erin = new FoundingAuthor(scene, world, "erin-old", TimeSpan.FromSeconds(1));
        await Eventually.True(() => DateTimeOffset.UtcNow > erin.Certificate.NotAfter.AddSeconds(1), "the certificate has run out");
        var written = ts < 0 ? erin.Certificate.NotBefore.AddDays(-2) : DateTimeOffset.UnixEpoch.AddSeconds(ts);
        var id = erin.Founds(scene, written);

        await scene.BobConnectsAsync();

        Assert.IsType<ConversationTrust.Verified>(scene.Bob.Client.Conversation(id).Trust);
        Assert.True(scene.Bob.Client.Conversation(id).IsMember);
    }

    [Theory]
    [InlineData(0, true)] // who judges cannot know that it is false: SUSPECT_SINCE (BU-19)
    [InlineData(5, false)] // the head held before it was signed long after the revocation
    public async Task EN_20_a_stolen_revoked_key_dates_nothing_back_behind_a_head_that_was_there(int minutes, bool isTaken)
    {
        await using var scene = Scene.Set(world);
        scene.Hostile.SignHead = head => world.Sign(head, DateTimeOffset.UtcNow.AddMinutes(minutes));
        using var erin = new FoundingAuthor(scene, world, "erin-stolen" + minutes, TimeSpan.FromDays(1));
        var before = DateTimeOffset.UtcNow.AddMinutes(-10);
        var id = erin.Founds(scene, before);
        world.Taken.Files.Authority.Revoke(erin.Certificate, new RevocationGrounds(RevocationReason.KeyCompromise, null));
        await scene.BobConnectsAsync();
        Assert.IsType<ConversationTrust.Verified>(scene.Bob.Client.Conversation(id).Trust); // what it wrote before is there

        scene.Hostile.Transcripts[id].Add(erin.Entries.Close(erin.Next(id), before).Bytes.ToArray());
        scene.Bob.Client.Reconnect();
        scene.Hostile.Hang();

        await Eventually.True(() => scene.Bob.Client.Conversation(id) is { IsClosed: true } or { Trust: ConversationTrust.Distrusted }, "it is judged");
        Assert.Equal(isTaken, scene.Bob.Client.Conversation(id).IsClosed);
        if (!isTaken)
            Assert.Equal(new ConversationTrust.Distrusted("EN-05"), scene.Bob.Client.Conversation(id).Trust);
    }

    [Fact]
    public async Task EN_18_pages_without_a_head_are_judged_by_the_newest_one_and_not_by_a_clock_that_was_set_back()
    {
        await using var scene = Scene.Set(world);
        scene.Hostile.Clock = static () => DateTimeOffset.UtcNow.AddDays(-3);
        scene.Hostile.Instead = request => request is Fetch ask ? scene.Hostile.OneEntry(ask) : null;

        await scene.BobConnectsAsync();

        Assert.IsType<ConversationTrust.Verified>(scene.Bob.Client.Conversation(scene.Conversation).Trust);
        await scene.Bob.ReadsAsync(scene.Conversation, "one", "two", "three", "four");
    }

    [Theory]
    [InlineData(175, true)]
    [InlineData(190, false)]
    public async Task EN_18_RC_10_a_head_may_be_a_minute_earlier_than_the_moment_at_which_its_entry_was_accepted(int lead, bool isTaken)
    {
        await using var scene = Scene.Set(world);
        using var erin = new FoundingAuthor(scene, world, "erin-ahead" + lead, TimeSpan.FromDays(1));
        var now = DateTimeOffset.UtcNow;
        var id = erin.Founds(scene, now.AddSeconds(lead));
        scene.Hostile.SignHead = head => world.Sign(head, now);

        await scene.BobConnectsAsync();

        Assert.Equal(isTaken ? new ConversationTrust.Verified() : new ConversationTrust.Distrusted("EN-08"), scene.Bob.Client.Conversation(id).Trust);
    }

    [Fact]
    public async Task EN_20_RC_09_a_head_signed_again_for_a_removed_device_makes_no_later_entry_late()
    {
        await using var scene = Scene.Set(world);
        using var erin = new FoundingAuthor(scene, world, "erin-remover", TimeSpan.FromDays(1));
        var before = DateTimeOffset.UtcNow.AddMinutes(-10);
        var id = erin.Founds(scene, before);
        await scene.BobConnectsAsync();
        var bob = new Member(scene.Bob.Name, scene.Bob.Profile.DeviceId);
        await Eventually.True(() => scene.Bob.Client.Members(id).Any(m => m.Device == bob.Device && m.HasJoined), "bob has joined");
        scene.Hostile.Transcripts[id].Add(erin.Entries.Members(erin.Next(id), before, [], [bob.Device]).Bytes.ToArray());
        scene.Hostile.SignHead = head => world.Sign(head, DateTimeOffset.UtcNow.AddMinutes(5));
        scene.Hostile.Hang();
        await Eventually.True(() => !scene.Bob.Client.Conversation(id).IsMember, "bob is removed");

        var removed = HostileServer.HeadOf(id, scene.Hostile.Transcripts[id]);
        scene.Hostile.Transcripts[id].Add(erin.Entries.Members(new AuthorPlace(id, 3, removed.Tree), before, [bob], []).Bytes.ToArray());
        world.Taken.Files.Authority.Revoke(erin.Certificate, new RevocationGrounds(RevocationReason.KeyCompromise, null));
        scene.Hostile.Hang();

        await Eventually.True(() => scene.Bob.Client.Conversation(id) is { IsMember: true } or { Trust: ConversationTrust.Distrusted }, "it is judged");
        Assert.IsType<ConversationTrust.Verified>(scene.Bob.Client.Conversation(id).Trust);
    }
}
