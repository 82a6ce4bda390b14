using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using Countersign.Cryptography;

namespace Countersign.Evidence.Tests;

public sealed class TimeTests
{
    [Fact]
    public void BU_18_without_a_stamp_the_servers_word_is_all_there_is()
    {
        using var world = new BundleWorld();
        var tampered = new Tampered(world);
        tampered.Stamps.Clear();
        Verified.Indeterminate(tampered.Verify(), Reason.NoTrustedTime);
        tampered.Stamps.Add(new StampedHead(world.Heads[0], TestDevice.Stamp(world.Heads[0].Batch.Bytes, world.Clock)));
        var verdict = tampered.Verify();
        Assert.False(verdict.Of(3)!.Value.Contains(Reason.NoTrustedTime));
        Assert.True(verdict.Of(4)!.Value.Contains(Reason.NoTrustedTime));
    }

    // Nobody signs a token's unsigned attributes: whoever passes it on can make another form of it.
    [Fact]
    public void TS_01_BU_05_two_forms_of_one_token_in_a_bundle_prove_what_one_does()
    {
        using var world = new BundleWorld();
        var tampered = new Tampered(world);
        var cms = new SignedCms();
        cms.Decode(world.Stamps[0].Token.Der.Span);
        cms.SignerInfos[0].AddUnsignedAttribute(new AsnEncodedData(new Oid("1.2.3.9"), [5, 0]));
        tampered.Stamps.Add(new StampedHead(world.Stamps[0].SignedHead, TimeStampToken.Parse(cms.Encode())));
        Assert.NotEqual(tampered.Stamps[0].Encode(), tampered.Stamps[1].Encode());
        Verified.Passed(tampered.Verify());
        tampered.Stamps.RemoveAt(0);
        Verified.Passed(tampered.Verify());
    }

    [Fact]
    public void BU_13_BU_18_a_stamp_over_other_bytes_is_refused()
    {
        using var world = new BundleWorld();
        var tampered = new Tampered(world);
        tampered.Stamps[0] = new StampedHead(world.Heads[1], TestDevice.Stamp(world.Heads[0].Batch.Bytes, world.Clock));
        Verified.Failed(tampered.Verify(), Reason.StampRefused);
    }

    [Fact]
    public void A28_BU_18_a_server_that_dates_back_or_ahead_is_noticed()
    {
        using var world = new BundleWorld();
        var back = new Tampered(world);
        back.Heads.Add(world.SignHead(TestDevice.ServerKey, time: world.Clock.AddMinutes(-3)));
        Verified.Failed(back.Verify(), Reason.Backdated);
        var ahead = new Tampered(world);
        var head = world.SignHead(TestDevice.ServerKey, time: world.Clock.AddMinutes(3));
        ahead.Stamps.Add(new StampedHead(head, TestDevice.Stamp(head.Batch.Bytes, world.Clock)));
        Verified.Failed(ahead.Verify(), Reason.Postdated);
        var slightly = new Tampered(world); // clocks differ
        slightly.Heads.Add(world.SignHead(TestDevice.ServerKey, time: world.Clock.AddSeconds(-100)));
        Verified.Passed(slightly.Verify());
    }

    [Fact]
    public void A28_BU_18_a_head_signed_again_for_a_removed_device_accuses_nobody()
    {
        using var world = new BundleWorld(TestDevice.Alice, TestDevice.Bob, TestDevice.Now, removed: TestDevice.Carol);
        var honest = new Tampered(world);
        honest.Heads.Add(world.SignHead(TestDevice.ServerKey, world.HeadOfRemoved, world.Clock.AddDays(3)));
        Verified.Passed(honest.Verify());
        var dishonest = new Tampered(world); // nobody else has a shorter head signed late
        dishonest.Heads.Add(world.SignHead(TestDevice.ServerKey, world.Heads[0].Head, world.Clock.AddDays(3)));
        Verified.Failed(dishonest.Verify(), Reason.Backdated);
    }

