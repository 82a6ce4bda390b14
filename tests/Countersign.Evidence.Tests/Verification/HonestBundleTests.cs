using Countersign.Cryptography;

namespace Countersign.Evidence.Tests;

public sealed class HonestBundleTests
{
    [Fact]
    public void BU_14_R11_an_honest_conversation_passes_with_all_some_or_no_messages_disclosed()
    {
        using var world = new BundleWorld();
        foreach (var keys in new ulong[][] { [], [3], [4, 6], [.. world.Messages] })
        {
            var seen = new List<RecordEntry>();
            var verdict = Verified.By(BundleWorld.Write(world.Contents(keysAt: keys)), seen.Add);
            Verified.Passed(verdict);
            Assert.Equal(Enumerable.Range(0, 9).Select(i => (ulong)i), verdict.Shown);
            Assert.All(verdict.Shown, p => Assert.Equal(default, verdict.Of(p)!.Value));
            Assert.Equal(keys, seen.Where(e => e.Text is not null).Select(e => e.Position));
            Assert.Equal(world.Entries.Select(e => e.Hash), seen.Select(e => e.Entry.Hash));
            Assert.All(seen, e => Assert.True(e.TimeIsProved && e.User is not null));
        }
    }

    [Fact]
    public void R9_R10_the_summary_says_who_when_and_how_many()
    {
        using var world = new BundleWorld();
        var summary = Verified.By(BundleWorld.Write(world.Contents())).Summary;
        Assert.Equal(("shift handover", "server.local", 4UL, 1UL, 0UL, true), (summary.Name, summary.Server!.ToString(), summary.Messages, summary.Disclosed, summary.Withheld, summary.Closed));
        Assert.Equal((TestDevice.Server.Root.Fingerprint, true), (summary.Root!.Value, summary.RootWasNamed));
        Assert.Equal(["alice", "bob"], summary.Parties.Select(p => p.User.ToString()).Order());
        Assert.All(summary.Parties, p => Assert.Equal((true, true, ReceiptKind.Final), (p.Joined, p.IsMember, p.Receipt!.Kind)));
        Assert.Equal([4UL, 9UL, 9UL], summary.Heads.Select(h => h.Size));
        Assert.Equal([null, null, world.Stamps[0].Token.Time], summary.Heads.Select(h => h.ProvedTime));
    }

    [Fact]
    public void BU_20_an_erased_message_is_reported_and_verifies()
    {
        using var world = new BundleWorld();
        var verdict = Verified.By(BundleWorld.Write(world.Contents()));
        Verified.Passed(verdict);
        var (position, erasure) = Assert.Single(verdict.Summary.Erased);
        Assert.Equal((5UL, 7UL, world.Entries[7].Time), (position, erasure.Position, erasure.Time));
    }

    [Fact]
    public void BU_10_without_a_named_root_nothing_passes()
    {
        using var world = new BundleWorld();
        var bytes = BundleWorld.Write(world.Contents());
        var verdict = BundleVerifier.Verify(new MemoryStream(bytes), null);
        Verified.Indeterminate(verdict, Reason.NoRoot);
        Assert.All(verdict.Shown, p => Assert.True(verdict.Of(p)!.Value.Contains(Reason.NoRoot)));
        Verified.Passed(BundleVerifier.Verify(new MemoryStream(bytes), TrustAnchor.FromFingerprint(TestDevice.Server.Root.Fingerprint)));
    }

    [Fact]
    public void BU_10_BU_12_another_root_refuses_everything_and_is_called_that()
    {
        using var world = new BundleWorld();
        var verdict = BundleVerifier.Verify(new MemoryStream(BundleWorld.Write(world.Contents())), TrustAnchor.FromFingerprint(MerkleHash.Empty));
        Verified.Failed(verdict, Reason.OtherRoot);
        Assert.Equal(TestDevice.Server.Root.Fingerprint, verdict.Summary.OtherRoot);
        Assert.True(verdict.Reasons.Contains(Reason.CertificateRefused));
        Assert.All(verdict.Shown, p => Assert.NotEqual(Verdict.Passed, verdict.Of(p)!.Value.Verdict));
    }

    [Fact]
    public void BU_10_what_a_report_says_is_not_read()
    {
        using var world = new BundleWorld();
        var contents = world.Contents();
        var output = new MemoryStream();
        BundleBuilder.Write(new BundleContents
        {
            Conversation = contents.Conversation, Entries = contents.Entries, Heads = contents.Heads, Stamps = contents.Stamps, Receipts = contents.Receipts,
            Certificates = contents.Certificates, RevocationLists = contents.RevocationLists, Report = "<h1>FAILED</h1>"u8.ToArray(),
        }, output);
        Verified.Passed(Verified.By(output.ToArray()));
    }

    [Fact]
    public void BU_22_the_compact_form_proves_what_it_shows_and_says_that_it_shows_less()
    {
        using var world = new BundleWorld();
        var verdict = Verified.By(BundleWorld.Write(world.Contents(compact: true, keysAt: [4])));
        Verified.Indeterminate(verdict, Reason.EntriesWithheld);
        Assert.Equal([0UL, 1, 2, 4, 7, 8], verdict.Shown);
        Assert.All(verdict.Shown, p => Assert.Equal(default, verdict.Of(p)!.Value));
        Assert.Null(verdict.Of(3));
        Assert.Equal((9UL, 3UL, 1UL), (verdict.Size, verdict.Summary.Withheld, verdict.Summary.Disclosed));
    }
}
