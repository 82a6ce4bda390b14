using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Client.Tests;

/// <summary>A27, A28: keys that are swapped, do not open or are not the committed ones; keys that are destroyed.</summary>
public sealed class HostileKeyTests(TakenOver world) : IClassFixture<TakenOver>
{
    [Fact]
    public async Task A28_CK_05_nothing_is_sealed_to_a_swapped_prekey()
    {
        await using var scene = Scene.Set(world);
        var (key, _) = scene.Hostile.Mint(world.Alice, "swapper");
        using var point = EcPrivateKey.Generate();
        scene.Hostile.PrekeyOf = _ => Prekey.Sign(key, world.AliceDevice, point.Point, PrekeyKind.OneTime, DateTimeOffset.UtcNow); // names her, is not hers
        await scene.BobConnectsAsync();

        var trap = await scene.Bob.Client.StartGroupAsync("#trap", [world.Alice], TestContext.Current.CancellationToken);
        var waiting = scene.Bob.Client.Send(trap, "for alice alone");

        await scene.Bob.SeesAsync<ClientEvent.Warned>(e => e.Warning is SecurityWarning.PrekeyRefused);
        lock (scene.Hostile.Submitted)
            Assert.DoesNotContain(scene.Hostile.Submitted, entry => entry.Type is EntryType.Epoch or EntryType.Message);
        Assert.Equal(DeliveryWord.Queued, (await scene.Bob.Client.WaitForAsync(trap, waiting, DeliveryWord.Queued)).Word);
    }

    [Fact]
    public async Task A27_CK_02_a_message_under_another_key_than_its_commitment_is_unreadable_and_marks_the_conversation()
    {
        await using var scene = Scene.Set(world);
        var head = HostileServer.HeadOf(scene.Conversation, scene.Entries);
        var position = (ulong)scene.Entries.Count;
        var place = new AuthorPlace(scene.Conversation, world.AliceSeq + 1, head.Tree); // alice herself is dishonest here
        scene.Entries.Add(new EntryAuthor(world.AliceKey, world.AliceDevice)
            .Message(place, DateTimeOffset.UtcNow, world.Epoch, Hash32.Sha256("no key has this"u8)).Sign(new byte[80]).Bytes.ToArray());

        await scene.BobConnectsAsync();

        Assert.Equal([position], Assert.IsType<ConversationTrust.Marked>(scene.Bob.Client.Conversation(scene.Conversation).Trust).Positions);
        var line = Assert.IsType<TranscriptLine.Message>(scene.Bob.Client.History(scene.Conversation).Last());
        Assert.Equal((null, UnreadableReason.DoesNotOpen), (line.Text, line.Unreadable));
        await scene.Bob.SeesAsync<ClientEvent.Warned>(e => e.Warning == new SecurityWarning.EntryUnreadable(scene.Conversation, position, "CK-02"));
        await scene.Bob.SendsAsync(scene.Conversation, "the conversation goes on");
    }

    [Fact]
    public async Task CK_06_an_epoch_that_does_not_open_marks_the_conversation_and_is_renewed_before_writing()
    {
        await using var scene = Scene.Set(world);
        using var bobs = EcPrivateKey.Generate();
        var bob = Prekey.Sign(scene.Bob.Profile.Key, scene.Bob.Profile.DeviceId, bobs.Point, PrekeyKind.OneTime, DateTimeOffset.UtcNow);
        using var alices = EcPrivateKey.Generate();
        var alice = Prekey.Sign(world.AliceKey, world.AliceDevice, alices.Point, PrekeyKind.OneTime, DateTimeOffset.UtcNow);
        scene.Bob.Profile.Store.Prekeys.Add(bob.Id, PrekeyKind.OneTime, DateTimeOffset.UtcNow, bobs);
        scene.Hostile.PrekeyOf = _ => alice;
        var head = HostileServer.HeadOf(scene.Conversation, scene.Entries);
        var position = (ulong)scene.Entries.Count;
        var place = new AuthorPlace(scene.Conversation, world.AliceSeq + 1, head.Tree);
        scene.Entries.Add(new EntryAuthor(world.AliceKey, world.AliceDevice)
            .Epoch(place, DateTimeOffset.UtcNow, Hash32.Sha256("another secret"u8), [SealedTo(alice, scene), SealedTo(bob, scene)]).Bytes.ToArray());

        await scene.BobConnectsAsync();
        await scene.Bob.SeesAsync<ClientEvent.Warned>(e => e.Warning == new SecurityWarning.EntryUnreadable(scene.Conversation, position, "CK-06"));
        await scene.Bob.SendsAsync(scene.Conversation, "under a key of my own");

        lock (scene.Hostile.Submitted)
            Assert.Equal([EntryType.Epoch, EntryType.Message], scene.Hostile.Submitted.Select(entry => entry.Type));
    }

