using Countersign.Cryptography;

namespace Countersign.Evidence.Tests;

/// <summary>Heads over sizes that the transcript does not show: nobody can say of which transcript they are, so they prove nothing.</summary>
public sealed class UncomparedHeadTests
{
    private static readonly Hash32 SomeRoot = Hash32.Sha256("some other transcript"u8);

    // The operator and a thief of eve's key, when her certificate is revoked already: 4 and 5 are withheld as one subtree.
    [Fact]
    public void A28_BU_18_a_head_inside_a_withheld_subtree_dates_nothing_back()
    {
        var eve = TestDevice.Named("eve.backdated"); // revoked at Now, suspect since an hour before
        using var world = new BundleWorld(TestDevice.Alice, eve, TestDevice.Now.AddMinutes(30));
        var tampered = Compact(world);
        tampered.Lists[0] = eve.Revoke(TestDevice.Now.AddHours(-1));
        tampered.Heads.RemoveAt(0);
        Assert.Equal([0UL, 1], Of(tampered.Verify(), Reason.RevokedBefore));
        var invented = SignedFor(world, 5, SomeRoot, TestDevice.Now.AddHours(-2));
        tampered.Stamps.Add(new StampedHead(invented, TestDevice.Stamp(invented.Batch.Bytes, TestDevice.Now.AddHours(-2))));
        var latest = new List<DateTimeOffset?>();
        var verdict = Verified.By(tampered.Write(), entry => latest.Add(entry.NotAfter));
        Assert.Equal([0UL, 1], Of(verdict, Reason.RevokedBefore));
        Assert.All(latest, time => Assert.True(time > TestDevice.Now));
    }

    [Fact]
    public void BU_18_a_head_beyond_the_transcript_dates_nothing_back()
    {
        using var world = new BundleWorld();
        var tampered = new Tampered(world);
        var invented = SignedFor(world, 100, SomeRoot, TestDevice.Now.AddHours(-2));
        tampered.Stamps.Add(new StampedHead(invented, TestDevice.Stamp(invented.Batch.Bytes, TestDevice.Now.AddHours(-2))));
        var latest = new List<DateTimeOffset?>();
        Verified.Failed(Verified.By(tampered.Write(), entry => latest.Add(entry.NotAfter)), Reason.Truncated);
        Assert.All(latest, time => Assert.True(time >= TestDevice.Now));
    }

    [Fact]
    public void BU_18_a_head_that_contradicts_the_transcript_dates_nothing_back()
    {
        using var world = new BundleWorld();
        var tampered = new Tampered(world);
        var invented = SignedFor(world, 5, SomeRoot, TestDevice.Now.AddHours(-2));
        tampered.Stamps.Add(new StampedHead(invented, TestDevice.Stamp(invented.Batch.Bytes, TestDevice.Now.AddHours(-2))));
        var latest = new List<DateTimeOffset?>();
        Verified.Failed(Verified.By(tampered.Write(), entry => latest.Add(entry.NotAfter)), Reason.Forked);
        Assert.All(latest, time => Assert.True(time >= TestDevice.Now));
    }

    [Fact]
    public void BU_15_two_roots_of_one_withheld_size_contradict_each_other()
    {
        using var world = new BundleWorld();
        var tampered = Compact(world);
        tampered.Heads.Add(SignedFor(world, 5, SomeRoot, world.Clock));
        Assert.False(tampered.Verify().Reasons.Contains(Reason.Forked));
        tampered.Heads.Add(SignedFor(world, 5, Hash32.Sha256("and another"u8), world.Clock));
        Assert.True(tampered.Verify().Reasons.Contains(Reason.Forked));
    }

    [Fact]
    public void RC_01_BU_13_a_head_over_nothing_is_refused()
    {
        using var world = new BundleWorld();
        var tampered = new Tampered(world);
        tampered.Heads.Add(SignedFor(world, 0, MerkleHash.Empty, world.Clock));
        Verified.Failed(tampered.Verify(), Reason.HeadRefused);
    }

    [Fact]
    public void BU_04_the_compact_form_shows_the_size_of_every_head()
    {
        using var world = new BundleWorld();
        var inside = world.SignHead(TestDevice.ServerKey, new Head(world.Talk.Conversation.Id, 5, world.Talk.Server.RootAt(5))); // 4 and 5 would be one
        var verdict = Verified.By(BundleWorld.Write(world.Contents(compact: true, further: inside)));
        Verified.Indeterminate(verdict, Reason.EntriesWithheld);
        Assert.Equal([4UL, 5, 9], verdict.Summary.Heads.Select(static head => head.Size).Distinct());
    }

