using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Evidence.Tests;

namespace Countersign.Protocol.Tests;

public sealed class KeyCommitmentTests
{
    [Fact]
    public void A27_CK_02_a_ciphertext_with_two_keys_and_two_meanings_opens_with_the_committed_key_alone()
    {
        using var world = new EpochWorld();
        using var chain = world.Secret.StartChain(world.Entry.Hash, EpochWorld.Alice.Id);
        using var committed = chain.Next();
        using var committedBytes = committed.Export();
        using var otherBytes = Secret.Random(MessageCipher.KeySize);
        using var other = MessageKey.Import(otherBytes);
        var draft = EpochWorld.Alice.Author.Message(world.Place(EpochWorld.Alice), TestDevice.Now, world.Entry.Hash, committed.Commitment);
        var ciphertext = TwoKeyCiphertext.Make(committedBytes.Span.ToArray(), otherBytes.Span.ToArray(), draft.ProtectedHeader.ToArray(),
            "PAY 100 TO ALICE"u8, "PAY 999 TO MALLO"u8);
        var entry = draft.Sign(ciphertext);
        SignedEntry.Verify(entry, EpochWorld.Alice.Verified); // the signature covers the ciphertext and is true

        // The control: AES-GCM alone opens it under both keys, to two meanings.
        using (var first = MessageCipher.Decrypt(committedBytes, entry.ProtectedHeader.Span, ciphertext))
            Assert.Equal("PAY 100 TO ALICE"u8, first.Span[..16]);
        using (var second = MessageCipher.Decrypt(otherBytes, entry.ProtectedHeader.Span, ciphertext))
            Assert.Equal("PAY 999 TO MALLO"u8, second.Span[16..32]);

        Assert.Equal(MessageFault.OtherKey, Assert.Throws<MessageUnreadableException>(() => other.Open(entry)).Fault);
        // Under the committed key it opens, and the padding leaves no place for the block that balances the tags.
        Assert.Equal(MessageFault.BadContent, Assert.Throws<MessageUnreadableException>(() => committed.Open(entry)).Fault);
    }
}
