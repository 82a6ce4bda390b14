using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Client.Tests;

/// <summary>Alice and Bob have talked over an honest server; Bob holds everything up to "two", Alice has written on. Then the
/// server is taken over. Each test begins here, with a copy of Bob's device.</summary>
public sealed class TakenOver : IAsyncLifetime
{
    private readonly List<IAsyncDisposable> _owned = [];
    private TakenServer? _taken;

    internal ConversationId Conversation { get; private set; }
    internal List<byte[]> Entries { get; private set; } = [];
    internal DeviceId AliceDevice { get; private set; }
    internal ulong AliceSeq { get; private set; }
    internal SigningKey AliceKey { get; private set; } = null!;
    internal EntryHash Epoch { get; private set; }
    internal UserName Alice { get; private set; } = UserName.Parse("nobody");
    internal ulong Held { get; private set; }
    internal Person Bob { get; private set; } = null!;
    internal List<CertificateChain> Chains { get; } = [];
    internal TakenServer Taken => _taken ?? throw new InvalidOperationException("Not there yet.");

    public async ValueTask InitializeAsync()
    {
        var server = Own(await TestServer.CreateAsync());
        var alice = Own(await Person.OnlineAsync(server, "alice"));
        Bob = Own(await Person.OnlineAsync(server, "bob"));
        Conversation = await alice.Client.StartDirectAsync(Bob.Name);
        await alice.SendsAsync(Conversation, "one");
        await Bob.ReadsAsync(Conversation, "one");
        await Bob.SendsAsync(Conversation, "two");
        await alice.ReadsAsync(Conversation, "two");
        Held = Bob.Client.Conversation(Conversation).Size;
        Chains.AddRange([alice.Profile.Chain, Bob.Profile.Chain]);
        await Bob.GoOfflineAsync();
        await alice.SendsAsync(Conversation, "three");
        await alice.SendsAsync(Conversation, "four");
        Entries = [.. alice.Profile.Store.Transcripts.Read(Conversation, 0, 1000).Select(entry => entry.Bytes)];
        (Alice, AliceDevice) = (alice.Name, alice.Profile.DeviceId);
        AliceSeq = alice.Profile.Store.Outbox.LastAuthored(Conversation)!.Value.Seq;
        using (var key = alice.Profile.Key.ExportPkcs8())
            AliceKey = SigningKey.ImportPkcs8(key);
        Epoch = Entries.Select(bytes => Entry.Parse(bytes)).Last(entry => entry.Type == EntryType.Epoch).Hash;
        await alice.GoOfflineAsync();
        var files = await server.SurrenderAsync();
        _taken = new TakenServer(files, Authority.KeyFile.Read(Path.Combine(server.Path, "server.key"), TestServer.Passphrase), server.Endpoint);
    }

    public async ValueTask DisposeAsync()
    {
        Taken.Key.Dispose();
        AliceKey.Dispose();
        foreach (var owned in _owned)
            await owned.DisposeAsync();
    }

    private T Own<T>(T owned) where T : IAsyncDisposable
    {
        _owned.Add(owned);
        return owned;
    }
}

/// <summary>A28: whoever holds the server's keys and its CA lies to a client, which notices.</summary>
public sealed class HostileServerTests(TakenOver world) : IClassFixture<TakenOver>
{
    private sealed class Scene(TakenOver world, Person bob, HostileServer hostile) : IAsyncDisposable
    {
        public Person Bob => bob;
        public HostileServer Hostile => hostile;
        public ConversationId Conversation => world.Conversation;
        public List<byte[]> Entries => hostile.Transcripts[world.Conversation];

        public static Scene Set(TakenOver world)
        {
            var bob = world.Bob.CopyDevice();
            bob.Open();
            var hostile = new HostileServer(world.Taken, bob);
            hostile.Transcripts[world.Conversation] = [.. world.Entries];
            hostile.Chains.AddRange(world.Chains);
            return new Scene(world, bob, hostile);
        }

        public async Task BobConnectsAsync()
        {
            bob.Client.Reconnect();
            await bob.Client.SynchronisedAsync(TestContext.Current.CancellationToken);
        }

        public async Task BobDistrustsAsync(string rule)
        {
            await Eventually.True(() => bob.Client.Conversation(Conversation).Trust is ConversationTrust.Distrusted, "distrust");
            Assert.Equal(rule, ((ConversationTrust.Distrusted)bob.Client.Conversation(Conversation).Trust).Rule);
            await bob.SeesAsync<ClientEvent.Warned>(e => e.Warning is SecurityWarning.ConversationDistrusted);
            Assert.Throws<ConversationRefusedException>(() => bob.Client.Send(Conversation, "more"));
        }

