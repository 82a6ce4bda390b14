using Countersign.Cryptography;

namespace Countersign.Evidence.Tests;

public sealed class SignedHeadTests
{
    private static readonly Hash32 Signer = TestDevice.Server.Leaf.Fingerprint;

    [Fact]
    public void RC_01_each_head_of_a_batch_of_any_size_leads_to_its_one_signature()
    {
        for (var count = 1; count <= 9; count++)
        {
            var signed = HeadBatch.Sign(TestDevice.ServerKey, Signer, Heads(count), TestDevice.Now);
            Assert.Equal(Heads(count), signed.Select(s => s.Head));
            foreach (var head in signed)
            {
                var verified = SignedHead.Parse(head.Encode()).Verify(TestDevice.Server);
                Assert.Equal((head.Head, TestDevice.Now), (verified.Head, verified.Time));
                Assert.Same(signed[0].Batch, head.Batch);
            }
        }
    }

    [Fact]
    public void RC_01_the_signature_of_a_batch_is_verified_once_for_many_heads()
    {
        var signed = HeadBatch.Sign(TestDevice.ServerKey, Signer, Heads(3), TestDevice.Now);
        var batch = signed[0].Batch.Verify(TestDevice.Server);
        foreach (var head in signed)
            Assert.Equal(head.Head, SignedHead.Parse(head.Encode()).Verify(batch).Head);
        var other = HeadBatch.Sign(TestDevice.ServerKey, Signer, Heads(3), TestDevice.Now)[0];
        Assert.Throws<ArgumentException>(() => other.Verify(batch));
    }

    [Fact]
    public void RC_02_every_byte_of_a_signed_head_counts()
    {
        var bytes = HeadBatch.Sign(TestDevice.ServerKey, Signer, Heads(5), TestDevice.Now)[3].Encode();
        for (var at = 0; at < bytes.Length; at++)
        {
            var changed = bytes.ToArray();
            changed[at] ^= (byte)(1 << at % 8);
            Assert.Throws<HeadRefusedException>(() => SignedHead.Parse(changed).Verify(TestDevice.Server));
        }
    }

    [Fact]
    public void RC_01_another_index_path_or_head_is_not_in_the_batch()
    {
        var signed = HeadBatch.Sign(TestDevice.ServerKey, Signer, Heads(4), TestDevice.Now);
        var (right, other) = (signed[1], signed[2]);
        Refuse(HeadFault.NotInBatch, new SignedHead(right.Head, 2, right.Path, right.Batch));
        Refuse(HeadFault.NotInBatch, new SignedHead(right.Head, 9, right.Path, right.Batch));
        Refuse(HeadFault.NotInBatch, new SignedHead(other.Head, right.Index, right.Path, right.Batch));
        Refuse(HeadFault.NotInBatch, new SignedHead(right.Head, right.Index, [.. right.Path.Skip(1)], right.Batch));
        Refuse(HeadFault.NotInBatch, new SignedHead(right.Head, right.Index, [.. right.Path, right.Path[0]], right.Batch));
    }

    [Fact]
    public void RC_02_only_the_servers_own_certificate_and_key_sign_heads()
    {
        var named = HeadBatch.Sign(TestDevice.ServerKey, TestDevice.Alice.Id.Value, Heads(1), TestDevice.Now)[0];
        Refuse(HeadFault.OtherSigner, named);
        var forged = HeadBatch.Sign(TestDevice.Alice.Key, Signer, Heads(1), TestDevice.Now)[0];
        Refuse(HeadFault.BadSignature, forged);
    }

    [Fact]
    public void A11_RC_01_a_batch_says_that_it_is_one()
    {
        HeadBatch.Parse(Batch(16)).Verify(TestDevice.Server);
        foreach (var type in new[] { 1, 5, 15, 17, 18, 19 })
            Assert.Equal(HeadFault.Malformed, Assert.Throws<HeadRefusedException>(() => HeadBatch.Parse(Batch(type))).Fault);

        static byte[] Batch(int type)
        {
            var header = new CborOutput().StartMap(3).Int(1).Int(-37).Int(34).StartArray(2).Int(-16).Hash(Signer).EndArray()
                .Int(-65537).UInt((ulong)type).EndMap().ToArray();
            var payload = new CborOutput().StartArray(3).UInt(1).Hash(MerkleHash.Empty).UInt(0).EndArray().ToArray();
            return CoseSign1.Sign(TestDevice.ServerKey, Label.HeadBatch, header, payload);
        }
    }

    [Fact]
    public void RC_02_a_head_is_compared_with_the_transcript_held()
    {
        var talk = Talk.Started();
        var head = talk.Conversation.Head;
        Assert.IsType<ConfirmedHead>(talk.Conversation.Compare(Signed(head)));
        talk.Server.Take(talk.Message(TestDevice.Alice));
        Assert.IsType<ConfirmedHead>(talk.Conversation.Compare(Signed(head)));
        Assert.IsType<HeadAhead>(talk.Conversation.Compare(Signed(head with { Size = head.Size + 2 })));
        Assert.Throws<ArgumentException>(() => talk.Conversation.Compare(Signed(Talk.Started().Conversation.Head)));
    }

    [Fact]
    public void RC_07_a_head_that_the_transcript_contradicts_is_misconduct()
    {
        var talk = Talk.Started();
        var lie = Signed(talk.Conversation.Head with { Size = 2 });
        var contradicted = Assert.IsType<ContradictedHead>(talk.Conversation.Compare(lie));
        var proof = Assert.IsType<HeadAgainstTranscript>(contradicted.Misconduct);
        Assert.Same(lie, proof.Head);
        Assert.Equal(new Head(talk.Conversation.Id, 2, talk.Server.RootAt(2)), proof.Held);
    }

    [Fact]
    public void A28_RC_07_two_histories_signed_by_one_server_are_misconduct()
    {
        var heads = Heads(2);
        var forked = heads[0] with { Root = MerkleHash.Empty };
        var (first, second) = (Signed(heads[0]), Signed(forked));
        var proof = Assert.IsType<ContradictingHeads>(Misconduct.Between(first, second));
        Assert.Equal((first, second), (proof.First, proof.Second));
        Assert.Null(Misconduct.Between(first, Signed(heads[0])));
        Assert.Null(Misconduct.Between(first, Signed(forked with { Size = 77 })));
        Assert.Null(Misconduct.Between(first, Signed(heads[1] with { Size = heads[0].Size })));
    }

    private static Head[] Heads(int count) =>
        [.. Enumerable.Range(0, count).Select(i => new Head(new ConversationId(Hash32.Sha256([(byte)i])), (ulong)i + 1, MerkleHash.Leaf([(byte)i])))];

    private static VerifiedHead Signed(Head head) =>
        HeadBatch.Sign(TestDevice.ServerKey, Signer, [head], TestDevice.Now)[0].Verify(TestDevice.Server);

    private static void Refuse(HeadFault fault, SignedHead head) =>
        Assert.Equal(fault, Assert.Throws<HeadRefusedException>(() => SignedHead.Parse(head.Encode()).Verify(TestDevice.Server)).Fault);
}