    [Fact]
    public void BU_18_BU_22_a_head_whose_last_entry_is_withheld_accuses_nobody()
    {
        using var world = new BundleWorld(TestDevice.Alice, TestDevice.Bob, TestDevice.Now, removed: TestDevice.Carol);
        var hidden = new Tampered(world, keys: false);
        hidden.Heads.Add(world.SignHead(TestDevice.ServerKey, world.HeadOfRemoved, world.Clock.AddDays(3)));
        var run = new WithheldRun();
        run.Add(4, world.Entries[4].LeafHash); // the removal, passed off as a message
        hidden.Items = [.. world.Entries.Take(4).Select(e => TranscriptItem.Shown(e.Bytes)), .. run.Take(), .. world.Entries.Skip(5).Select(e => TranscriptItem.Shown(e.Bytes))];
        var verdict = hidden.Verify();
        Assert.False(verdict.Reasons.Contains(Reason.Backdated), Verified.Text(verdict));
        Assert.NotEqual(Verdict.Passed, verdict.Verdict);
    }

    [Fact]
    public void BU_18_BU_19_a_head_signed_again_late_does_not_move_entries_behind_a_revocation()
    {
        var eve = TestDevice.Named("eve.removed"); // revoked at Now
        using var world = new BundleWorld(TestDevice.Alice, eve, TestDevice.Now.AddMinutes(-30), removed: TestDevice.Carol);
        var tampered = new Tampered(world);
        tampered.Lists[0] = eve.Revoke();
        tampered.Heads.Add(world.SignHead(TestDevice.ServerKey, world.HeadOfRemoved, TestDevice.Now.AddMinutes(5)));
        tampered.Stamps[0] = new StampedHead(world.Heads[^1], TestDevice.Stamp(world.Heads[^1].Batch.Bytes, TestDevice.Now.AddMinutes(10)));
        var verdict = tampered.Verify();
        Assert.False(verdict.Reasons.Contains(Reason.RevokedBefore), Verified.Text(verdict));
        Assert.True(verdict.Reasons.Contains(Reason.SuspectSince), Verified.Text(verdict));
    }

    [Fact]
    public void BU_18_a_slow_clock_is_noted_and_fails_nothing()
    {
        using var world = new BundleWorld();
        var tampered = new Tampered(world);
        tampered.Heads[0] = world.SignHead(TestDevice.ServerKey, world.Heads[0].Head, world.Clock.AddMinutes(10));
        tampered.Heads[1] = world.SignHead(TestDevice.ServerKey, world.Heads[1].Head, world.Clock.AddMinutes(10));
        tampered.Stamps[0] = new StampedHead(tampered.Heads[1], TestDevice.Stamp(tampered.Heads[1].Batch.Bytes, world.Clock.AddMinutes(10)));
        var verdict = tampered.Verify();
        Verified.Passed(verdict);
        Assert.Equal([Reason.ClockContradicted], verdict.Reasons.List());
        Assert.False(verdict.Of(4)!.Value.Contains(Reason.ClockContradicted)); // had seen four: the head of size four may be older
        Assert.True(verdict.Of(5)!.Value.Contains(Reason.ClockContradicted));
    }

    // EN-08 and RC-10 together: the author was 120 s ahead, and the server's clock was set back by 60 s before it signed.
    [Theory]
    [InlineData(180, false)]
    [InlineData(181, true)]
    public void BU_14_EN_18_an_entry_dated_after_the_head_that_covers_it_is_noticed(int lead, bool isNoticed)
    {
        using var world = new BundleWorld();
        var tampered = new Tampered(world);
        tampered.Heads[0] = world.SignHead(TestDevice.ServerKey, world.Heads[0].Head, TestDevice.Now.AddSeconds(-lead));
        var verdict = tampered.Verify();
        Assert.Equal(isNoticed, verdict.Of(0)!.Value.Contains(Reason.Postdated));
        if (isNoticed)
            Verified.Failed(verdict, Reason.Postdated, 0);
    }

