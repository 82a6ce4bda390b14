using Countersign.Cryptography;

namespace Countersign.Evidence.Tests;

/// <summary>Which receipts count, and what one that does not count does to the rest.</summary>
public sealed class ReceiptCountTests
{
    [Theory]
    [InlineData(253_402_300_799_999)] // the end of the year 9999
    [InlineData(0)]
    public void BU_19_a_receipt_of_a_time_that_its_signer_invented_counts_for_nothing_and_refutes_nothing(long milliseconds)
    {
        using var world = new BundleWorld();
        var tampered = new Tampered(world);
        tampered.Heads.RemoveAt(0); // no smaller head says when it was made at the earliest
        var time = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
        tampered.Receipts[1] = Receipt.Sign(TestDevice.Bob.Key, TestDevice.Bob.Id, ReceiptKind.Final, world.Head, time);
        Verified.Indeterminate(tampered.Verify(), Reason.NoFinalReceipt, Reason.TimeUncertain);
    }

    [Fact]
    public void BU_19_a_receipt_that_only_its_signer_dates_behind_his_revocation_refutes_nothing()
    {
        var eve = TestDevice.Named("eve.ahead.receipt");
        using var world = new BundleWorld(TestDevice.Alice, eve, TestDevice.Now);
        var tampered = new Tampered(world);
        tampered.Lists[0] = ForgetfulList.Sign(TestDevice.Now.AddDays(1), revoked: eve.Verified.Leaf, superseded: true);
        Verified.Passed(tampered.Verify());
        tampered.Receipts[1] = Receipt.Sign(eve.Key, eve.Id, ReceiptKind.Final, world.Head, TestDevice.Now.AddDays(30));
        Verified.Indeterminate(tampered.Verify(), Reason.NoFinalReceipt, Reason.SuspectSince);
    }

    [Fact]
    public void BU_16_RC_06_who_left_and_came_back_is_held_by_the_receipts_of_today()
    {
        var talk = Talk.Started();
        talk.Server.Take(talk.Message(TestDevice.Bob));
        talk.Server.Take(talk.Members(TestDevice.Alice, removed: [TestDevice.Bob]));
        var left = talk.Conversation.Head;
        talk.Server.Take(talk.Members(TestDevice.Alice, added: [TestDevice.Bob]));
        talk.Server.Take(talk.Epoch(TestDevice.Alice));
        talk.Server.Take(talk.Message(TestDevice.Alice));
        var head = HeadBatch.Sign(TestDevice.ServerKey, TestDevice.Server.Leaf.Fingerprint, [talk.Conversation.Head], TestDevice.Now)[0];
        Receipt[] whole =
        [
            Receipt.Sign(TestDevice.Alice.Key, TestDevice.Alice.Id, ReceiptKind.Delivered, talk.Conversation.Head, TestDevice.Now),
            Receipt.Sign(TestDevice.Bob.Key, TestDevice.Bob.Id, ReceiptKind.Final, left, TestDevice.Now),
        ];
        BundleContents With(params Receipt[] receipts) => new()
        {
            Conversation = talk.Conversation.Id,
            Entries = talk.Server.Entries.Select(static e => e.Bytes),
            Heads = [head],
            Stamps = [new StampedHead(head, TestDevice.Stamp(head.Batch.Bytes, TestDevice.Now))],
            Receipts = receipts,
            Certificates = [TestDevice.Alice.Verified.Leaf, TestDevice.Bob.Verified.Leaf, TestDevice.Server.Leaf, TestDevice.Server.Root],
            RevocationLists = TestDevice.RevocationLists,
            Keys = new Dictionary<ulong, MessageKey>(),
        };
        Verified.Indeterminate(Verified.By(BundleWorld.Write(With(whole))), Reason.NoFinalReceipt);
        var back = Receipt.Sign(TestDevice.Bob.Key, TestDevice.Bob.Id, ReceiptKind.Delivered, talk.Conversation.Head, TestDevice.Now);
        var verdict = Verified.By(BundleWorld.Write(With([.. whole, back])));
        Verified.Passed(verdict);
        Assert.Equal(talk.Conversation.Head.Size, verdict.Summary.Parties.Single(p => p.Device == TestDevice.Bob.Id).Receipt!.Head.Size);
    }
}
