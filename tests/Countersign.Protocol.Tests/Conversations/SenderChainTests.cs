using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Protocol.Tests;

public sealed class SenderChainTests
{
    [Fact]
    public void CK_01_the_chain_is_the_one_the_specification_derives()
    {
        using var world = new EpochWorld();
        using var secret = SecretOf(world);
        var (epoch, sender) = (world.Entry.Hash, EpochWorld.Bob.Id);
        using var chain = world.Secret.StartChain(epoch, sender);
        var state = Derive(secret.Span, "sender chain", [.. epoch.Value.Span, .. sender.Value.Span], 32);
        for (var i = 0UL; i < 4; i++)
        {
            Assert.Equal(i, chain.Index);
            using var exported = chain.Export();
            Assert.True(exported.FixedTimeEquals(state));
            using var key = chain.Next();
            using var keyBytes = key.Export();
            var expected = Derive(state, "message key", [], 16);
            Assert.True(keyBytes.FixedTimeEquals(expected));
            Assert.Equal(SHA256.HashData([.. "countersign/1 key commitment"u8, 0, .. expected]), key.Commitment.ToArray());
            state = Derive(state, "next chain", [], 32);
        }
    }

    [Fact]
    public void CK_01_no_two_messages_senders_or_epochs_share_a_key()
    {
        using var world = new EpochWorld();
        using var other = new EpochWorld();
        var commitments = new HashSet<Hash32>();
        foreach (var (secret, epoch) in new[] { (world.Secret, world.Entry.Hash), (other.Secret, other.Entry.Hash), (world.Secret, other.Entry.Hash) })
            foreach (var sender in new[] { EpochWorld.Alice.Id, EpochWorld.Bob.Id })
            {
                using var chain = secret.StartChain(epoch, sender);
                for (var i = 0; i < 50; i++)
                {
                    using var key = chain.Next();
                    Assert.True(commitments.Add(key.Commitment));
                }
            }
    }

    [Fact]
    public void CK_01_a_step_erases_the_state_it_came_from()
    {
        using var world = new EpochWorld();
        using var chain = world.Secret.StartChain(world.Entry.Hash, EpochWorld.Bob.Id);
        using var before = chain.Export();
        using var first = chain.Next();
        using var after = chain.Export();
        Assert.False(before.FixedTimeEquals(after.Span));
        chain.Dispose();
        Assert.Throws<ObjectDisposedException>(chain.Next);
        Assert.Throws<ObjectDisposedException>(chain.Export);
    }

    [Fact]
    public void A_stored_chain_goes_on_where_it_was()
    {
        using var world = new EpochWorld();
        using var chain = world.Secret.StartChain(world.Entry.Hash, EpochWorld.Bob.Id);
        chain.Next().Dispose();
        using var state = chain.Export();
        using var restored = SenderChain.Import(state, chain.Index);
        Assert.Equal(1UL, restored.Index);
        using var expected = chain.Next();
        using var actual = restored.Next();
        Assert.Equal(expected.Commitment, actual.Commitment);
    }

    [Fact]
    public void Secrets_say_nothing_of_themselves()
    {
        using var world = new EpochWorld();
        using var chain = world.Secret.StartChain(world.Entry.Hash, EpochWorld.Bob.Id);
        using var key = chain.Next();
        Assert.Equal(["EpochSecret", "SenderChain at 1", "MessageKey", "MessageContent"],
            [world.Secret.ToString(), chain.ToString(), key.ToString(), new MessageContent("text").ToString()]);
    }

    private static Secret SecretOf(EpochWorld world)
    {
        var copy = EpochSecret.CopyFor(world.Body, EpochWorld.Bob.Id);
        byte[] info = [.. "countersign/1 epoch seal"u8, 0, .. world.Conversation.Id.Value.Span, .. EpochWorld.Bob.Id.Value.Span, .. copy.Prekey.Value.Span];
        return Hpke.Open(world.PrivateHalf(EpochWorld.Bob), copy.Sealed, info, []);
    }

    // SPEC 2.2, written once more
    private static byte[] Derive(ReadOnlySpan<byte> secret, string label, byte[] context, int length)
    {
        var text = Encoding.ASCII.GetBytes("countersign/1 " + label);
        var size = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(size, (ushort)length);
        return HKDF.Expand(HashAlgorithmName.SHA256, secret.ToArray(), length, [.. size, (byte)text.Length, .. text, (byte)context.Length, .. context]);
    }
}
