using System.Runtime.InteropServices;
using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Server.Tests;

/// <summary>Users, certificates, prekeys and receipts over a real socket.</summary>
public sealed class DirectoryTests(SharedServer shared)
{
    [Fact]
    public async Task A_user_is_found_with_all_devices_and_an_unknown_one_is_NOT_FOUND()
    {
        var name = SharedServer.FreshName();
        await using var first = await shared.Server.NewReadyAsync(name, 1);
        var second = await shared.Server.EnrolAsync(name, 2);
        var found = await first.AskAsync<Devices>(id => new FindUser(id, first.User.User));
        Assert.Equal(
            new[] { first.User.Device.Value, second.Device.Value }.Order(), found.Chains.Select(static chain => chain.Leaf.Fingerprint).Order());
        var refused = await first.AskAsync<Refused>(id => new FindUser(id, UserName.Parse("nobody-at-all")));
        Assert.Equal(WireCode.NotFound, refused.Code);
        var certificates = await first.AskAsync<CertificatesFound>(id => new GetCertificates(id, [second.Device, new DeviceId(Hash32.Sha256([1]))]));
        Assert.Equal(second.Chain.Leaf, Assert.Single(certificates.Chains).Leaf);
    }

    [Fact]
    public async Task SE_08_a_prekey_is_taken_once_and_then_the_last_resort_and_the_device_is_told()
    {
        await using var alice = await shared.NewReadyAsync(1);
        await using var bob = await shared.NewReadyAsync(2);
        var (one, last) = (NewPrekey(bob, PrekeyKind.OneTime), NewPrekey(bob, PrekeyKind.LastResort));
        Assert.Equal(1, (await bob.AskAsync<PrekeysHeld>(id => new PutPrekeys(id, [new(one.Bytes), new(last.Bytes)]))).OneTime);
        Assert.Equal(one.Bytes.ToArray(), (await TakeAsync(alice, bob.User))!.Value.Bytes.ToArray());
        Assert.Equal(0, (await bob.ReceiveAsync<PushPrekeysLow>()).OneTime);
        Assert.Equal(last.Bytes.ToArray(), (await TakeAsync(alice, bob.User))!.Value.Bytes.ToArray());
        Assert.Equal(last.Bytes.ToArray(), (await TakeAsync(alice, bob.User))!.Value.Bytes.ToArray());
        Assert.Null(await TakeAsync(bob, alice.User));
    }

    [Fact]
    public async Task CK_05_a_prekey_of_another_device_is_SIG_FAIL()
    {
        await using var alice = await shared.NewReadyAsync(1);
        await using var mallory = await shared.NewReadyAsync(2);
        await mallory.SendAsync(new PutPrekeys(mallory.NextId(), [new(NewPrekey(alice, PrekeyKind.OneTime).Bytes)]));
        Assert.Equal(WireCode.SigFail, await mallory.ReadAlertAsync());
    }

    [Fact]
    public async Task RC_05_a_receipt_is_kept_forwarded_and_given_to_who_asks()
    {
        await using var alice = await shared.NewReadyAsync(1);
        await using var bob = await shared.NewReadyAsync(2);
        var talk = await TestTalk.FoundAsync(alice, bob.User);
        var receipt = Sign(bob, ReceiptKind.Delivered, talk);
        await bob.AskAsync<Done>(id => new PutReceipt(id, new(receipt.Bytes)));
        var pushed = await alice.ReceiveAsync<PushReceipts>();
        Assert.Equal(receipt.Bytes.ToArray(), Assert.Single(pushed.Receipts).Bytes.ToArray());
        var held = await alice.AskAsync<Receipts>(id => new GetReceipts(id, talk.Id, null));
        Assert.Equal(receipt.Bytes.ToArray(), Assert.Single(held.Held).Bytes.ToArray());
        Assert.False(held.More);
    }

    [Fact]
    public async Task SE_03_who_was_removed_gets_the_receipts_within_what_he_sees_though_many_others_cover_more()
    {
        await using var server = await TestServer.StartAsync();
        await using var alice = await server.NewReadyAsync("alice", 1);
        await using var bob = await server.NewReadyAsync("bob", 2);
        var talk = await TestTalk.FoundAsync(alice, bob.User);
        var receipt = Sign(bob, ReceiptKind.Delivered, talk);
        await bob.AskAsync<Done>(id => new PutReceipt(id, new(receipt.Bytes)));
        await talk.SubmitAsync(alice, talk.Members([], [bob.User]));
        await talk.SubmitAsync(alice, talk.NewEpoch(alice.User));
        using (var metrics = new ServerMetrics())
        {
            await using var store = SqliteStore.Open(Path.Combine(server.Path, "server.db"), metrics);
            for (var i = 0; i < 200; i++) // before bob's in the order of devices: more than a page holds
                await store.PutReceiptAsync(new ReceiptRecord(
                    talk.Id, new DeviceId(new Hash32([.. new byte[Hash32.Size - 1], (byte)i])), IsFinal: false, talk.Seen.Size, receipt.Bytes));
        }
        var seen = await bob.AskAsync<Receipts>(id => new GetReceipts(id, talk.Id, null));
        Assert.Equal(receipt.Bytes.ToArray(), Assert.Single(seen.Held).Bytes.ToArray());
        Assert.False(seen.More);
        var all = await alice.AskAsync<Receipts>(id => new GetReceipts(id, talk.Id, null));
        Assert.Equal(125, all.Held.Count);
        Assert.True(all.More);
    }

