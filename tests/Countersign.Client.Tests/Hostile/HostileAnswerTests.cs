using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Client.Tests;

/// <summary>What a server says about entries and receipts, and what a client makes of it.</summary>
public sealed class HostileAnswerTests(TakenOver world) : IClassFixture<TakenOver>
{
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
    public async Task EN_17_an_entry_of_members_that_the_server_refuses_is_neither_replaced_nor_followed()
    {
        await using var scene = Scene.Set(world);
        await scene.BobConnectsAsync();
        scene.Hostile.Refuses = WireCode.BadCert;

        var refused = await Assert.ThrowsAsync<ChangeWaitsException>(
            () => scene.Bob.Client.RemoveMemberAsync(scene.Conversation, world.Alice, TestContext.Current.CancellationToken));
        Assert.Equal(WireCode.BadCert, refused.Code);
        var behind = await Assert.ThrowsAsync<EntryWaitsException>(() => scene.Bob.Client.CloseAsync(scene.Conversation, TestContext.Current.CancellationToken));
        Assert.Equal(WireCode.BadCert, behind.Code);
        var waiting = scene.Bob.Client.Send(scene.Conversation, "after it");

        var told = await scene.Bob.Client.WaitForAsync(scene.Conversation, waiting, DeliveryWord.Accepted, TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(new Delivery(DeliveryWord.Waiting, Failure: WireCode.BadCert), told);
        Assert.Equal(told, scene.Bob.Client.History(scene.Conversation).OfType<TranscriptLine.Message>().Last().Delivery);
        Assert.Null(scene.Bob.Profile.Store.Outbox.Find(waiting.Value)!.Bytes);
        Assert.Equal(3, MembersSubmitted()); // as it was asked for, for the close behind it, and for the text
        var receipts = 0;
        scene.Hostile.Instead = request =>
        {
            receipts += request is PutReceipt ? 1 : 0;
            return null;
        };
        var (position, head) = ((ulong)scene.Entries.Count, HostileServer.HeadOf(scene.Conversation, scene.Entries));
        scene.Entries.Add(new EntryAuthor(world.AliceKey, world.AliceDevice)
            .Message(new AuthorPlace(scene.Conversation, world.AliceSeq + 1, head.Tree), DateTimeOffset.UtcNow, world.Epoch, Hash32.Sha256("x"u8)).Sign(new byte[80]).Bytes.ToArray());
        await scene.Hostile.PushAsync(scene.Conversation, position, scene.Entries[^1..], scene.Hostile.Sign(HostileServer.HeadOf(scene.Conversation, scene.Entries)));
        await Eventually.True(() => receipts > 0, "everything was looked at again"); // and that is no reason to offer it again
        Assert.Equal(3, MembersSubmitted());
        scene.Hostile.Refuses = null;
        await scene.Bob.SendsAsync(scene.Conversation, "and after that");
        lock (scene.Hostile.Submitted)
            Assert.Single(scene.Hostile.Submitted.Where(entry => entry.Type == EntryType.Members).Select(entry => entry.Hash).Distinct());
        await scene.Bob.SeesAsync<ClientEvent.DeliveryChanged>(e => e.Message == waiting && e.Delivery.IsAccepted);

        int MembersSubmitted()
        {
            lock (scene.Hostile.Submitted)
                return scene.Hostile.Submitted.Count(static entry => entry.Type == EntryType.Members);
        }
    }

    [Fact]
    public async Task EN_13_who_leaves_while_the_last_other_leaves_closes()
    {
        await using var scene = Scene.Set(world);
        await scene.BobConnectsAsync();
        ComesBetween(scene, [], [world.AliceDevice]);

        await scene.Bob.Client.LeaveAsync(scene.Conversation, TestContext.Current.CancellationToken);

        Assert.IsType<ConversationTrust.Verified>(scene.Bob.Client.Conversation(scene.Conversation).Trust);
        Assert.True(scene.Bob.Client.Conversation(scene.Conversation).IsClosed);
    }

    [Fact]
    public async Task EN_13_who_removes_somebody_that_another_removes_at_once_signs_nothing_more_and_has_what_was_wanted()
    {
        await using var scene = Scene.Set(world);
        await scene.BobConnectsAsync();
        ComesBetween(scene, [], [world.AliceDevice]);

        await scene.Bob.Client.RemoveMemberAsync(scene.Conversation, world.Alice, TestContext.Current.CancellationToken);

        Assert.IsType<ConversationTrust.Verified>(scene.Bob.Client.Conversation(scene.Conversation).Trust);
        lock (scene.Hostile.Submitted)
            Assert.DoesNotContain(scene.Hostile.Submitted, static entry => entry.Type == EntryType.Members); // the one that came too late was not taken
    }

    // Alice's change is there before Bob's, which comes too late (EN-12).
    private void ComesBetween(Scene scene, IReadOnlyList<Member> added, IReadOnlyList<DeviceId> removed)
    {
        var isThere = false;
        scene.Hostile.Instead = request =>
        {
            if (isThere || request is not Submit { Entry: var encoded } || Entry.Parse(encoded.Bytes).Type != EntryType.Members)
                return null;
            isThere = true;
            var place = new AuthorPlace(scene.Conversation, world.AliceSeq + 1, HostileServer.HeadOf(scene.Conversation, scene.Entries).Tree);
            scene.Entries.Add(new EntryAuthor(world.AliceKey, world.AliceDevice).Members(place, DateTimeOffset.UtcNow, added, removed).Bytes.ToArray());
            return new Refused(request.Id, WireCode.Stale);
        };
    }

    [Fact]
    public async Task EN_17_a_refused_message_goes_alone_once_on_each_link_and_when_something_is_written()
    {
        await using var scene = Scene.Set(world);
        await scene.BobConnectsAsync();
        scene.Hostile.Refuses = WireCode.TooLarge;

        await RefusedAsync(scene, "five");
        var five = Assert.Single(SubmittedBy(scene));
        await RefusedAsync(scene, "six");
        Assert.Equal([five, five], SubmittedBy(scene));
        await Assert.ThrowsAsync<EntryWaitsException>(() => scene.Bob.Client.CloseAsync(scene.Conversation));
        Assert.Equal([five, five, five], SubmittedBy(scene));
        var before = scene.Bob.Client.State;
        scene.Hostile.Hang();
        await Eventually.True(() => scene.Bob.Client.State is ConnectionState.Online && scene.Bob.Client.State != before, "another link");
        await scene.Bob.Client.SynchronisedAsync(TestContext.Current.CancellationToken);
        Assert.Equal([five, five, five, five], SubmittedBy(scene));

        scene.Hostile.Refuses = null;
        await scene.Bob.SendsAsync(scene.Conversation, "seven");
        Assert.Equal(["one", "two", "three", "four", "five", "six", "seven"], scene.Bob.Texts(scene.Conversation));
        Assert.Equal(7, SubmittedBy(scene).Count);
    }

    private static async Task RefusedAsync(Scene scene, string text)
    {
        var message = scene.Bob.Client.Send(scene.Conversation, text);
        var delivery = await scene.Bob.Client.WaitForAsync(scene.Conversation, message, DeliveryWord.Accepted, TestContext.Current.CancellationToken);
        Assert.Equal(new Delivery(DeliveryWord.Waiting, Failure: WireCode.TooLarge), delivery);
    }

    private static List<EntryHash> SubmittedBy(Scene scene)
    {
        lock (scene.Hostile.Submitted)
            return [.. scene.Hostile.Submitted.Select(entry => entry.Hash)];
    }

    [Fact]
    public async Task A28_RC_05_a_receipt_over_another_history_shows_the_fork()
    {
        await using var scene = Scene.Set(world);
        var head = HostileServer.HeadOf(scene.Conversation, scene.Entries);
        var other = new Head(scene.Conversation, head.Size, Hash32.Sha256("what alice was shown"u8));
        scene.Hostile.ReceiptsHeld.Add(Receipt.Sign(world.AliceKey, world.AliceDevice, ReceiptKind.Delivered, other, DateTimeOffset.UtcNow));

        await scene.BobConnectsAsync();

        await scene.BobDistrustsAsync("RC-05");
    }

    [Fact]
    public async Task A28_RC_04_a_message_whose_receipts_the_server_withholds_is_not_called_delivered()
    {
        await using var scene = Scene.Set(world);
        await scene.BobConnectsAsync();
        var five = scene.Bob.Client.Send(scene.Conversation, "five");
        await scene.Bob.Client.WaitForAsync(scene.Conversation, five, DeliveryWord.Accepted, TestContext.Current.CancellationToken);
        var head = HostileServer.HeadOf(scene.Conversation, scene.Entries); // alice has signed for this much, and the server keeps it to itself
        await scene.Bob.SendsAsync(scene.Conversation, "six");
        Assert.DoesNotContain(scene.Bob.Events<ClientEvent.DeliveryChanged>(), e => e.Message == five && e.Delivery.Word >= DeliveryWord.Delivered);

        // The control: the receipt is all that was missing.
        var receipt = Receipt.Sign(world.AliceKey, world.AliceDevice, ReceiptKind.Delivered, head, DateTimeOffset.UtcNow);
        await scene.Hostile.PushAsync(new PushReceipts(new[] { new Encoded<Receipt>(receipt.Bytes) }.ToEquatableList()));
        await scene.Bob.Client.WaitForAsync(scene.Conversation, five, DeliveryWord.Delivered, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A16_RC_05_a_receipt_that_its_device_did_not_sign_counts_for_nothing()
    {
        await using var scene = Scene.Set(world);
        var (key, _) = scene.Hostile.Mint(world.Alice, "receipt forger");
        var head = HostileServer.HeadOf(scene.Conversation, scene.Entries);
        scene.Hostile.ReceiptsHeld.Add(Receipt.Sign(key, world.AliceDevice, ReceiptKind.Final, head, DateTimeOffset.UtcNow));

        await scene.BobConnectsAsync();

        Assert.DoesNotContain(scene.Bob.Client.Members(scene.Conversation), member => member.User == world.Alice && member.IsFinal);
        Assert.IsType<ConversationTrust.Verified>(scene.Bob.Client.Conversation(scene.Conversation).Trust);
    }
}
