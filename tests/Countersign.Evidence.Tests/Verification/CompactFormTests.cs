using Countersign.Cryptography;

namespace Countersign.Evidence.Tests;

/// <summary>There is one compact form of a bundle, and it can be compared with every head that is there.</summary>
public sealed class CompactFormTests
{
    private static readonly Hash32 SomeRoot = Hash32.Sha256("some other transcript"u8);

    [Fact]
    public void BU_04_a_run_that_is_not_cut_where_a_head_ends_is_damaged_and_one_that_is_tells_what_the_head_contradicts()
    {
        using var world = new BundleWorld();
        foreach (var root in new[] { world.Talk.Server.RootAt(5), SomeRoot })
        {
            var head = world.SignHead(TestDevice.ServerKey, new Head(world.Talk.Conversation.Id, 5, root)); // 4 and 5 would be one
            var uncut = new Tampered(world, keys: false) { Items = BundleVectors.Withheld(world, 4, 5, 6) };
            uncut.Heads.Add(head);
            Assert.Contains(uncut.Verify().Findings, static f => (f.Reason, f.Rule, f.Position) == (Reason.Damaged, "BU-04", 4));
            Assert.Equal(9UL, uncut.Verify().Size); // the rest is judged all the same
            var cut = Verified.By(BundleWorld.Write(world.Contents(compact: true, further: head)));
            if (root == SomeRoot)
                Verified.Failed(cut, Reason.Forked);
            else
                Verified.Indeterminate(cut, Reason.EntriesWithheld);
        }
    }

    [Fact]
    public void BU_04_a_run_is_cut_at_heads_that_nobody_can_prove_too()
    {
        using var world = new BundleWorld();
        var stranger = TestDevice.ServerNamed("server.local"); // not in the bundle
        var head = HeadBatch.Sign(TestDevice.ServerKey, stranger.Fingerprint, [new Head(world.Talk.Conversation.Id, 5, world.Talk.Server.RootAt(5))], world.Clock)[0];
        var verdict = Verified.By(BundleWorld.Write(world.Contents(compact: true, further: head)));
        Verified.Indeterminate(verdict, Reason.NoCertificate, Reason.EntriesWithheld);
    }

    [Fact]
    public void BU_04_the_genesis_is_never_withheld()
    {
        using var world = new BundleWorld();
        var tampered = new Tampered(world, keys: false) { Items = BundleVectors.Withheld(world, 0) };
        Assert.Contains(tampered.Verify().Findings, static f => (f.Reason, f.Rule) == (Reason.Damaged, "BU-04"));
    }

    [Fact]
    public void A28_BU_15_two_roots_of_one_size_are_a_fork_wherever_that_size_lies()
    {
        using var world = new BundleWorld();
        foreach (var size in new ulong[] { 5, 9, 100 })
        {
            var tampered = new Tampered(world);
            foreach (var root in new[] { SomeRoot, Hash32.Sha256("and another"u8) })
                tampered.Heads.Add(world.SignHead(TestDevice.ServerKey, new Head(world.Talk.Conversation.Id, size, root)));
            Assert.True(tampered.Verify().Reasons.Contains(Reason.Forked), Verified.Text(tampered.Verify()));
            Assert.False(tampered.Verify().Reasons.Contains(Reason.Dropped), Verified.Text(tampered.Verify()));
        }
    }

    [Fact]
    public void BU_22_a_receipt_of_a_device_that_no_entry_shown_names_is_not_passed_over()
    {
        using var world = new BundleWorld();
        var tampered = new Tampered(world, keys: false) { Items = BundleVectors.Withheld(world, 4) };
        Verified.Indeterminate(tampered.Verify(), Reason.EntriesWithheld);
        tampered.Certificates.Add(TestDevice.Carol.Verified.Leaf);
        tampered.Receipts.Add(Receipt.Sign(TestDevice.Carol.Key, TestDevice.Carol.Id, ReceiptKind.Final, world.Head, world.Clock));
        Verified.Indeterminate(tampered.Verify(), Reason.EntriesWithheld, Reason.MembershipNotShown);
        Assert.Contains(tampered.Verify().Findings, static f => (f.Reason, f.Device) == (Reason.MembershipNotShown, TestDevice.Carol.Id));
    }

    [Fact]
    public void BU_22_EN_13_whom_an_entry_after_a_subtree_names_is_judged()
    {
        using var world = new BundleWorld();
        var place = new AuthorPlace(world.Talk.Conversation.Id, 2, new TreeHead(4, world.Talk.Server.RootAt(4)));
        foreach (var (member, certificate, reason) in new (Member, Certificate?, Reason)[]
        {
            (TestDevice.Carol.Member, null, Reason.NoCertificate),
            (new(TestDevice.Bob.User, TestDevice.Carol.Id), TestDevice.Carol.Verified.Leaf, Reason.WrongPerson),
            (new(TestDevice.Bob.User, new(TestDevice.Server.Leaf.Fingerprint)), null, Reason.CertificateRefused),
        })
        {
            var tampered = new Tampered(world, keys: false);
            var adds = TestDevice.Bob.Author.Members(place, world.Clock, [member], []);
            tampered.Items = [.. BundleVectors.Withheld(world, 3).Take(4), TranscriptItem.Shown(adds.Bytes)];
            if (certificate is not null)
                tampered.Certificates.Add(certificate);
            Assert.True(tampered.Verify().Of(4)!.Value.Contains(reason), Verified.Text(tampered.Verify()));
        }
    }
}
