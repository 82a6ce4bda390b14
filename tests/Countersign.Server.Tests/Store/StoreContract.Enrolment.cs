using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Server.Tests;

public abstract partial class StoreContract
{
    [Fact]
    public async Task IN_03_an_invitation_is_bound_to_the_first_key_with_its_device()
    {
        var invitation = Invitation(1);
        await Store.CreateInvitationAsync(invitation);
        var (first, second) = (TestWorld.NewDevice("alice", 1), TestWorld.NewDevice("alice", 2));
        var won = await Store.RedeemInvitationAsync(invitation.Id, Hash("key 1"), first, Times.Start);
        var lost = await Store.RedeemInvitationAsync(invitation.Id, Hash("key 2"), second, Times.Start);
        await ReopenAfterCrashAsync();
        Assert.Equal((first.Device, first.Device), (won.Device, lost.Device));
        Assert.Equal(Hash("key 1"), lost.KeyHash);
        Assert.Equal(first.Device, Assert.Single(await Store.FindDevicesAsync([first.Device, second.Device])).Device);
        Assert.Equal(first.Device, Assert.Single(await Store.KnownDevicesAsync([first.Device, second.Device])));
    }

    [Fact]
    public async Task IN_03_of_many_keys_at_once_one_is_bound()
    {
        var invitation = Invitation(1);
        await Store.CreateInvitationAsync(invitation);
        var devices = Enumerable.Range(0, 8).Select(static i => TestWorld.NewDevice("alice", i % 3)).ToList();
        var results = await Task.WhenAll(devices.Select((device, i) => Store.RedeemInvitationAsync(invitation.Id, Hash("key " + i), device, Times.Start)));
        Assert.Single(results.Select(static r => r.Device).Distinct());
        Assert.Single(await Store.DevicesOfAsync(Alice, 100));
    }

    [Fact]
    public async Task An_invitation_is_found_as_it_was_stored_and_its_id_is_unique()
    {
        var invitation = Invitation(1);
        await Store.CreateInvitationAsync(invitation);
        var found = await Store.FindInvitationAsync(invitation.Id);
        Assert.Equal(invitation.Key.ToArray(), found!.Key.ToArray());
        Assert.Equal(invitation with { Key = default }, found with { Key = default });
        Assert.Null(await Store.FindInvitationAsync(Invitation(2).Id));
        var conflict = await Assert.ThrowsAsync<StoreException>(() => Store.CreateInvitationAsync(invitation));
        Assert.Equal(StoreFault.Conflict, conflict.Fault);
    }

    [Fact]
    public async Task A_revoked_invitation_is_not_redeemed_and_a_redeemed_one_not_revoked()
    {
        var (revoked, used) = (Invitation(1), Invitation(2));
        await Store.CreateInvitationAsync(revoked);
        await Store.CreateInvitationAsync(used);
        await Store.RevokeInvitationAsync(revoked.Id, Times.Start);
        var device = TestWorld.NewDevice("alice", 1);
        Assert.Null((await Store.RedeemInvitationAsync(revoked.Id, Hash("key"), device, Times.Start)).KeyHash);
        Assert.Empty(await Store.FindDevicesAsync([device.Device]));
        await Store.RedeemInvitationAsync(used.Id, Hash("key"), device, Times.Start);
        Assert.Null((await Store.RevokeInvitationAsync(used.Id, Times.Start))!.RevokedAt);
        Assert.Null(await Store.RevokeInvitationAsync(Invitation(3).Id, Times.Start));
    }

    [Fact]
    public async Task A_device_is_found_with_its_chain_and_a_second_time_changes_nothing()
    {
        var device = TestWorld.NewDevice("alice", 1);
        await Store.AddDeviceAsync(device);
        await Store.AddDeviceAsync(device with { User = Bob });
        var found = Assert.Single(await Store.FindDevicesAsync([device.Device]));
        Assert.Equal((device.User, device.EnrolledAt), (found.User, found.EnrolledAt));
        Assert.Equal(device.Chain.Certificates, found.Chain.Certificates);
        Assert.Empty(await Store.DevicesOfAsync(Bob, 10));
    }

