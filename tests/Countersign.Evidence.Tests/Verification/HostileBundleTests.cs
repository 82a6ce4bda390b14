using Countersign.Authority;
using Countersign.Cryptography;
using Countersign.Testing;

namespace Countersign.Evidence.Tests;

/// <summary>Bundles made to crash a verifier, to keep it busy, or to be written in a second way.</summary>
public sealed class HostileBundleTests
{
    [Theory]
    [InlineData(true), InlineData(false)]
    public void BU_11_CE_12_a_servers_certificate_as_its_own_root_is_refused_whether_or_not_it_is_named(bool namesItsKey)
    {
        using var world = new BundleWorld();
        var own = SelfCertified.Server("server.local", TestDevice.ServerKey, TestDevice.Now, namesItsKey);
        var tampered = new Tampered(world);
        tampered.Certificates.RemoveAll(c => c.Fingerprint == TestDevice.Server.Root.Fingerprint);
        tampered.Certificates.Add(own);
        tampered.Stamps.Clear();
        tampered.Heads.Clear();
        tampered.Heads.Add(HeadBatch.Sign(TestDevice.ServerKey, own.Fingerprint, [world.Head], world.Clock)[0]);
        foreach (var root in new[] { null, TrustAnchor.FromCertificate(own), TrustAnchor.FromFingerprint(own.Fingerprint) })
        {
            var verdict = BundleVerifier.Verify(new MemoryStream(tampered.Write()), root);
            Assert.Contains(verdict.Findings, f => (f.Reason, f.Member) == (Reason.CertificateRefused, BundleMember.Heads));
            Assert.Equal(Verdict.Failed, verdict.Verdict);
        }
    }

    [Fact]
    public void BU_22_BU_14_whose_wrong_signature_it_is_is_asked_for_the_end_of_the_order_alone()
    {
        using var world = new BundleWorld();
        var (whole, gap) = (new Tampered(world, keys: false), new Tampered(world, keys: false));
        foreach (var at in new[] { 4, 6 }) // bob's, signed by alice
            whole.Entries[at] = gap.Entries[at] = Resigned(world.Entries[at], TestDevice.Alice.Key);
        gap.Items = [.. gap.Entries.Take(3).Select(e => TranscriptItem.Shown(e)), .. Subtree(world, 3, 0), .. gap.Entries.Skip(4).Select(e => TranscriptItem.Shown(e))];
        Verified.Failed(whole.Verify(), Reason.WrongKey, 4);
        var verdict = gap.Verify();
        foreach (var at in new ulong[] { 4, 6 })
            Assert.Equal([Reason.Edited], verdict.Of(at)!.Value.List().Where(r => r.Verdict() == Verdict.Failed));
    }

    [Fact]
    public void BU_04_two_subtrees_that_are_one_are_not_the_fewest()
    {
        using var world = new BundleWorld();
        // 3 to 7: 3, then 4 to 7 as one of four.
        Assert.False(IsRefused(3, 8, 0, 2));
        Assert.True(IsRefused(3, 8, 0, 1, 1));
        Assert.True(IsRefused(3, 8, 0, 1, 0, 0));
        Assert.True(IsRefused(3, 8, 0, 0, 0, 1));
        // 3 and 4, and 5 and 6 and 7: neighbours of one size, but no larger one begins there.
        Assert.False(IsRefused(3, 5, 0, 0));
        Assert.False(IsRefused(5, 8, 0, 1));
        // An entry between two ends the run.
        Assert.False(IsRefused(4, 5, 0));

        bool IsRefused(int from, int to, params int[] levels)
        {
            var tampered = new Tampered(world, keys: false);
            List<TranscriptItem> items = [.. tampered.Entries.Take(from).Select(e => TranscriptItem.Shown(e))];
            var at = from;
            foreach (var level in levels)
            {
                items.AddRange(Subtree(world, at, level));
                at += 1 << level;
            }
            Assert.Equal(to, at);
            tampered.Items = [.. items, .. tampered.Entries.Skip(to).Select(e => TranscriptItem.Shown(e))];
            var verdict = tampered.Verify();
            Assert.True(verdict.Reasons.Contains(Reason.EntriesWithheld), Verified.Text(verdict));
            return verdict.Findings.Any(f => (f.Reason, f.Rule) == (Reason.Damaged, "BU-04"));
        }
    }