        public async ValueTask DisposeAsync()
        {
            await bob.DisposeAsync();
            await hostile.DisposeAsync();
        }
    }

    [Fact]
    public async Task A28_control_an_honest_history_from_this_server_is_accepted()
    {
        await using var scene = Scene.Set(world);
        await scene.BobConnectsAsync();
        Assert.Equal(["one", "two", "three", "four"], scene.Bob.Texts(scene.Conversation));
        Assert.IsType<ConversationTrust.Verified>(scene.Bob.Client.Conversation(scene.Conversation).Trust);
        await scene.Bob.SendsAsync(scene.Conversation, "five");
    }

    [Fact]
    public async Task A14_EN_07_a_dropped_entry_is_noticed()
    {
        await using var scene = Scene.Set(world);
        scene.Entries.RemoveAt((int)world.Held); // "three"; "four" stays
        await scene.BobConnectsAsync();
        await scene.BobDistrustsAsync("EN-07");
        Assert.DoesNotContain("four", scene.Bob.Texts(scene.Conversation));
    }

    [Fact]
    public async Task A15_EN_07_reordered_entries_are_noticed()
    {
        await using var scene = Scene.Set(world);
        scene.Entries.Reverse((int)world.Held, 2);
        await scene.BobConnectsAsync();
        await scene.BobDistrustsAsync("EN-07");
    }

    [Fact]
    public async Task EN_06_an_altered_entry_is_noticed()
    {
        await using var scene = Scene.Set(world);
        scene.Entries[(int)world.Held] = [.. scene.Entries[(int)world.Held]];
        scene.Entries[(int)world.Held][^1] ^= 1; // in the signature
        await scene.BobConnectsAsync();
        await scene.BobDistrustsAsync("EN-06");
    }

    [Fact]
    public async Task RC_07_a_fork_is_proved_by_two_signed_heads()
    {
        await using var scene = Scene.Set(world);
        var other = scene.Entries.ToList();
        other.Reverse(1, 2); // what Bob holds at these places is something else
        scene.Hostile.SignHead = head => scene.Hostile.Sign(HostileServer.HeadOf(scene.Conversation, other));
        await scene.BobConnectsAsync();
        await scene.BobDistrustsAsync("RC-07");
        await scene.Bob.SeesAsync<ClientEvent.Warned>(e => e.Warning is SecurityWarning.ServerMisconduct);
        var (first, second) = Assert.Single(scene.Bob.Profile.Store.Transcripts.Misconduct(scene.Conversation));
        Assert.NotEqual(SignedHead.Parse(first).Head, SignedHead.Parse(second).Head);
    }

    [Fact]
    public async Task TR_02_a_history_shorter_than_what_was_signed_is_noticed()
    {
        await using var scene = Scene.Set(world);
        scene.Entries.RemoveRange((int)world.Held - 1, scene.Entries.Count - (int)world.Held + 1);
        await scene.BobConnectsAsync();
        await scene.BobDistrustsAsync("TR-02");
    }

    [Fact]
    public async Task RC_02_a_head_signed_by_another_key_ends_the_link()
    {
        await using var scene = Scene.Set(world);
        var (key, chain) = scene.Hostile.Mint(world.Alice, "forger");
        scene.Hostile.SignHead = head => HeadBatch.Sign(key, chain.Leaf.Fingerprint, [head], DateTimeOffset.UtcNow)[0];
        scene.Bob.Client.Reconnect();
        await Eventually.True(() => scene.Bob.Events<ClientEvent.ConnectionChanged>().Any(e =>
            e.State is ConnectionState.Waiting { Cause: LinkEnd.ServerFault { Code: WireCode.SigFail, Rule: "RC-02" } }), "the link ends");
        Assert.DoesNotContain("three", scene.Bob.Texts(scene.Conversation));
    }

    [Fact]
    public async Task EN_05_an_entry_by_an_invented_device_of_a_member_is_noticed()
    {
        await using var scene = Scene.Set(world);
        var (key, chain) = scene.Hostile.Mint(world.Alice, "invented");
        var device = new DeviceId(chain.Leaf.Fingerprint);
        var head = HostileServer.HeadOf(scene.Conversation, scene.Entries);
        scene.Entries.Add(new EntryAuthor(key, device)
            .Join(new AuthorPlace(scene.Conversation, 1, head.Tree), DateTimeOffset.UtcNow).Bytes.ToArray());
        await scene.BobConnectsAsync();
        await scene.BobDistrustsAsync("EN-05");
        Assert.Contains("four", scene.Bob.Texts(scene.Conversation)); // what was verified before stays
    }