    // As for a device whose files were put back from a backup: it signed the prekey, and has not its private half.
    [Fact]
    public async Task CK_06_an_epoch_for_a_key_that_this_device_does_not_have_accuses_nobody_and_is_told_of_once()
    {
        await using var scene = Scene.Set(world);
        using var bobs = EcPrivateKey.Generate();
        var bob = Prekey.Sign(scene.Bob.Profile.Key, scene.Bob.Profile.DeviceId, bobs.Point, PrekeyKind.OneTime, DateTimeOffset.UtcNow);
        using var alices = EcPrivateKey.Generate();
        var alice = Prekey.Sign(world.AliceKey, world.AliceDevice, alices.Point, PrekeyKind.OneTime, DateTimeOffset.UtcNow);
        var (author, position) = (new EntryAuthor(world.AliceKey, world.AliceDevice), (ulong)scene.Entries.Count);
        var epoch = author.Epoch(Next(1), DateTimeOffset.UtcNow, Hash32.Sha256("a secret"u8), [SealedTo(alice, scene), SealedTo(bob, scene)]);
        scene.Entries.Add(epoch.Bytes.ToArray());
        scene.Entries.Add(author.Message(Next(2), DateTimeOffset.UtcNow, epoch.Hash, Hash32.Sha256("x"u8)).Sign(new byte[80]).Bytes.ToArray());

        await scene.BobConnectsAsync();

        await scene.Bob.SeesAsync<ClientEvent.Warned>(e => e.Warning == new SecurityWarning.KeyMissing(scene.Conversation, position));
        Assert.DoesNotContain(scene.Bob.Events<ClientEvent.Warned>(), static e => e.Warning is SecurityWarning.EntryUnreadable);
        Assert.Equal(UnreadableReason.KeyMissing, scene.Bob.Client.History(scene.Conversation).OfType<TranscriptLine.Message>().Last().Unreadable);
        await scene.Bob.GoOfflineAsync();
        scene.Bob.Open(); // read back from the store, it is the same
        Assert.Equal(UnreadableReason.KeyMissing, scene.Bob.Client.History(scene.Conversation).OfType<TranscriptLine.Message>().Last().Unreadable);

        AuthorPlace Next(ulong after) => new(scene.Conversation, world.AliceSeq + after, HostileServer.HeadOf(scene.Conversation, scene.Entries).Tree);
    }

    [Fact]
    public async Task EN_19_an_erased_message_loses_its_key_and_everything_still_verifies()
    {
        await using var scene = Scene.Set(world);
        var three = Entry.Parse(scene.Entries[(int)world.Held]);
        var head = HostileServer.HeadOf(scene.Conversation, scene.Entries);
        var place = new AuthorPlace(scene.Conversation, world.AliceSeq + 1, head.Tree);
        scene.Entries.Add(new EntryAuthor(world.AliceKey, world.AliceDevice)
            .Erase(place, DateTimeOffset.UtcNow, [new ErasedEntry(three.Seq, three.Hash)]).Bytes.ToArray());

        await scene.BobConnectsAsync();

        Assert.Equal(["one", "two", "four"], scene.Bob.Texts(scene.Conversation));
        Assert.Null(scene.Bob.Profile.Store.MessageKeys.Find(scene.Conversation, world.Held));
        var line = scene.Bob.Client.History(scene.Conversation).OfType<TranscriptLine.Message>().Single(m => m.Position == world.Held);
        Assert.Equal(UnreadableReason.Erased, line.Unreadable);
        Assert.IsType<ConversationTrust.Verified>(scene.Bob.Client.Conversation(scene.Conversation).Trust);
    }

    [Fact]
    public async Task CK_04_a_server_that_says_again_and_again_that_it_has_no_prekey_fills_no_disk()
    {
        await using var scene = Scene.Set(world);
        await scene.BobConnectsAsync();
        var store = scene.Bob.Profile.Store;
        var oldest = new PrekeyId(Hash32.Sha256("0"u8));
        using (var key = EcPrivateKey.Generate())
            store.Database.InTransaction(() =>
            {
                for (var i = 0; i < PrekeySupply.MostKept; i++)
                    store.Prekeys.Add(new PrekeyId(Hash32.Sha256(System.Text.Encoding.UTF8.GetBytes($"{i}"))), PrekeyKind.OneTime, DateTimeOffset.UtcNow, key);
            });
        var put = new TaskCompletionSource<PutPrekeys>(TaskCreationOptions.RunContinuationsAsynchronously);
        scene.Hostile.Instead = request =>
        {
            if (request is PutPrekeys ask)
                put.TrySetResult(ask);
            return null;
        };

        await scene.Hostile.PushAsync(new PushPrekeysLow(0));

        foreach (var made in (await put.Task.WaitAsync(TimeSpan.FromSeconds(60))).Prekeys)
        {
            using var found = store.Prekeys.Find(Prekey.Parse(made.Bytes).Id);
            Assert.NotNull(found);
        }
        Assert.Equal(PrekeySupply.MostKept, store.Database.Number("SELECT count(*) FROM prekey WHERE kind=$1", (long)PrekeyKind.OneTime));
        Assert.Null(store.Prekeys.Find(oldest));
    }