    // A removed device had its last head signed again, late (RC-09), and no later head of the server's is a measure any more.
    [Fact]
    public void BU_19_entries_that_no_believed_head_covers_are_still_judged_by_the_heads_below_them()
    {
        var eve = TestDevice.Named("eve.uncovered"); // revoked at Now
        using var world = new BundleWorld(TestDevice.Alice, eve, TestDevice.Now.AddMinutes(30), stamped: false, removed: TestDevice.Carol);
        var tampered = new Tampered(world);
        tampered.Lists[0] = eve.Revoke();
        Assert.Contains(6UL, Of(tampered.Verify(), Reason.RevokedBefore));
        tampered.Heads.Add(world.SignHead(TestDevice.ServerKey, world.HeadOfRemoved, TestDevice.Now.AddDays(5)));
        Assert.Contains(6UL, Of(tampered.Verify(), Reason.RevokedBefore));
    }

    [Fact]
    public void BU_14_EN_18_an_entry_dated_long_after_its_stamp_is_noticed_whatever_heads_say()
    {
        using var world = new BundleWorld(TestDevice.Alice, TestDevice.Bob, TestDevice.Now, removed: TestDevice.Carol);
        var tampered = new Tampered(world);
        tampered.Heads.RemoveAt(0);
        tampered.Heads[0] = world.SignHead(TestDevice.ServerKey, world.Head, TestDevice.Now.AddMinutes(-10));
        tampered.Heads.Add(world.SignHead(TestDevice.ServerKey, world.HeadOfRemoved, TestDevice.Now.AddDays(3)));
        tampered.Stamps[0] = new StampedHead(tampered.Heads[0], TestDevice.Stamp(tampered.Heads[0].Batch.Bytes, TestDevice.Now.AddMinutes(-10)));
        Verified.Failed(tampered.Verify(), Reason.Postdated, 0);
    }

    // Hers is ahead, as EN-08 allows: the server took the entries before the revocation, and signed a head before it or just after.
    [Theory]
    [InlineData(90)]
    [InlineData(35)]
    public void BU_18_a_clock_that_is_ahead_moves_nothing_behind_a_revocation(int lead)
    {
        var eve = TestDevice.Named("eve.ahead");
        using var world = new BundleWorld(TestDevice.Alice, eve, TestDevice.Now);
        var tampered = new Tampered(world);
        tampered.Heads.RemoveAt(0);
        tampered.Heads[0] = world.SignHead(TestDevice.ServerKey, world.Head, TestDevice.Now.AddSeconds(-lead));
        tampered.Stamps[0] = new StampedHead(tampered.Heads[0], TestDevice.Stamp(tampered.Heads[0].Batch.Bytes, TestDevice.Now));
        tampered.Lists[0] = ForgetfulList.Sign(TestDevice.Now.AddSeconds(-50), revoked: eve.Verified.Leaf, superseded: true);
        var verdict = tampered.Verify();
        Assert.Empty(Of(verdict, Reason.RevokedBefore));
        Assert.Equal([1UL, 4, 6], Of(verdict, Reason.SuspectSince));
    }

    private static Tampered Compact(BundleWorld world)
    {
        var run = new WithheldRun();
        foreach (var position in (ulong[])[4, 5, 6])
            run.Add(position, world.Entries[(int)position].LeafHash);
        var tampered = new Tampered(world, keys: false)
        {
            Items = [.. Shown(world.Entries.Take(4)), .. run.Take(), .. Shown(world.Entries.Skip(7))],
        };
        return tampered;
    }

    private static IEnumerable<TranscriptItem> Shown(IEnumerable<Entry> entries) => entries.Select(static entry => TranscriptItem.Shown(entry.Bytes));

    private static SignedHead SignedFor(BundleWorld world, ulong size, Hash32 root, DateTimeOffset time) =>
        world.SignHead(TestDevice.ServerKey, new Head(world.Talk.Conversation.Id, size, root), time);

    private static IEnumerable<ulong> Of(BundleVerdict verdict, Reason reason) => verdict.Shown.Where(p => verdict.Of(p)!.Value.Contains(reason));
}
