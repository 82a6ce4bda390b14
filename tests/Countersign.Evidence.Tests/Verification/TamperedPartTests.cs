using System.Security.Cryptography;
using Countersign.Cryptography;

namespace Countersign.Evidence.Tests;

/// <summary>Heads, receipts, keys, certificates and stamps of a true bundle, changed.</summary>
public sealed class TamperedPartTests
{
    [Fact]
    public void BU_11_rubbish_is_a_verdict_too()
    {
        foreach (var bytes in new byte[][] { [], [0], new byte[22], RandomNumberGenerator.GetBytes(5000), "PK"u8.ToArray() })
            Verified.Failed(Verified.By(bytes), Reason.MalformedBundle);
        using var world = new BundleWorld();
        var whole = BundleWorld.Write(world.Contents());
        Verified.Failed(Verified.By(whole[..(whole.Length / 2)]), Reason.MalformedBundle);
    }

    [Fact]
    public void BU_13_heads_are_this_conversations_and_signed_by_its_server()
    {
        using var world = new BundleWorld();
        Verified.Failed(WithHeads(world, world.SignHead(TestDevice.Alice.Key)), Reason.HeadRefused);
        using var other = new BundleWorld();
        Verified.Failed(WithHeads(world, other.Heads[0]), Reason.Transplanted);
        var alices = HeadBatch.Sign(TestDevice.Alice.Key, TestDevice.Alice.Id.Value, [world.Head], world.Clock)[0];
        Verified.Failed(WithHeads(world, alices), Reason.CertificateRefused); // a device's certificate signs no heads
        var moved = new SignedHead(world.Head, 1, [], world.Heads[1].Batch);
        Verified.Failed(WithHeads(world, moved), Reason.HeadRefused);
    }

    [Fact]
    public void A28_BU_15_a_head_over_another_history_is_a_fork()
    {
        using var world = new BundleWorld();
        Verified.Failed(WithHeads(world, world.SignHead(TestDevice.ServerKey, world.Head with { Root = MerkleHash.Empty })), Reason.Forked);
        Verified.Failed(WithHeads(world, world.SignHead(TestDevice.ServerKey, world.Head with { Size = 5 })), Reason.Forked);
    }

    [Fact]
    public void BU_15_without_a_head_over_all_of_it_nothing_passes()
    {
        using var world = new BundleWorld();
        var tampered = new Tampered(world);
        tampered.Heads.Clear();
        tampered.Stamps.Clear();
        tampered.Certificates.Remove(TestDevice.Server.Leaf);
        Verified.Indeterminate(tampered.Verify(), Reason.NoSignedHead, Reason.NoTrustedTime);
        tampered.Heads.Add(world.Heads[0]);
        tampered.Certificates.Add(TestDevice.Server.Leaf);
        var verdict = tampered.Verify();
        Assert.False(verdict.Of(3)!.Value.Contains(Reason.NoSignedHead));
        Assert.True(verdict.Of(4)!.Value.Contains(Reason.NoSignedHead));
    }

    [Fact]
    public void A28_BU_16_each_missing_receipt_names_its_device()
    {
        using var world = new BundleWorld();
        foreach (var receipt in world.Receipts)
        {
            var tampered = new Tampered(world);
            tampered.Receipts.Remove(receipt);
            var verdict = tampered.Verify();
            Verified.Indeterminate(verdict, Reason.NoFinalReceipt);
            Assert.Equal(receipt.Device, Assert.Single(verdict.Findings).Device);
            tampered.Receipts.Add(Receipt.Sign(receipt.Device == TestDevice.Alice.Id ? TestDevice.Alice.Key : TestDevice.Bob.Key, receipt.Device,
                ReceiptKind.Delivered, receipt.Head, receipt.Time)); // delivered is not final
            Verified.Indeterminate(tampered.Verify(), Reason.NoFinalReceipt);
        }
    }