    [Fact]
    public async Task EN_06_a_member_added_in_a_members_name_without_its_key_is_noticed()
    {
        await using var scene = Scene.Set(world);
        var (key, chain) = scene.Hostile.Mint(UserName.Parse("mallory"), "mallory");
        var member = new Member(UserName.Parse("mallory"), new DeviceId(chain.Leaf.Fingerprint));
        var head = HostileServer.HeadOf(scene.Conversation, scene.Entries);
        scene.Entries.Add(new EntryAuthor(key, world.AliceDevice)
            .Members(new AuthorPlace(scene.Conversation, world.AliceSeq + 1, head.Tree), DateTimeOffset.UtcNow, [member], []).Bytes.ToArray());
        await scene.BobConnectsAsync();
        await scene.BobDistrustsAsync("EN-06");
        Assert.DoesNotContain("mallory", scene.Bob.Client.Members(scene.Conversation).Select(m => m.User.ToString()));
    }

    [Fact]
    public async Task CK_05_nothing_is_sealed_to_a_swapped_prekey()
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
    public async Task EN_17_a_message_that_the_server_calls_stale_is_not_written_again()
    {
        await using var scene = Scene.Set(world);
        await scene.BobConnectsAsync();
        scene.Hostile.Refuses = WireCode.Stale;

        scene.Bob.Client.Send(scene.Conversation, "once");

        await scene.BobDistrustsAsync("EN-15");
        lock (scene.Hostile.Submitted)
            Assert.Single(scene.Hostile.Submitted, entry => entry.Type == EntryType.Message);
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
    public async Task EN_17_an_entry_of_members_that_the_server_refuses_is_neither_replaced_nor_followed()
    {
        await using var scene = Scene.Set(world);
        await scene.BobConnectsAsync();
        scene.Hostile.Refuses = WireCode.BadCert;

        var refused = await Assert.ThrowsAsync<RequestRefusedException>(
            () => scene.Bob.Client.RemoveMemberAsync(scene.Conversation, world.Alice, TestContext.Current.CancellationToken));
        Assert.Equal(WireCode.BadCert, refused.Code);
        var waiting = scene.Bob.Client.Send(scene.Conversation, "after it");

        Assert.Null(scene.Bob.Profile.Store.Outbox.Find(waiting.Value)!.Bytes);
        scene.Hostile.Refuses = null;
        await scene.Bob.SendsAsync(scene.Conversation, "and after that");
        lock (scene.Hostile.Submitted)
            Assert.Single(scene.Hostile.Submitted.Where(entry => entry.Type == EntryType.Members).Select(entry => entry.Hash).Distinct());
    }

    [Fact]
    public async Task RC_05_a_receipt_over_another_history_shows_the_fork()
    {
        await using var scene = Scene.Set(world);
        var head = HostileServer.HeadOf(scene.Conversation, scene.Entries);
        var other = new Head(scene.Conversation, head.Size, Hash32.Sha256("what alice was shown"u8));
        scene.Hostile.ReceiptsHeld.Add(Receipt.Sign(world.AliceKey, world.AliceDevice, ReceiptKind.Delivered, other, DateTimeOffset.UtcNow));

        await scene.BobConnectsAsync();

        await scene.BobDistrustsAsync("RC-05");
    }

    [Fact]
    public async Task RC_05_a_receipt_that_its_device_did_not_sign_counts_for_nothing()
    {
        await using var scene = Scene.Set(world);
        var (key, _) = scene.Hostile.Mint(world.Alice, "receipt forger");
        var head = HostileServer.HeadOf(scene.Conversation, scene.Entries);
        scene.Hostile.ReceiptsHeld.Add(Receipt.Sign(key, world.AliceDevice, ReceiptKind.Final, head, DateTimeOffset.UtcNow));

        await scene.BobConnectsAsync();

        Assert.DoesNotContain(scene.Bob.Client.Members(scene.Conversation), member => member.User == world.Alice && member.IsFinal);
        Assert.IsType<ConversationTrust.Verified>(scene.Bob.Client.Conversation(scene.Conversation).Trust);
    }

    [Fact]
    public async Task TR_02_a_conversation_that_is_gone_from_the_server_is_noticed()
    {
        await using var scene = Scene.Set(world);
        scene.Hostile.Transcripts.Clear();
        await scene.BobConnectsAsync();
        await scene.BobDistrustsAsync("TR-02");
    }

    // A copy that opens, of a secret that contradicts the commitment.
    private static SealedCopy SealedTo(Prekey prekey, Scene scene)
    {
        byte[] info = [.. Label.EpochSeal.Text(), 0, .. scene.Conversation.Value.Span, .. prekey.Device.Value.Span, .. prekey.Id.Value.Span];
        return new SealedCopy(prekey.Device, prekey.Id, Hpke.Seal(prekey.Point, info, [], new byte[EpochSecret.Size]));
    }
}