    [Fact]
    public async Task RC_05_a_receipt_waits_for_a_store_that_is_away_and_is_forwarded_when_it_is_back()
    {
        FailingStore? store = null;
        await using var server = await TestServer.StartAsync(store: opened => store = new FailingStore(opened));
        await using var alice = await server.NewReadyAsync("alice", 1);
        await using var bob = await server.NewReadyAsync("bob", 2);
        var talk = await TestTalk.FoundAsync(alice, bob.User);
        var receipt = Sign(bob, ReceiptKind.Delivered, talk);
        store!.Away = new StoreException(StoreFault.Unavailable, "away");
        await bob.AskAsync<Done>(id => new PutReceipt(id, new(receipt.Bytes)));
        await Eventually.True(() => store.TimesAway > 0, "the store is asked who is to get it");
        store.Away = null;
        var pushed = await alice.ReceiveAsync<PushReceipts>();
        Assert.Equal(receipt.Bytes.ToArray(), Assert.Single(pushed.Receipts).Bytes.ToArray());
    }

    [Fact]
    public async Task A_receipt_that_waits_does_not_keep_the_record_that_it_came_in()
    {
        FailingStore? store = null;
        await using var server = await TestServer.StartAsync(store: opened => store = new FailingStore(opened));
        await using var alice = await server.NewReadyAsync("alice", 1);
        var talk = await TestTalk.FoundAsync(alice);
        var receipt = Sign(alice, ReceiptKind.Delivered, talk);
        await alice.AskAsync<Done>(id => new PutReceipt(id, new(receipt.Bytes)));
        var kept = store!.LastReceipt!.Bytes; // the same one is forwarded
        Assert.Equal(receipt.Bytes.ToArray(), kept.ToArray());
        Assert.True(MemoryMarshal.TryGetArray(kept, out var array));
        Assert.Equal(kept.Length, array.Array!.Length);
    }

    [Fact]
    public async Task RC_05_a_receipt_over_another_root_or_beyond_the_end_is_BAD_MESSAGE()
    {
        foreach (var (size, root) in new (ulong, byte)[] { (1, 1), (2, 0), (0, 0) })
        {
            await using var alice = await shared.NewReadyAsync(1);
            var talk = await TestTalk.FoundAsync(alice);
            var head = new Head(talk.Id, size, root == 0 ? talk.Seen.Root : Hash32.Sha256([root]));
            var receipt = Receipt.Sign(alice.User.Key, alice.User.Device, ReceiptKind.Delivered, head, DateTimeOffset.UtcNow);
            await alice.SendAsync(new PutReceipt(alice.NextId(), new(receipt.Bytes)));
            Assert.Equal(WireCode.BadMessage, await alice.ReadAlertAsync());
        }
    }

    [Fact]
    public async Task RC_05_a_receipt_from_the_future_is_BAD_TIME_and_the_link_stays()
    {
        await using var alice = await shared.NewReadyAsync(1);
        var talk = await TestTalk.FoundAsync(alice);
        Receipt At(TimeSpan lead) => Receipt.Sign(alice.User.Key, alice.User.Device, ReceiptKind.Delivered, new Head(talk.Id, 1, talk.Seen.Root), DateTimeOffset.UtcNow + lead);
        var refused = await alice.AskAsync<Refused>(id => new PutReceipt(id, new(At(TimeSpan.FromMinutes(3)).Bytes)));
        Assert.Equal(WireCode.BadTime, refused.Code);
        await alice.AskAsync<Done>(id => new PutReceipt(id, new(At(TimeSpan.FromMinutes(1)).Bytes)));
    }

    [Fact]
    public async Task RC_05_somebody_elses_receipt_or_a_changed_one_is_SIG_FAIL()
    {
        await using var alice = await shared.NewReadyAsync(1);
        await using var bob = await shared.NewReadyAsync(2);
        var talk = await TestTalk.FoundAsync(alice, bob.User);
        await bob.SendAsync(new PutReceipt(bob.NextId(), new(Sign(alice, ReceiptKind.Delivered, talk).Bytes)));
        Assert.Equal(WireCode.SigFail, await bob.ReadAlertAsync());
        var changed = Sign(alice, ReceiptKind.Final, talk).Bytes.ToArray();
        changed[^1] ^= 1;
        await alice.SendAsync(new PutReceipt(alice.NextId(), new(changed)));
        Assert.Equal(WireCode.SigFail, await alice.ReadAlertAsync());
    }

    [Fact]
    public async Task RC_05_a_strangers_receipt_is_NOT_MEMBER()
    {
        await using var alice = await shared.NewReadyAsync(1);
        await using var mallory = await shared.NewReadyAsync(2);
        var talk = await TestTalk.FoundAsync(alice);
        var refused = await mallory.AskAsync<Refused>(id => new PutReceipt(id, new(Sign(mallory, ReceiptKind.Delivered, talk).Bytes)));
        Assert.Equal(WireCode.NotMember, refused.Code);
    }

    private static Receipt Sign(TestClient by, ReceiptKind kind, TestTalk talk) =>
        Receipt.Sign(by.User.Key, by.User.Device, kind, new Head(talk.Id, talk.Seen.Size, talk.Seen.Root), DateTimeOffset.UtcNow);

    private static Prekey NewPrekey(TestClient of, PrekeyKind kind)
    {
        using var key = EcPrivateKey.Generate();
        return Prekey.Sign(of.User.Key, of.User.Device, key.Point, kind, DateTimeOffset.UtcNow);
    }

    private static async Task<Encoded<Prekey>?> TakeAsync(TestClient by, TestUser of) =>
        Assert.Single((await by.AskAsync<PrekeysTaken>(id => new TakePrekeys(id, [of.Device]))).Prekeys);
}