    [Fact]
    public void A16_BU_16_an_edited_receipt_is_refused()
    {
        using var world = new BundleWorld();
        foreach (var (receipt, reason) in new[]
        {
            (Receipt.Sign(TestDevice.Bob.Key, TestDevice.Alice.Id, ReceiptKind.Final, world.Head, world.Clock), Reason.ReceiptRefused),
            (Receipt.Sign(TestDevice.Carol.Key, TestDevice.Carol.Id, ReceiptKind.Final, world.Head, world.Clock), Reason.NoCertificate),
            (Receipt.Sign(TestDevice.Bob.Key, TestDevice.Bob.Id, ReceiptKind.Final, world.Head with { Root = MerkleHash.Empty }, world.Clock), Reason.Forked),
            (Receipt.Sign(TestDevice.Bob.Key, TestDevice.Bob.Id, ReceiptKind.Final, world.Head with { Size = 10 }, world.Clock), Reason.Truncated),
            (Receipt.Sign(TestDevice.Bob.Key, TestDevice.Bob.Id, ReceiptKind.Final, world.Head with { Conversation = default }, world.Clock), Reason.Transplanted),
        })
        {
            var tampered = new Tampered(world);
            tampered.Receipts.Add(receipt);
            Assert.True(tampered.Verify().Reasons.Contains(reason), Verified.Text(tampered.Verify()));
            Assert.NotEqual(Verdict.Passed, tampered.Verify().Verdict);
        }
        var stranger = new Tampered(world);
        stranger.Receipts.Add(Receipt.Sign(TestDevice.Carol.Key, TestDevice.Carol.Id, ReceiptKind.Final, world.Head, world.Clock));
        stranger.Certificates.Add(TestDevice.Carol.Verified.Leaf);
        Verified.Failed(stranger.Verify(), Reason.ReceiptRefused);
    }

    [Fact]
    public void BU_17_keys_exchanged_misplaced_or_wrong_are_refused()
    {
        using var world = new BundleWorld();
        for (var i = 0; i < 3; i++)
        {
            var tampered = new Tampered(world);
            (tampered.Keys[i], tampered.Keys[i + 1]) = ((tampered.Keys[i].Position, tampered.Keys[i + 1].Key), (tampered.Keys[i + 1].Position, tampered.Keys[i].Key));
            Verified.Failed(tampered.Verify(), Reason.KeyCommitment, tampered.Keys[i].Position);
        }
        foreach (var position in new ulong[] { 0, 7, 9 })
        {
            var tampered = new Tampered(world, keys: false);
            tampered.Keys.Add((position, new byte[16]));
            Verified.Failed(tampered.Verify(), Reason.KeyCommitment);
        }
        var twice = new Tampered(world);
        twice.Keys.Insert(1, twice.Keys[0]);
        Verified.Failed(twice.Verify(), Reason.Damaged);
    }

    [Fact]
    public void A27_BU_17_one_ciphertext_under_two_keys_opens_only_with_the_committed_one()
    {
        using var world = new BundleWorld();
        using var other = MessageKey.Own(Secret.Random(16));
        var tampered = new Tampered(world, keys: false);
        using var secret = other.Export();
        tampered.Keys.Add((3, secret.Span.ToArray()));
        Verified.Failed(tampered.Verify(), Reason.KeyCommitment, 3);
    }

    [Fact]
    public void BU_12_members_whose_certificate_is_missing_or_of_another_CA_prove_nothing()
    {
        using var world = new BundleWorld();
        var missing = new Tampered(world, keys: false);
        missing.Certificates.RemoveAll(c => c.Fingerprint == TestDevice.Bob.Id.Value);
        var verdict = missing.Verify();
        Assert.True(verdict.Reasons.Contains(Reason.NoCertificate) && verdict.Verdict == Verdict.Indeterminate, Verified.Text(verdict));
        var rootless = new Tampered(world);
        rootless.Certificates.RemoveAll(c => c.Fingerprint == TestDevice.Server.Root.Fingerprint);
        Verified.Passed(rootless.Verify()); // it was named
        Assert.NotEqual(Verdict.Passed, BundleVerifier.Verify(new MemoryStream(rootless.Write()), null).Verdict);
    }

    [Fact]
    public void A17_A29_BU_14_a_certificate_for_another_person_is_noticed()
    {
        // A CA that certifies bob's key for mallory: the member list names the device of bob's own certificate.
        using var world = new BundleWorld();
        var talk = new Talk(TestDevice.Alice, TestDevice.Bob);
        var genesis = TestDevice.Alice.Author.Genesis("", [TestDevice.Alice.Member, new Member(TestDevice.Bob.User, TestDevice.BobsKeyAsMallory.Id)], TestDevice.Now);
        var tampered = new Tampered(world, keys: false) { Conversation = genesis.Conversation };
        tampered.Entries.Clear();
        tampered.Entries.Add(genesis.Bytes.ToArray());
        tampered.Certificates.Add(TestDevice.BobsKeyAsMallory.Verified.Leaf);
        tampered.Heads.Clear();
        tampered.Stamps.Clear();
        tampered.Receipts.Clear();
        Verified.Failed(tampered.Verify(), Reason.WrongPerson, 0);
    }

    private static BundleVerdict WithHeads(BundleWorld world, SignedHead head)
    {
        var tampered = new Tampered(world);
        tampered.Heads.Add(head);
        return tampered.Verify();
    }
}
