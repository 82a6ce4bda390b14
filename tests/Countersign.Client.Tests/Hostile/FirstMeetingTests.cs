using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Client.Tests;

/// <summary>Which devices of somebody else are a reason to warn: those that came after the first meeting, in however many pieces that came.</summary>
public sealed class FirstMeetingTests(TakenOver world) : IClassFixture<TakenOver>
{
    [Fact]
    public async Task Devices_that_a_transcript_names_on_several_pages_are_met_together_and_a_later_one_is_warned_of()
    {
        await using var scene = Scene.Set(world);
        using var erin = new FoundingAuthor(scene, world, "erin-paged", TimeSpan.FromDays(1));
        var id = erin.Founds(scene, DateTimeOffset.UtcNow);
        var (second, third) = (Minted(scene, erin, "erin's second"), Minted(scene, erin, "erin's third"));
        scene.Hostile.Transcripts[id].Add(erin.Entries.Members(erin.Next(id), DateTimeOffset.UtcNow, [second], []).Bytes.ToArray());
        scene.Hostile.Instead = request => request is Fetch { From: 0 } ask && ask.Conversation == id
            ? new Fetched(ask.Id, id, 0, new[] { new Encoded<Entry>(scene.Hostile.Transcripts[id][0]) }.ToEquatableList(), null)
            : null;

        await scene.BobConnectsAsync();

        Assert.Equal(2, scene.Bob.Client.Safety(erin.User).Devices.Count);
        Assert.DoesNotContain(scene.Bob.Events<ClientEvent.Warned>(), w => w.Warning is SecurityWarning.DeviceAppeared);
        await Eventually.True(() => scene.Bob.Client.Members(id).Any(m => m.Device == scene.Bob.Profile.DeviceId && m.HasJoined), "bob has joined");
        var head = HostileServer.HeadOf(id, scene.Hostile.Transcripts[id]);
        scene.Hostile.Transcripts[id].Add(erin.Entries.Members(new AuthorPlace(id, 3, head.Tree), DateTimeOffset.UtcNow, [third], []).Bytes.ToArray());
        scene.Hostile.Hang();
        await scene.Bob.SeesAsync<ClientEvent.Warned>(w => w.Warning == new SecurityWarning.DeviceAppeared(erin.User, third.Device));
        Assert.False(scene.Bob.Client.Safety(erin.User).Devices.Single(d => d.Device == third.Device).IsConfirmed);
    }

    [Fact]
    public async Task A_meeting_that_breaks_off_between_two_questions_warns_of_nobody()
    {
        await using var scene = Scene.Set(world);
        using var erin = new FoundingAuthor(scene, world, "erin-broken-off", TimeSpan.FromDays(1));
        var id = erin.Founds(scene, DateTimeOffset.UtcNow);
        Member[] others = [.. Enumerable.Range(0, 75).Select(i => Minted(scene, i < 15 ? erin.User : UserName.Parse($"one-of-many-{i / 15}"), "many")).OrderBy(m => m.Device)];
        scene.Hostile.Transcripts[id].Add(erin.Entries.Members(erin.Next(id), DateTimeOffset.UtcNow, others, []).Bytes.ToArray());
        var asked = 0;
        scene.Hostile.Instead = request => request is GetCertificates && Interlocked.Increment(ref asked) == 2 ? new Refused(request.Id, WireCode.Busy) : null;

        scene.Bob.Client.Reconnect();

        await Eventually.True(() => scene.Bob.Has(id) && scene.Bob.Client.Safety(erin.User).Devices.Count == 16, "all are met");
        Assert.True(asked > 2);
        Assert.DoesNotContain(scene.Bob.Events<ClientEvent.Warned>(), w => w.Warning is SecurityWarning.DeviceAppeared);
    }

    private static Member Minted(Scene scene, UserName user, string key) =>
        new(user, new DeviceId(scene.Hostile.Mint(user, key).Chain.Leaf.Fingerprint));

    private static Member Minted(Scene scene, FoundingAuthor erin, string key) =>
        new(erin.User, new DeviceId(scene.Hostile.Mint(erin.User, key).Chain.Leaf.Fingerprint));
}
