using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Client.Tests;

/// <summary>Devices whose clocks are wrong (EN-08).</summary>
public sealed class ClockTests(SharedServer shared)
{
    [Fact]
    public async Task EN_08_a_device_whose_clock_is_ahead_signs_nothing_until_it_is_right()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var bob = await Person.EnrolAsync(shared.Server, "bob");
        var clock = new MovableClock { Lead = TimeSpan.FromMinutes(9) };
        bob.Clock = clock;
        await bob.GoOnlineAsync();
        var warned = await bob.SeesAsync<ClientEvent.Warned>(w => w.Warning is SecurityWarning.ClockDiffers);
        Assert.Equal(9, ((SecurityWarning.ClockDiffers)warned.Warning).Lead.TotalMinutes, 0.5);
        Assert.Equal(WireCode.BadTime, (await Assert.ThrowsAsync<RequestRefusedException>(() => bob.Client.StartDirectAsync(alice.Name))).Code);
        var conversation = await alice.Client.StartDirectAsync(bob.Name);
        await alice.SendsAsync(conversation, "what time is it?");
        await bob.ReadsAsync(conversation, "what time is it?");
        Assert.False(bob.State.Find(conversation)!.Engine.Participants[bob.State.Self].HasJoined);

        clock.Lead = TimeSpan.Zero; // corrected, on the same link
        await Eventually.True(() => bob.State.Find(conversation)!.Engine.Participants[bob.State.Self].HasJoined, "joined");
        await bob.SendsAsync(conversation, "now it is right");
        await alice.ReadsAsync(conversation, "now it is right");
    }

    [Fact]
    public async Task EN_08_a_clock_that_is_known_to_be_ahead_is_known_without_a_link_too()
    {
        await using var server = await TestServer.CreateAsync();
        await using var alice = await Person.OnlineAsync(server, "alice");
        await using var bob = await Person.EnrolAsync(server, "bob");
        var clock = new MovableClock();
        bob.Clock = clock;
        await bob.GoOnlineAsync();
        var conversation = await bob.Client.StartDirectAsync(alice.Name, TestContext.Current.CancellationToken);
        await bob.SendsAsync(conversation, "good morning");
        clock.Lead = TimeSpan.FromMinutes(9);
        await server.StopAsync();
        await Eventually.True(() => bob.Client.State is ConnectionState.Waiting, "the link is gone");

        var id = bob.Client.Send(conversation, "while nobody hears");
        Assert.All(bob.State.Store.Outbox.List(conversation), static item => Assert.Null(item.Bytes));

        clock.Lead = TimeSpan.Zero;
        await server.StartAsync();
        bob.Client.Reconnect();
        Assert.Equal(DeliveryWord.Accepted, (await bob.Client.WaitForAsync(conversation, id, DeliveryWord.Accepted, TestContext.Current.CancellationToken)).Word);
    }

    [Fact]
    public async Task EN_08_RC_05_a_device_whose_clock_is_ahead_gives_no_receipt_until_it_is_right()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var bob = await Person.EnrolAsync(shared.Server, "bob");
        var clock = new MovableClock();
        bob.Clock = clock;
        await bob.GoOnlineAsync();
        var conversation = await alice.Client.StartDirectAsync(bob.Name);
        await bob.SendsAsync(conversation, "good morning");
        await alice.ReadsAsync(conversation, "good morning");
        clock.Lead = TimeSpan.FromMinutes(9);
        await alice.SendsAsync(conversation, "what time is it?");
        await bob.ReadsAsync(conversation, "what time is it?");
        var held = bob.State.Find(conversation)!;
        lock (bob.State.Gate)
            Assert.Null(new ReceiptBook(bob.State).Due(held));
        Assert.True(Given() < held.Accepted);

        clock.Lead = TimeSpan.Zero;
        await Eventually.True(() => Given() == held.Accepted, "the receipt");
        Assert.All(bob.State.Store.Receipts.List(conversation).Select(static r => Receipt.Parse(r.Bytes)), static r => Assert.True(r.Time < DateTimeOffset.UtcNow.AddMinutes(1)));

        ulong Given() => held.Receipts.GetValueOrDefault((bob.State.Self, ReceiptKind.Delivered));
    }

    [Fact]
    public async Task EN_08_EN_17_what_was_signed_ahead_stays_as_it_is_and_waits_for_its_time()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var bob = await Person.OnlineAsync(shared.Server, "bob");
        var conversation = await alice.Client.StartDirectAsync(bob.Name);
        await alice.SendsAsync(conversation, "hello");
        await bob.ReadsAsync(conversation, "hello");
        await bob.SendsAsync(conversation, "hello");
        await bob.GoOfflineAsync();
        bob.Clock = new MovableClock { Lead = TimeSpan.FromMinutes(9) };
        bob.Open();
        var written = bob.Client.Send(conversation, "from the future");
        var signed = Assert.Single(bob.State.Store.Outbox.List(conversation)).Bytes;
        await bob.GoOfflineAsync();

        bob.Clock = TimeProvider.System;
        await bob.GoOnlineAsync();
        var warned = await bob.SeesAsync<ClientEvent.Warned>(w => w.Warning is SecurityWarning.WrittenAhead);
        Assert.Equal(Entry.Parse(signed!).Time - ConversationLimits.MaxClockLead, ((SecurityWarning.WrittenAhead)warned.Warning).SentFrom);
        Assert.Equal(signed, Assert.Single(bob.State.Store.Outbox.List(conversation)).Bytes);
        Assert.Equal(DeliveryWord.Queued, bob.Client.History(conversation, count: 10).OfType<TranscriptLine.Message>().Single(m => m.Local == written).Delivery!.Word);
    }

    [Fact]
    public async Task EN_08_a_clock_that_jumps_between_two_looks_signs_nothing_ahead()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var bob = await Person.EnrolAsync(shared.Server, "bob");
        var clock = new JumpingClock();
        bob.Clock = clock;
        await bob.GoOnlineAsync();
        var conversation = await alice.Client.StartDirectAsync(bob.Name);
        await alice.SendsAsync(conversation, "hello");
        await bob.ReadsAsync(conversation, "hello");
        await bob.SendsAsync(conversation, "hello");

        for (var looks = 0; looks < 20; looks++)
        {
            clock.JumpAfter(looks);
            bob.Client.Send(conversation, $"after {looks} looks");
            clock.GoRight();
            lock (bob.State.Gate)
                Assert.All(bob.State.Store.Outbox.List(conversation).Where(static item => item.Bytes is not null),
                    item => Assert.True(Entry.Parse(item.Bytes!).Time <= clock.GetUtcNow() + ConversationLimits.MaxClockLead, $"signed ahead after {looks} looks"));
        }
        await bob.SendsAsync(conversation, "all of it");
        await alice.ReadsAsync(conversation, "all of it");
    }

    [Theory]
    [InlineData(EntryType.Genesis)]
    [InlineData(EntryType.Join)]
    [InlineData(EntryType.Members)]
    [InlineData(EntryType.Close)]
    [InlineData(EntryType.Erase)]
    [InlineData(EntryType.Epoch)]
    public async Task EN_08_a_clock_that_jumps_between_two_looks_signs_no_control_entry_ahead(EntryType type)
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var bob = await Person.EnrolAsync(shared.Server, "bob");
        var clock = new JumpingClock();
        bob.Clock = clock;
        await bob.GoOnlineAsync();
        var conversation = await alice.Client.StartDirectAsync(bob.Name);
        await alice.SendsAsync(conversation, "hello");
        await bob.ReadsAsync(conversation, "hello");
        await bob.SendsAsync(conversation, "hello");
        using var key = EcPrivateKey.Generate();
        var prekey = Prekey.Sign(alice.Profile.Key, alice.Profile.DeviceId, key.Point, PrekeyKind.OneTime, clock.GetUtcNow());
        var released = new TaskCompletionSource();
        var busy = Task.CompletedTask;
        if (type is EntryType.Join) // bob has one to sign, and is kept from it
        {
            bob.BeforeSigning = () => released.Task;
            busy = bob.Client.CloseAsync(conversation);
            conversation = await alice.Client.StartGroupAsync("#group", [bob.Name]);
            await Eventually.True(() => bob.Has(conversation) && bob.Client.Conversation(conversation).Size > 1, "bob is a member");
        }

        var locals = new List<long>();
        lock (bob.State.Gate)
        {
            Assert.Null(SignedAfter(0));
            for (var looks = 1; looks < 5; looks++)
                Assert.True(SignedAfter(looks) is { } entry && entry.Type == type && entry.Time <= clock.GetUtcNow(), $"signed ahead after {looks} looks");
            locals.ForEach(bob.State.Store.Outbox.Remove); // nobody is to send them
        }
        released.SetResult();
        await busy;

        Entry? SignedAfter(int looks)
        {
            var sign = Prepare();
            clock.JumpAfter(looks);
            try
            {
                locals.Add(sign());
                return Entry.Parse(bob.State.Store.Outbox.Find(locals[^1])!.Bytes);
            }
            catch (RequestRefusedException e) when (e.Code == WireCode.BadTime)
            {
                return null;
            }
            finally
            {
                clock.GoRight();
            }
        }

        Func<long> Prepare()
        {
            var (writing, held) = (new Writing(bob.State), bob.State.Require(conversation));
            var devices = new GoodDevices(bob.State.Devices, clock.GetUtcNow());
            var prekeys = MemberPrekeys.Verify(held.Engine.Members, [prekey, writing.OwnPrekey()], devices);
            return type switch
            {
                EntryType.Genesis => () => writing.Found("#group", [.. held.Engine.Members.List]).Local,
                EntryType.Join => () => writing.Join(held),
                EntryType.Members => () => writing.ChangeMembers(held, [], [alice.Profile.DeviceId]),
                EntryType.Close => () => writing.Close(held),
                EntryType.Erase => () => writing.Erase(held, [new ErasedEntry(1, bob.State.Store.Transcripts.Find(conversation, bob.State.Self, 1)!.Value.Hash)], []),
                _ => () => writing.BeginEpoch(held, prekeys),
            };
        }
    }

    /// <summary>Jumps three hours ahead for the thread that asked for it, and for it alone.</summary>
    private sealed class JumpingClock : TimeProvider
    {
        private readonly ThreadLocal<int> _looks = new(static () => int.MaxValue);

        public void JumpAfter(int looks) => _looks.Value = looks;

        public void GoRight() => _looks.Value = int.MaxValue;

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + (_looks.Value == int.MaxValue || _looks.Value-- > 0 ? TimeSpan.Zero : TimeSpan.FromHours(3));
    }
}
