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

    [Fact]
    public void BU_22_the_compact_form_still_proves_that_nothing_is_cut_out_and_what_members_received()
    {
        using var world = new BundleWorld();
        var (first, second) = (new WithheldRun(), new WithheldRun());
        first.Add(3, world.Entries[3].LeafHash);
        first.Add(4, world.Entries[4].LeafHash);
        second.Add(3, world.Entries[4].LeafHash);
        second.Add(4, world.Entries[3].LeafHash);
        BundleVerdict With(IEnumerable<TranscriptItem> run, int next, Action<Tampered>? change = null)
        {
            var tampered = new Tampered(world, keys: false);
            tampered.Items = [.. tampered.Entries.Take(3).Select(e => TranscriptItem.Shown(e)), .. run, .. tampered.Entries.Skip(next).Select(e => TranscriptItem.Shown(e))];
            change?.Invoke(tampered);
            return tampered.Verify();
        }

        var run = first.Take();
        Verified.Indeterminate(With(run, 5), Reason.EntriesWithheld);
        Verified.Failed(With(second.Take(), 5), Reason.Forked); // another order below the hashes
        Verified.Failed(With(run, 6), Reason.Truncated); // fewer than were signed: which is missing, the hashes do not tell
        Verified.Failed(With(run, 5, t => t.Receipts[1] = Receipt.Sign(TestDevice.Bob.Key, TestDevice.Bob.Id, ReceiptKind.Final, world.Head with { Root = MerkleHash.Empty }, world.Clock)), Reason.Forked);
    }

    [Fact]
    public void BU_22_what_a_subtree_hides_may_be_more_than_messages_and_so_it_never_passes()
    {
        // Bob is removed in an entry that is passed off as withheld messages; what he says after it is his, and was not allowed.
        var talk = Talk.Started();
        talk.Server.Take(talk.Message(TestDevice.Alice));
        var removal = talk.Members(TestDevice.Alice, removed: [TestDevice.Bob]);
        var place = new AuthorPlace(talk.Conversation.Id, 2, talk.Conversation.Head.Tree);
        var after = talk.Message(TestDevice.Bob, place);
        var tree = new MerkleFrontier();
        foreach (var entry in (Entry[])[.. talk.Server.Entries, removal, after])
            tree.Append(entry.LeafHash);
        var head = HeadBatch.Sign(TestDevice.ServerKey, TestDevice.Server.Leaf.Fingerprint, [new Head(talk.Conversation.Id, tree.Size, tree.Root)], TestDevice.Now)[0];
        using var world = new BundleWorld();
        var run = new WithheldRun();
        run.Add(4, removal.LeafHash);
        var tampered = new Tampered(world, keys: false)
        {
            Conversation = talk.Conversation.Id,
            Items = [.. talk.Server.Entries.Select(e => TranscriptItem.Shown(e.Bytes)), .. run.Take(), TranscriptItem.Shown(after.Bytes)],
        };
        tampered.Heads.Clear();
        tampered.Heads.Add(head);
        tampered.Stamps.Clear();
        tampered.Stamps.Add(new StampedHead(head, TestDevice.Stamp(head.Batch.Bytes, TestDevice.Now)));
        tampered.Receipts.Clear();
        Verified.Indeterminate(tampered.Verify(), Reason.EntriesWithheld);
    }
}