    [Fact]
    public async Task CK_04_a_server_that_says_again_and_again_that_it_has_no_prekey_gets_further_ones_after_a_rest_alone()
    {
        var time = new JumpingTime(TimeSpan.FromMinutes(1));
        await using var scene = Scene.Set(world, bob => bob.Clock = time);
        await scene.BobConnectsAsync();
        var puts = Puts(scene, refused: 0);
        await scene.Hostile.PushAsync(new PushPrekeysLow(0));
        await Eventually.True(() => puts.All.Count == 1, "the first ones");

        for (var i = 0; i < 3; i++)
            await scene.Hostile.PushAsync(new PushPrekeysLow(0));
        await Eventually.True(() => time.Waits.Count == 1, "a rest");
        scene.Hostile.PrekeysLeft = 0;
        await AnotherLinkAsync(scene);
        await Eventually.True(() => time.Waits.Count == 2, "what is left of it");
        Assert.All(time.Waits, static wait => Assert.InRange(wait, TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(5)));
        Assert.Single(puts.All);

        time.Jump(1);
        await AnotherLinkAsync(scene);
        await Eventually.True(() => puts.All.Count == 2, "further ones");
        Assert.Empty(puts.All[0].Prekeys.Intersect(puts.All[1].Prekeys));
    }

    [Fact]
    public async Task CK_04_a_device_that_has_few_prekeys_left_itself_makes_further_ones_at_once()
    {
        var time = new JumpingTime(TimeSpan.FromMinutes(1));
        await using var scene = Scene.Set(world, bob => bob.Clock = time);
        await scene.BobConnectsAsync();
        var puts = Puts(scene, refused: 0);
        await scene.Hostile.PushAsync(new PushPrekeysLow(0));
        await Eventually.True(() => puts.All.Count == 1, "the first ones");
        var store = scene.Bob.Profile.Store;
        store.Database.InTransaction(() => store.Prekeys.KeepNewest(19)); // epochs have used the others

        await scene.Hostile.PushAsync(new PushPrekeysLow(19));

        await Eventually.True(() => puts.All.Count == 2, "further ones");
        Assert.Empty(time.Waits);
    }

    [Fact]
    public async Task CK_04_prekeys_that_the_server_did_not_confirm_are_put_again_and_not_made_anew()
    {
        await using var scene = Scene.Set(world);
        await scene.BobConnectsAsync();
        var puts = Puts(scene, refused: 2); // each ends the link

        await scene.Hostile.PushAsync(new PushPrekeysLow(0));

        await Eventually.True(() => puts.All.Count == 3, "the third attempt");
        Assert.All(puts.All, put => Assert.Equal(puts.All[0].Prekeys, put.Prekeys));
    }

    [Fact]
    public async Task CK_04_a_last_resort_prekey_is_replaced_after_7_days_on_a_link_that_stays_up()
    {
        var time = new JumpingTime(TimeSpan.FromDays(1), TimeSpan.FromDays(7));
        await using var scene = Scene.Set(world, bob => bob.Clock = time);
        var puts = Puts(scene, refused: 0);
        time.Jump(1);
        await scene.BobConnectsAsync();

        await Eventually.True(() => time.Waits.Count == 2, "the wait for the next one");
        Assert.InRange(time.Waits[0], TimeSpan.FromDays(6), TimeSpan.FromDays(7));
        Assert.InRange(time.Waits[1], TimeSpan.FromDays(6.9), TimeSpan.FromDays(7));
        var replacing = Prekey.Parse(Assert.Single(Assert.Single(puts.All).Prekeys).Bytes);
        Assert.Equal(PrekeyKind.LastResort, replacing.Kind);
        Assert.InRange(replacing.Time, DateTimeOffset.UtcNow.AddDays(6), DateTimeOffset.UtcNow.AddDays(7));
    }

