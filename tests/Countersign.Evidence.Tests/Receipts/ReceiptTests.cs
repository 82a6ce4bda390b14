using Countersign.Cryptography;

namespace Countersign.Evidence.Tests;

public sealed class ReceiptTests
{
    private static TestDevice Alice => TestDevice.Alice;
    private static TestDevice Bob => TestDevice.Bob;

    [Fact]
    public void RC_05_a_receipt_of_a_present_or_former_member_over_a_true_head_is_taken()
    {
        var talk = Talk.Started();
        var early = Sign(Bob, talk.Conversation.Head);
        Check(talk, early);
        talk.Server.Take(talk.Members(Alice, removed: [Bob]));
        var verified = Check(talk, early);
        Assert.Equal((Bob.Id, ReceiptKind.Delivered, TestDevice.Now), (verified.Receipt.Device, verified.Receipt.Kind, verified.Receipt.Time));
        Assert.Equal(ReceiptKind.Final, Check(talk, Sign(Bob, talk.Conversation.Head, ReceiptKind.Final)).Receipt.Kind);
    }

    [Fact]
    public void RC_05_a_stranger_another_conversation_and_a_false_head_are_refused()
    {
        var talk = Talk.Started();
        var head = talk.Conversation.Head;
        Refuse(ReceiptFault.NotMember, talk, Sign(TestDevice.Carol, head), TestDevice.Carol);
        Refuse(ReceiptFault.NotMember, talk, Sign(Bob, Talk.Started().Conversation.Head));
        Refuse(ReceiptFault.WrongHead, talk, Sign(Bob, head with { Size = head.Size + 1 }));
        Refuse(ReceiptFault.WrongHead, talk, Sign(Bob, head with { Size = head.Size - 1 }));
        Refuse(ReceiptFault.WrongHead, talk, Sign(Bob, head with { Root = MerkleHash.Empty }));
    }

    [Fact]
    public void A16_RC_05_every_byte_of_a_receipt_counts()
    {
        var receipt = Sign(Bob, Talk.Started().Conversation.Head);
        for (var at = 0; at < receipt.Bytes.Length; at++)
        {
            var bytes = receipt.Bytes.ToArray();
            bytes[at] ^= (byte)(1 << at % 8);
            var refusal = Assert.ThrowsAny<Exception>(() => Receipt.Parse(bytes).Verify(Bob.Verified));
            Assert.True(refusal is ReceiptRefusedException { Fault: ReceiptFault.Malformed or ReceiptFault.BadSignature } or ArgumentException);
        }
        Assert.Throws<ReceiptRefusedException>(() => Receipt.Parse((byte[])[.. receipt.Bytes.Span, 0]));
    }

    [Fact]
    public void A11_RC_05_a_receipt_made_for_another_purpose_or_by_another_key_is_refused()
    {
        var head = Talk.Started().Conversation.Head;
        var forged = Receipt.Sign(Alice.Key, Bob.Id, ReceiptKind.Delivered, head, TestDevice.Now);
        Assert.Equal(ReceiptFault.BadSignature, Assert.Throws<ReceiptRefusedException>(() => forged.Verify(Bob.Verified)).Fault);
        foreach (var (purpose, type) in new[] { (Label.Entry, 17), (Label.HeadBatch, 17), (Label.Receipt, 16), (Label.Receipt, 19), (Label.Receipt, 5) })
            Assert.Throws<ReceiptRefusedException>(() => Receipt.Parse(Raw(purpose, type, head)).Verify(Bob.Verified));
        Receipt.Parse(Raw(Label.Receipt, 17, head)).Verify(Bob.Verified);
    }

    [Fact]
    public void A17_RC_05_the_same_key_certified_for_somebody_else_does_not_take_over_a_receipt()
    {
        var receipt = Sign(Bob, Talk.Started().Conversation.Head);
        receipt.Verify(Bob.Verified);
        Assert.Throws<ArgumentException>(() => receipt.Verify(TestDevice.BobsKeyAsMallory.Verified));
    }

    [Fact]
    public void RC_04_of_two_receipts_the_larger_size_counts()
    {
        var talk = Talk.Started();
        var older = Check(talk, Sign(Bob, talk.Conversation.Head));
        talk.Server.Take(talk.Message(Alice));
        var newer = Check(talk, Sign(Bob, talk.Conversation.Head));
        Assert.Same(older, older.Newest(null));
        Assert.Same(newer, newer.Newest(older));
        Assert.Same(newer, older.Newest(newer));
        Assert.Same(newer, Check(talk, Sign(Bob, talk.Conversation.Head)).Newest(newer));
        Assert.Throws<ArgumentException>(() => newer.Newest(Check(talk, Sign(Alice, talk.Conversation.Head), Alice)));
    }

    [Fact]
    public void RC_06_a_final_receipt_can_be_given_after_close_and_after_leaving()
    {
        var talk = Talk.Started();
        talk.Server.Take(talk.Members(Alice, removed: [Bob]));
        Check(talk, Sign(Bob, talk.Conversation.Head, ReceiptKind.Final));
        talk.Server.Take(talk.Close(Alice));
        Check(talk, Sign(Alice, talk.Conversation.Head, ReceiptKind.Final), Alice);
    }

    private static Receipt Sign(TestDevice device, Head head, ReceiptKind kind = ReceiptKind.Delivered) =>
        Receipt.Sign(device.Key, device.Id, kind, head, TestDevice.Now);

    private static VerifiedReceipt Check(Talk talk, Receipt receipt, TestDevice? device = null) =>
        talk.Conversation.Check(Receipt.Parse(receipt.Bytes).Verify((device ?? Bob).Verified));

    private static void Refuse(ReceiptFault fault, Talk talk, Receipt receipt, TestDevice? device = null) =>
        Assert.Equal(fault, Assert.Throws<ReceiptRefusedException>(() => Check(talk, receipt, device)).Fault);

    private static byte[] Raw(Label purpose, int type, Head head)
    {
        var header = new CborOutput().StartMap(3).Int(1).Int(-37).Int(34).StartArray(2).Int(-16).Hash(Bob.Id.Value).EndArray()
            .Int(-65537).UInt((ulong)type).EndMap().ToArray();
        var payload = new CborOutput().StartArray(2);
        head.Write(payload);
        return CoseSign1.Sign(Bob.Key, purpose, header, payload.UInt(0).EndArray().ToArray());
    }
}