    [Fact]
    public void BU_19_entries_are_sorted_into_sealed_before_inside_and_after_a_revocation()
    {
        // Revoked at Now, suspect since an hour before.
        var eve = TestDevice.Named("eve.revoked");
        using var before = new BundleWorld(TestDevice.Alice, eve, TestDevice.Now.AddHours(-2));
        using var inside = new BundleWorld(TestDevice.Alice, eve, TestDevice.Now.AddMinutes(-30));
        using var after = new BundleWorld(TestDevice.Alice, eve, TestDevice.Now.AddMinutes(30));
        var list = eve.Revoke(TestDevice.Now.AddHours(-1));
        BundleVerdict Verify(BundleWorld world)
        {
            var tampered = new Tampered(world);
            (tampered.Lists[0], tampered.Receipts[1]) = (list, world.Receipts[1]);
            return tampered.Verify();
        }

        Verified.Indeterminate(Verify(inside), Reason.SuspectSince, Reason.NoFinalReceipt);
        Assert.Equal([1UL, 4, 6], Positions(Verify(inside), Reason.SuspectSince));
        Assert.Equal([0UL, 1, 4, 6], Positions(Verify(after), Reason.RevokedBefore)); // the first names her
        Assert.Equal(Verdict.Failed, Verify(after).Verdict);
        Assert.Empty(Positions(Verify(before), Reason.SuspectSince));
        Assert.False(Verify(before).Reasons.Contains(Reason.RevokedBefore));
    }

    // Point 6 of what a verifier owes: an old record stays good when its certificates have run out since.
    [Fact]
    public void BU_19_an_expired_certificate_on_an_old_stamped_entry_is_fine()
    {
        var end = TestDevice.Alice.Verified.Leaf.NotAfter;
        using var lastMinute = new BundleWorld(TestDevice.Alice, TestDevice.Bob, end.AddMinutes(-1));
        var tampered = new Tampered(lastMinute);
        tampered.Lists[0] = TestDevice.LongList; // made, and read, however long after
        Verified.Passed(tampered.Verify());
    }

    [Fact]
    public void BU_19_certificates_and_lists_count_at_the_time_of_the_signature()
    {
        using var late = new BundleWorld(TestDevice.Alice, TestDevice.Bob, TestDevice.Now.AddYears(3), stamped: false);
        Assert.True(new Tampered(late).Verify().Reasons.Contains(Reason.CertificateNotValidThen));
        using var early = new BundleWorld(TestDevice.Alice, TestDevice.Bob, TestDevice.Now.AddYears(-1), stamped: false);
        Assert.True(new Tampered(early).Verify().Reasons.Contains(Reason.CertificateNotValidThen));
        using var world = new BundleWorld();
        var listless = new Tampered(world);
        listless.Lists.Clear();
        var verdict = listless.Verify();
        Assert.Equal(Verdict.Indeterminate, verdict.Verdict);
        Assert.Equal(Enumerable.Range(0, 9).Select(i => (ulong)i), Positions(verdict, Reason.NoRevocationData));
    }

    [Fact]
    public void BU_19_the_bracket_decides()
    {
        var t = TestDevice.Now;
        var history = new CertificateHistory(t, t.AddDays(10), t.AddDays(20), t.AddDays(5), t.AddDays(3), false);
        Reason? Judge(double earliest, double latest, CertificateHistory? of = null) =>
            Standing.Judge(of ?? history, new TimeBracket(t.AddDays(earliest), t.AddDays(latest), true));
        Assert.Null(Judge(1, 2.9));
        Assert.Equal(Reason.SuspectSince, Judge(1, 3));
        Assert.Equal(Reason.SuspectSince, Judge(4.9, 9));
        Assert.Equal(Reason.RevokedBefore, Judge(5, 9));
        Assert.Equal(Reason.CertificateNotValidThen, Judge(-2, -1));
        var good = history with { RevokedAt = null, SuspectSince = null };
        Assert.Null(Judge(4.9, 9, good));
        Assert.Equal(Reason.TimeUncertain, Judge(9, 11, good));
        Assert.Equal(Reason.CertificateNotValidThen, Judge(11, 12, good));
        Assert.Equal(Reason.NoRevocationData, Judge(1, 2, good with { ListsReachTo = t.AddDays(1) }));
        Assert.Equal(Reason.NoRevocationData, Judge(1, 2, good with { ListsReachTo = null }));
    }