    [Fact]
    public void BU_20_EN_19_only_messages_are_reported_as_erased()
    {
        var talk = Talk.Started();
        talk.Server.Take(talk.Message(TestDevice.Alice));
        // Her genesis and epoch, which have no key to destroy, and her message.
        ErasedEntry[] named = [.. talk.Server.Entries.Where(e => e.Author == TestDevice.Alice.Id).Select(e => new ErasedEntry(e.Seq, e.Hash))];
        Assert.Equal(3, named.Length);
        talk.Server.Take(TestDevice.Alice.Author.Erase(talk.Place(TestDevice.Alice), TestDevice.Now, named));
        var head = talk.Conversation.Head;
        var verdict = Verified.By(BundleWorld.Write(new BundleContents
        {
            Conversation = head.Conversation,
            Entries = talk.Server.Entries.Select(e => e.Bytes),
            Heads = HeadBatch.Sign(TestDevice.ServerKey, TestDevice.Server.Leaf.Fingerprint, [head], TestDevice.Now),
            Stamps = [],
            Receipts = [],
            Certificates = [TestDevice.Alice.Verified.Leaf, TestDevice.Bob.Verified.Leaf, TestDevice.Server.Leaf, TestDevice.Server.Root],
            RevocationLists = TestDevice.RevocationLists,
        }));
        Verified.Indeterminate(verdict, Reason.NoFinalReceipt, Reason.NoTrustedTime);
        Assert.Equal(3UL, Assert.Single(verdict.Summary.Erased).Key);
    }

    // A root, and an authority under it, whose certificates and lists last for ever, and a stamp of the last second there is.
    [Fact]
    public void BU_11_TS_07_a_stamp_of_the_last_second_of_the_year_9999_causes_a_verdict()
    {
        var now = TestDevice.Now;
        var (last, clock) = (DateTimeOffset.MaxValue.AddTicks(-9_999_999), new Moment(now));
        using var directory = new TemporaryDirectory();
        using var root = AuthorityStore.CreateRoot(directory["root"], "for ever", "passphrase", clock, 2048, last - now);
        CertificationRequest Of(SigningKey key) => CertificationRequest.Create(key);
        var server = root.IssueServer([ServerName.Parse("server.local")], Of(TestDevice.ServerKey));
        var alice = root.IssueDevice(UserName.Parse("alice"), Of(TestDevice.Alice.Key));
        var tsa = root.IssueTimeStampAuthority("time", Of(TestKeys.Named("tsa")), last - now);
        var device = new DeviceId(alice.Fingerprint);
        var genesis = new EntryAuthor(TestDevice.Alice.Key, device).Genesis("#end", [new Member(UserName.Parse("alice"), device)], now);
        var head = HeadBatch.Sign(TestDevice.ServerKey, server.Fingerprint,
            [new Head(genesis.Conversation, 1, MerkleHash.Leaf(genesis.Bytes.Span))], now)[0];
        var request = TimeStampRequest.For(head.Batch.Bytes.Span);
        // Not disposed: it would take the shared key with it.
        var authority = TimeStampAuthority.CreateInMemory(new([tsa]), TestKeys.Named("tsa"), new Moment(last));
        var bundle = BundleWorld.Write(new BundleContents
        {
            Conversation = genesis.Conversation,
            Entries = [genesis.Bytes],
            Heads = [head],
            Stamps = [new StampedHead(head, request.ReadResponse(authority.Respond(request.Encode())))],
            Receipts = [Receipt.Sign(TestDevice.Alice.Key, device, ReceiptKind.Final, head.Head, now)],
            Certificates = [server, alice, root.Certificate],
            RevocationLists = [root.MakeRevocationList(last - now)],
        });

        var verdict = BundleVerifier.Verify(new MemoryStream(bundle), TrustAnchor.FromCertificate(root.Certificate));

        Assert.False(verdict.Reasons.Contains(Reason.StampRefused), Verified.Text(verdict));
        Assert.True(verdict.Verdict == Verdict.Indeterminate, Verified.Text(verdict));
    }

    private sealed class Moment(DateTimeOffset time) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => time;
    }

    private static IReadOnlyList<TranscriptItem> Subtree(BundleWorld world, int from, int level)
    {
        var run = new WithheldRun();
        for (var at = from; at < from + (1 << level); at++)
            run.Add((ulong)at, world.Entries[at].LeafHash);
        var items = run.Take();
        Assert.Equal(level, Assert.Single(items).Level);
        return items;
    }

    private static byte[] Resigned(Entry entry, SigningKey key)
    {
        var cose = CoseSign1.Parse(entry.Bytes, 1 << 17);
        return CoseSign1.Sign(key, Label.Entry, cose.ProtectedHeader.Span, cose.Payload.Span);
    }
}