    [Fact]
    public async Task CK_04_a_last_resort_prekey_of_a_clock_that_was_wrong_is_replaced_at_once()
    {
        await using var scene = Scene.Set(world);
        Age(scene, TimeSpan.FromDays(-1000));
        var puts = Puts(scene, refused: 0);

        await scene.BobConnectsAsync();

        Assert.Equal(PrekeyKind.LastResort, Prekey.Parse(Assert.Single(Assert.Single(puts.All).Prekeys).Bytes).Kind);
    }

    [Fact]
    public async Task CK_04_a_last_resort_prekey_that_was_not_confirmed_before_the_process_ended_is_put_when_it_begins_again()
    {
        await using var scene = Scene.Set(world);
        Age(scene, TimeSpan.FromDays(8));
        var lost = Puts(scene, refused: int.MaxValue);
        scene.Bob.Client.Reconnect();
        await Eventually.True(() => lost.All.Count > 0, "the first attempt");
        await scene.Bob.GoOfflineAsync();

        scene.Bob.Open();
        var puts = Puts(scene, refused: 0);
        await scene.BobConnectsAsync();
        Assert.Equal(PrekeyKind.LastResort, Prekey.Parse(Assert.Single(Assert.Single(puts.All).Prekeys).Bytes).Kind);

        await scene.Bob.GoOfflineAsync();
        scene.Bob.Open();
        await scene.BobConnectsAsync();
        Assert.Single(puts.All); // it was confirmed
    }

    private static void Age(Scene scene, TimeSpan age) => scene.Bob.Profile.Store.Database.Execute(
        "UPDATE prekey SET made=$2 WHERE kind=$1", (long)PrekeyKind.LastResort, DateTimeOffset.UtcNow - age);

    private static PutsSeen Puts(Scene scene, int refused)
    {
        var puts = new PutsSeen();
        scene.Hostile.Instead = request => request is PutPrekeys put && puts.Add(put) <= refused ? new Refused(request.Id, WireCode.Busy) : null;
        return puts;
    }

    private static async Task AnotherLinkAsync(Scene scene)
    {
        var before = scene.Bob.Client.State;
        scene.Hostile.Hang();
        await Eventually.True(() => scene.Bob.Client.State is ConnectionState.Online && scene.Bob.Client.State != before, "another link");
        await scene.Bob.Client.SynchronisedAsync(TestContext.Current.CancellationToken);
    }

    private sealed class PutsSeen
    {
        private readonly Lock _gate = new();
        private readonly List<PutPrekeys> _all = [];

        public IReadOnlyList<PutPrekeys> All
        {
            get
            {
                lock (_gate)
                    return [.. _all];
            }
        }

        public int Add(PutPrekeys put)
        {
            lock (_gate)
                _all.Add(put);
            return All.Count;
        }
    }

    [Fact]
    public async Task EN_05_certificates_that_nobody_asked_for_are_not_kept()
    {
        await using var scene = Scene.Set(world);
        var (carol, dave) = (UserName.Parse("carol"), UserName.Parse("dave"));
        scene.Hostile.Mint(carol, "not asked for");
        var (key, chain) = scene.Hostile.Mint(dave, "asked for");
        scene.Hostile.Instead = request => request is GetCertificates ask ? new CertificatesFound(ask.Id, scene.Hostile.Chains.ToEquatableList()) : null;
        await scene.BobConnectsAsync(); // it asks for its own user's devices, and is given everybody's
        Assert.Empty(scene.Bob.Client.Safety(dave).Devices);

        var device = new DeviceId(chain.Leaf.Fingerprint);
        var genesis = new EntryAuthor(key, device).Genesis("", [new Member(dave, device), new Member(scene.Bob.Name, scene.Bob.Profile.DeviceId)], DateTimeOffset.UtcNow);
        scene.Hostile.Transcripts[genesis.Conversation] = [genesis.Bytes.ToArray()];
        await scene.Hostile.PushAsync(genesis.Conversation, 0, scene.Hostile.Transcripts[genesis.Conversation], scene.Hostile.Sign(HostileServer.HeadOf(genesis.Conversation, scene.Hostile.Transcripts[genesis.Conversation])));

        await Eventually.True(() => scene.Bob.Has(genesis.Conversation), "dave's conversation");
        Assert.Single(scene.Bob.Client.Safety(dave).Devices);
        Assert.Empty(scene.Bob.Client.Safety(carol).Devices);
    }

    // A copy that opens, of a secret that contradicts the commitment.
    private static SealedCopy SealedTo(Prekey prekey, Scene scene)
    {
        byte[] info = [.. Label.EpochSeal.Text(), 0, .. scene.Conversation.Value.Span, .. prekey.Device.Value.Span, .. prekey.Id.Value.Span];
        return new SealedCopy(prekey.Device, prekey.Id, Hpke.Seal(prekey.Point, info, [], new byte[EpochSecret.Size]));
    }
}