    [Fact]
    public async Task SE_08_a_one_time_prekey_is_handed_out_once_ever()
    {
        var device = Device("bob's");
        PrekeyRecord[] keys = [Prekey("one", false), Prekey("two", false), Prekey("last", true)];
        Assert.Equal(2, await Store.PutPrekeysAsync(device, keys, 200));
        var taken = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Store.TakePrekeysAsync([device])));
        await ReopenAfterCrashAsync();
        Assert.Equal(["last", "last", "one", "two"], taken.Select(static t => Text(t[0])).Order());
        Assert.Equal(0, await Store.PutPrekeysAsync(device, keys, 200)); // stored before: never again
        Assert.Equal("last", Text((await Store.TakePrekeysAsync([device]))[0]));
        Assert.Null((await Store.TakePrekeysAsync([Device("nobody's")]))[0]);
    }

    [Fact]
    public async Task SE_08_one_time_prekeys_above_the_limit_are_dropped_and_the_last_resort_key_is_replaced()
    {
        var device = Device("bob's");
        Assert.Equal(2, await Store.PutPrekeysAsync(device, [Prekey("1", false), Prekey("2", false), Prekey("3", false), Prekey("old", true)], 2));
        Assert.Equal(2, await Store.PutPrekeysAsync(device, [Prekey("4", false), Prekey("new", true)], 2));
        var taken = await Store.TakePrekeysAsync([device, device, device, device]);
        Assert.Equal(["1", "2", "new", "new"], taken.Select(Text));
        Assert.Equal(0, await Store.OneTimePrekeysAsync(device));
    }

    [Fact]
    public async Task SE_08_of_a_last_resort_key_that_was_replaced_nothing_stays_and_of_a_one_time_key_its_id_does()
    {
        var device = Device("bob's");
        await Store.PutPrekeysAsync(device, [Prekey("one", false), Prekey("0", true)], 1);
        for (var i = 1; i < 50; i++)
            await Store.PutPrekeysAsync(device, [Prekey($"{i}", true)], 1);
        Assert.Equal("49", Text((await Store.LastResortPrekeysAsync([device]))[0]));
        await Store.PutPrekeysAsync(device, [Prekey("49", true)], 1); // as if no answer had come
        Assert.Equal("49", Text((await Store.LastResortPrekeysAsync([device]))[0]));
        Assert.Equal("one", Text((await Store.TakePrekeysAsync([device]))[0]));
        Assert.Equal(0, await Store.PutPrekeysAsync(device, [Prekey("one", false), Prekey("0", true)], 1));
        Assert.Equal("0", Text((await Store.LastResortPrekeysAsync([device]))[0])); // nobody remembers that it was there before
        Assert.Equal("0", Text((await Store.TakePrekeysAsync([device]))[0]));
    }

    [Fact]
    public async Task The_last_resort_key_is_shown_without_using_anything_up()
    {
        await Store.PutPrekeysAsync(Device("bob's"), [Prekey("one", false), Prekey("last", true)], 200);
        await Store.PutPrekeysAsync(Device("carol's"), [Prekey("carol's one", false)], 200);
        var shown = await Store.LastResortPrekeysAsync([Device("carol's"), Device("bob's"), Device("nobody's"), Device("bob's")]);
        Assert.Equal([null, "last", null, "last"], shown.Select(static bytes => bytes is null ? null : Text(bytes)));
        Assert.Equal("one", Text((await Store.TakePrekeysAsync([Device("bob's")]))[0]));
    }

    [Fact]
    public async Task A_wish_to_revoke_stays_open_until_it_is_done()
    {
        var request = new RevocationRequest(Device("lost"), new(RevocationReason.KeyCompromise, Times.Start.AddDays(-1)), Times.Start);
        Assert.Equal(request, await Store.RequestRevocationAsync(request));
        await ReopenAfterCrashAsync();
        Assert.Equal(request, Assert.Single(await Store.OpenRevocationsAsync(0, 10)).Request);
        await Store.CompleteRevocationAsync(request, Times.Start);
        Assert.Empty(await Store.OpenRevocationsAsync(0, 10));
        Assert.Equal(new AskedRevocation(request.Device, request, Times.Start), Assert.Single(await Store.DoneRevocationsAsync(0, 10)));
        await Store.RequestRevocationAsync(request);
        Assert.Empty(await Store.DoneRevocationsAsync(0, 10));
        Assert.Equal(request, Assert.Single(await Store.OpenRevocationsAsync(0, 10)).Request); // whether it is still done, the CA knows
    }

    [Fact]
    public async Task CE_15_a_later_wish_to_revoke_says_what_both_say_and_is_not_done_with_the_first()
    {
        var first = new RevocationRequest(Device("lost"), new(RevocationReason.Superseded, null), Times.Start);
        var worse = first with { Grounds = new(RevocationReason.KeyCompromise, null), RequestedAt = Times.Start.AddHours(1) };
        var earlier = first with { Grounds = new(RevocationReason.Superseded, Times.Start.AddDays(-2)), RequestedAt = Times.Start.AddHours(2) };
        await Store.RequestRevocationAsync(first);
        Assert.Equal(worse, await Store.RequestRevocationAsync(worse));
        await Store.CompleteRevocationAsync(first, Times.Start);
        Assert.Equal(worse, Assert.Single(await Store.OpenRevocationsAsync(0, 10)).Request);
        await Store.CompleteRevocationAsync(worse, Times.Start);
        Assert.Empty(await Store.OpenRevocationsAsync(0, 10));

        var all = earlier with { Grounds = new(RevocationReason.KeyCompromise, Times.Start.AddDays(-2)) };
        Assert.Equal(all, await Store.RequestRevocationAsync(earlier));
        await Store.CompleteRevocationAsync(worse, Times.Start);
        await Store.CompleteRevocationAsync(all with { Grounds = new(RevocationReason.KeyCompromise, Times.Start) }, Times.Start);
        await ReopenAfterCrashAsync();
        Assert.Equal(all, Assert.Single(await Store.OpenRevocationsAsync(0, 10)).Request);
        await Store.CompleteRevocationAsync(all, Times.Start);
        Assert.Empty(await Store.OpenRevocationsAsync(0, 10));
    }

    [Fact]
    public async Task CE_15_as_of_when_a_device_was_revoked_first_stays_whatever_is_asked_for_later()
    {
        var first = new RevocationRequest(Device("lost"), new(RevocationReason.Superseded, null), Times.Start);
        var worse = first with { Grounds = new(RevocationReason.KeyCompromise, null), RequestedAt = Times.Start.AddHours(1) };
        await Store.RequestRevocationAsync(first);
        await Store.CompleteRevocationAsync(first, Times.Start.AddSeconds(2));
        await Store.RequestRevocationAsync(worse);
        await ReopenAfterCrashAsync();
        Assert.Equal(new AskedRevocation(worse.Device, worse, Times.Start.AddSeconds(2)), Assert.Single(await Store.OpenRevocationsAsync(0, 10)));
        await Store.CompleteRevocationAsync(worse, Times.Start.AddHours(1));
        Assert.Equal(new AskedRevocation(worse.Device, worse, Times.Start.AddSeconds(2)), Assert.Single(await Store.DoneRevocationsAsync(0, 10)));
    }

    [Fact]
    public async Task CE_16_a_wish_that_is_set_aside_is_neither_open_nor_done_until_it_is_made_again()
    {
        var (aside, other) = (new RevocationRequest(Device("lost"), new(RevocationReason.KeyCompromise, null), Times.Start), new RevocationRequest(Device("other"), new(RevocationReason.KeyCompromise, null), Times.Start));
        await Store.RequestRevocationAsync(aside);
        await Store.RequestRevocationAsync(other);
        await Store.CompleteRevocationAsync(aside, Times.Start);
        await Store.SetRevocationAsideAsync(aside.Device);
        await ReopenAfterCrashAsync();
        Assert.Equal(other, Assert.Single(await Store.OpenRevocationsAsync(0, 10)).Request);
        Assert.Empty(await Store.DoneRevocationsAsync(0, 10));
        Assert.Equal(new AskedRevocation(aside.Device, aside, Times.Start), Assert.Single(await Store.SetAsideRevocationsAsync(0, 10)));
        Assert.Empty(await Store.SetAsideRevocationsAsync(1, 10));
        await Store.RequestRevocationAsync(aside);
        Assert.Empty(await Store.SetAsideRevocationsAsync(0, 10));
        Assert.Equal(2, (await Store.OpenRevocationsAsync(0, 10)).Count);
    }

    [Fact]
    public async Task RC_02_the_servers_own_certificates_are_kept_each_once_and_one_that_was_altered_takes_no_other_away()
    {
        var (first, second) = (TestWorld.NewDevice("alice", 1).Chain, TestWorld.NewDevice("alice", 2).Chain);
        foreach (var chain in new[] { first, second, first })
            await Store.KeepOwnChainAsync(chain);
        await ReopenAfterCrashAsync();
        Assert.Equal(new[] { first, second }.Select(static chain => chain.Leaf.Fingerprint).Order(), (await Store.OwnChainsAsync()).Select(static chain => chain!.Leaf.Fingerprint).Order());
        await ExecuteAsync($"UPDATE server SET value = x'00' WHERE name = '{Rows.Name(first)}'");
        Assert.Equal([null, second.Leaf.Fingerprint], (await Store.OwnChainsAsync()).Select(static chain => chain?.Leaf.Fingerprint).Order());
    }

    [Fact]
    public async Task A_wish_to_revoke_that_was_altered_takes_no_other_away_and_can_be_made_anew()
    {
        var requests = Enumerable.Range(0, 5).Select(static i =>
            new RevocationRequest(Device("lost " + i), new(RevocationReason.KeyCompromise, null), Times.Start.AddMinutes(i))).ToList();
        foreach (var request in requests)
            await Store.RequestRevocationAsync(request);
        await LoosenAsync("revocations", "device");
        await ExecuteAsync($"UPDATE revocations SET reason = 7 WHERE requested_at = {requests[0].RequestedAt.ToUnixTimeMilliseconds()}");
        await ExecuteAsync($"UPDATE revocations SET suspect_since = {long.MaxValue} WHERE requested_at = {requests[1].RequestedAt.ToUnixTimeMilliseconds()}");
        await ExecuteAsync($"UPDATE revocations SET device = x'0102' WHERE requested_at = {requests[2].RequestedAt.ToUnixTimeMilliseconds()}");
        Assert.Equal(
            [new(requests[0].Device, null), new(requests[1].Device, null), new(null, null), new(requests[3].Device, requests[3]), new(requests[4].Device, requests[4])],
            await Store.OpenRevocationsAsync(0, 10));
        Assert.Equal([new(requests[1].Device, null), new(null, null)], await Store.OpenRevocationsAsync(1, 2));
        await ExecuteAsync("UPDATE revocations SET done_at = 0, revoked_at = 0");
        await ExecuteAsync($"UPDATE revocations SET revoked_at = {long.MaxValue} WHERE requested_at = {requests[3].RequestedAt.ToUnixTimeMilliseconds()}");
        Assert.Equal(
            [new(requests[0].Device, null), new(requests[1].Device, null), new(null, null), new(requests[3].Device, null), new(requests[4].Device, requests[4], DateTimeOffset.UnixEpoch)],
            await Store.DoneRevocationsAsync(0, 10));
        Assert.Equal(requests[4].Device, Assert.Single(await Store.DoneRevocationsAsync(4, 10)).Device);
        await ExecuteAsync("UPDATE revocations SET revoked_at = NULL");
        foreach (var request in requests)
            await Store.RequestRevocationAsync(request);
        var open = (await Store.OpenRevocationsAsync(0, 10)).Select(static found => found.Request!).ToList();
        Assert.Equal(requests, open); // whose the altered one was nobody knows: it stays done
    }

    private static PrekeyRecord Prekey(string text, bool isLastResort) => new(Hash(text), isLastResort, System.Text.Encoding.UTF8.GetBytes(text));

    private static string Text(ReadOnlyMemory<byte>? bytes) => System.Text.Encoding.UTF8.GetString(bytes!.Value.Span);
}
