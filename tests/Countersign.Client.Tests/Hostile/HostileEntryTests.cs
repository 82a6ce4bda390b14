using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Client.Tests;

/// <summary>Members that contradict themselves, and a server that passes it on (RC-08); erasures that nobody signed (EN-19).</summary>
public sealed class HostileEntryTests(TakenOver world) : IClassFixture<TakenOver>
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A28_RC_08_two_entries_of_a_member_for_one_place_are_proved(bool instead)
    {
        await using var scene = Scene.Set(world);
        await scene.BobConnectsAsync();
        var four = Entry.Parse(scene.Entries[^1]);
        var other = Rewritten(four);
        var position = (ulong)(instead ? scene.Entries.Count - 1 : scene.Entries.Count);
        var head = HostileServer.HeadOf(scene.Conversation, [.. scene.Entries.Take((int)position), other.Bytes.ToArray()]);

        await scene.Hostile.PushAsync(scene.Conversation, position, [other.Bytes.ToArray()], scene.Hostile.Sign(head));

        await scene.BobDistrustsAsync(instead ? "TR-02" : "EN-07");
        var warned = await scene.Bob.SeesAsync<ClientEvent.Warned>(e => e.Warning is SecurityWarning.MemberMisconduct);
        var warning = (SecurityWarning.MemberMisconduct)warned.Warning;
        Assert.Equal(world.Alice, warning.User);
        using var file = File.OpenRead(warning.File);
        var proof = Assert.IsType<ContradictingEntries>(MisconductVerdict.Judge(file, TrustAnchor.FromCertificate(scene.Bob.Profile.Root)).Proof);
        Assert.Equal([four.Hash, other.Hash], [proof.First.Entry.Hash, proof.Second.Entry.Hash]);
        Assert.Equal(["one", "two", "three", "four"], scene.Bob.Texts(scene.Conversation)); // what was there stays
    }

    [Fact]
    public async Task RC_08_a_forged_second_entry_accuses_nobody()
    {
        await using var scene = Scene.Set(world);
        await scene.BobConnectsAsync();
        var (key, _) = scene.Hostile.Mint(world.Alice, "accuser");
        var four = Entry.Parse(scene.Entries[^1]);
        var other = new EntryAuthor(key, world.AliceDevice)
            .Message(new AuthorPlace(scene.Conversation, four.Seq, four.Seen), four.Time, world.Epoch, Hash32.Sha256("x"u8)).Sign(new byte[80]);
        await scene.Hostile.PushAsync(scene.Conversation, (ulong)scene.Entries.Count, [other.Bytes.ToArray()], scene.Hostile.Sign(
            HostileServer.HeadOf(scene.Conversation, [.. scene.Entries, other.Bytes.ToArray()])));
        await scene.BobDistrustsAsync("EN-06");
        Assert.Empty(scene.Bob.Profile.Store.Misconduct.List());
    }

    [Fact]
    public async Task EN_19_EN_06_an_erasure_that_its_author_did_not_sign_destroys_nothing()
    {
        await using var scene = Scene.Set(world);
        await scene.BobConnectsAsync();
        var (key, _) = scene.Hostile.Mint(world.Alice, "eraser");
        var three = Entry.Parse(scene.Entries[(int)world.Held]);
        await PushEraseAsync(scene, new EntryAuthor(key, world.AliceDevice), new ErasedEntry(three.Seq, three.Hash));
        await scene.BobDistrustsAsync("EN-06");
        await BobStillReadsAsync(scene, world.Held);
    }

    [Fact]
    public async Task EN_19_a_member_cannot_erase_what_another_one_wrote()
    {
        await using var scene = Scene.Set(world);
        await scene.BobConnectsAsync();
        var two = Entry.Parse(scene.Entries[(int)world.Held - 1]);
        Assert.Equal(scene.Bob.Profile.DeviceId, two.Author);
        await PushEraseAsync(scene, new EntryAuthor(world.AliceKey, world.AliceDevice), new ErasedEntry(two.Seq, two.Hash));
        await scene.BobDistrustsAsync("EN-19");
        await BobStillReadsAsync(scene, world.Held - 1);
    }

    private async Task PushEraseAsync(Scene scene, EntryAuthor author, ErasedEntry named)
    {
        var head = HostileServer.HeadOf(scene.Conversation, scene.Entries);
        var erase = author.Erase(new AuthorPlace(scene.Conversation, world.AliceSeq + 1, head.Tree), DateTimeOffset.UtcNow, [named]).Bytes.ToArray();
        await scene.Hostile.PushAsync(scene.Conversation, head.Size, [erase], scene.Hostile.Sign(
            HostileServer.HeadOf(scene.Conversation, [.. scene.Entries, erase])));
    }

    private static async Task BobStillReadsAsync(Scene scene, ulong position)
    {
        using (var key = scene.Bob.Profile.Store.MessageKeys.Find(scene.Conversation, position))
            Assert.NotNull(key);
        await scene.Bob.ReadsAsync(scene.Conversation, "one", "two", "three", "four");
    }

    private Entry Rewritten(Entry four) => new EntryAuthor(world.AliceKey, world.AliceDevice)
        .Message(new AuthorPlace(four.Conversation!, four.Seq, four.Seen), four.Time, world.Epoch, Hash32.Sha256("another key"u8)).Sign(new byte[80]);
}