    [Fact]
    public void A16_BU_19_a_receipt_can_be_dated_back_by_whoever_has_the_key_so_none_of_a_key_that_was_suspect_counts()
    {
        var eve = TestDevice.Named("eve.receipt");
        using var world = new BundleWorld(TestDevice.Alice, eve, TestDevice.Now.AddHours(-2)); // her own receipt is an hour older than the theft
        var tampered = new Tampered(world);
        Verified.Passed(tampered.Verify());
        tampered.Lists[0] = eve.Revoke(TestDevice.Now.AddHours(-1));
        Verified.Indeterminate(tampered.Verify(), Reason.NoFinalReceipt, Reason.SuspectSince);
        Assert.Empty(Positions(tampered.Verify(), Reason.SuspectSince)); // what she wrote was stamped before
    }

    [Fact]
    public void BU_19_a_head_of_a_key_that_was_stolen_since_counts_if_its_batch_was_stamped_before()
    {
        using var world = new BundleWorld();
        var tampered = new Tampered(world);
        tampered.Heads.RemoveAt(0); // of those left, each is in the batch that was stamped
        tampered.Lists[0] = ForgetfulList.Sign(TestDevice.Now.AddDays(3), revoked: TestDevice.Server.Leaf);
        Verified.Passed(tampered.Verify());
        tampered.Heads.Add(world.Heads[0]);
        Verified.Indeterminate(tampered.Verify(), Reason.SuspectSince);
        tampered.Heads.RemoveAt(1);
        tampered.Lists[0] = ForgetfulList.Sign(TestDevice.Now.AddSeconds(-1), revoked: TestDevice.Server.Leaf);
        Verified.Failed(tampered.Verify(), Reason.RevokedBefore);
    }

    [Fact]
    public void BU_19_a_receipt_is_no_older_than_the_heads_below_its_own_whatever_it_says()
    {
        var eve = TestDevice.Named("eve.dated");
        using var world = new BundleWorld(TestDevice.Alice, eve, TestDevice.Now);
        var tampered = new Tampered(world);
        tampered.Lists[0] = ForgetfulList.Sign(world.Heads[0].Batch.Time, revoked: eve.Verified.Leaf, superseded: true);
        tampered.Receipts[1] = Receipt.Sign(eve.Key, eve.Id, ReceiptKind.Final, world.Head, TestDevice.Now.AddSeconds(-30));
        Assert.Contains(tampered.Verify().Findings, f => f.Reason == Reason.RevokedBefore && f.Member == BundleMember.Receipts && f.Device == eve.Id);
    }

    [Fact]
    public void TS_05_BU_13_stamps_of_an_authority_that_was_revoked_since_count_no_more_and_refute_nothing()
    {
        using var world = new BundleWorld();
        var tampered = new Tampered(world);
        tampered.Lists[0] = ForgetfulList.Sign(TestDevice.Now.AddDays(30), revoked: TestDevice.TimeStampCertificate, superseded: true);
        Verified.Passed(tampered.Verify());
        tampered.Lists[0] = ForgetfulList.Sign(TestDevice.Now.AddDays(30), revoked: TestDevice.TimeStampCertificate);
        Verified.Indeterminate(tampered.Verify(), Reason.SuspectSince, Reason.NoTrustedTime);
        tampered.Lists[0] = ForgetfulList.Sign(TestDevice.Now.AddSeconds(-1), revoked: TestDevice.TimeStampCertificate);
        Verified.Failed(tampered.Verify(), Reason.StampRefused);
    }

    [Fact]
    public void BU_19_TS_05_a_key_that_nobody_else_has_leaves_its_receipts_standing()
    {
        var t = TestDevice.Now;
        var good = new CertificateHistory(t, t.AddDays(10), t.AddDays(20), t.AddDays(5), t.AddDays(5), LeavesOlderSignatures: true);
        Assert.Null(Standing.JudgeUnsealed(good, t.AddDays(4)));
        Assert.Equal(Reason.RevokedBefore, Standing.JudgeUnsealed(good, t.AddDays(5)));
        Assert.Equal(Reason.SuspectSince, Standing.JudgeUnsealed(good with { LeavesOlderSignatures = false }, t.AddDays(4)));
        Assert.Equal(Reason.CertificateNotValidThen, Standing.JudgeUnsealed(good, t.AddDays(-1)));
    }

    private static IEnumerable<ulong> Positions(BundleVerdict verdict, Reason reason) => verdict.Shown.Where(p => verdict.Of(p)!.Value.Contains(reason));
}
