using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Protocol.Tests;

public sealed class EpochSecretTests
{
    [Fact]
    public void CK_06_every_member_opens_the_committed_secret()
    {
        using var world = new EpochWorld();
        foreach (var device in new[] { EpochWorld.Alice, EpochWorld.Bob })
        {
            using var opened = world.Open(device);
            Assert.Equal(world.Body.Commitment, opened.Commitment);
            using var chain = opened.StartChain(world.Entry.Hash, EpochWorld.Alice.Id);
            using var expected = world.Secret.StartChain(world.Entry.Hash, EpochWorld.Alice.Id);
            using var key = chain.Next();
            using var expectedKey = expected.Next();
            Assert.Equal(expectedKey.Commitment, key.Commitment);
        }
    }

    [Fact]
    public void CK_06_a_copy_that_contradicts_the_commitment_is_refused()
    {
        using var world = new EpochWorld();
        Refused(EpochFault.OtherSecret, () => world.Open(EpochWorld.Bob, world.Body with { Commitment = MerkleHash.Empty }));
    }

    [Fact]
    public void CK_06_a_copy_moved_to_another_member_prekey_or_conversation_does_not_open()
    {
        using var world = new EpochWorld();
        var (alices, bobs) = (EpochSecret.CopyFor(world.Body, EpochWorld.Alice.Id), EpochSecret.CopyFor(world.Body, EpochWorld.Bob.Id));
        Refused(EpochFault.DoesNotOpen, () => world.Open(EpochWorld.Bob, With(bobs with { Sealed = alices.Sealed })));
        Refused(EpochFault.DoesNotOpen, () => world.Open(EpochWorld.Bob, With(bobs with { Prekey = alices.Prekey })));
        Refused(EpochFault.DoesNotOpen, () => world.Open(EpochWorld.Bob, conversation: new ConversationId(MerkleHash.Empty)));
        Refused(EpochFault.NoCopy, () => world.Open(EpochWorld.Bob, With(alices)));

        EpochBody With(SealedCopy copy) => world.Body with { Copies = [copy] };
    }

    [Fact]
    public void CK_06_every_byte_of_a_copy_counts()
    {
        using var world = new EpochWorld();
        var copy = EpochSecret.CopyFor(world.Body, EpochWorld.Bob.Id);
        for (var at = 0; at < SealedCopy.CiphertextSize; at++)
        {
            var ciphertext = copy.Sealed.Ciphertext.ToArray();
            ciphertext[at] ^= 1;
            var changed = copy with { Sealed = HpkeSealed.Parse(copy.Sealed.EncapsulatedKey.Span, ciphertext) };
            Refused(EpochFault.DoesNotOpen, () => world.Open(EpochWorld.Bob, world.Body with { Copies = [changed] }));
        }
    }

    [Fact]
    public void A30_CK_04_a_recorded_copy_does_not_open_with_any_other_key_of_the_device()
    {
        using var world = new EpochWorld();
        using var later = EcPrivateKey.Generate();
        var refusal = Assert.Throws<EpochUnreadableException>(() =>
            EpochSecret.Open(world.Conversation.Id, world.Body, EpochWorld.Bob.Id, later));
        Assert.Equal(EpochFault.DoesNotOpen, refusal.Fault);
    }

    private static void Refused(EpochFault fault, Func<EpochSecret> open) =>
        Assert.Equal(fault, Assert.Throws<EpochUnreadableException>(open).Fault);
}
