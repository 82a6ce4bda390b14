using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Evidence.Tests;
using CsCheck;

namespace Countersign.Protocol.Tests;

public sealed class MessageTests
{
    [Fact]
    public void CK_02_a_message_opens_with_its_own_key_and_no_other()
    {
        using var world = new EpochWorld();
        using var chain = Authors(world);
        using var readers = Readers(world);
        using var key = chain.Next();
        var entry = Entry.Parse(Seal(world, key, "disk full").Bytes);
        SignedEntry.Verify(entry, EpochWorld.Alice.Verified);
        using var readersKey = readers.Next();
        Assert.Equal("disk full", readersKey.Open(entry).Text);
        using var next = readers.Next();
        Refused(MessageFault.OtherKey, () => next.Open(entry));
    }

    [Fact]
    public void CK_02_a_changed_ciphertext_or_another_header_does_not_open_even_if_its_author_signs_it()
    {
        using var world = new EpochWorld();
        using var chain = Authors(world);
        using var key = chain.Next();
        var ciphertext = ((MessageBody)Seal(world, key, "yes").Body).Ciphertext.ToArray();
        for (var at = 0; at < ciphertext.Length; at++)
        {
            var changed = ciphertext.ToArray();
            changed[at] ^= 1;
            Refused(MessageFault.DoesNotOpen, () => key.Open(Sign(world, key, changed)));
        }
        Assert.Equal("yes", key.Open(Sign(world, key, ciphertext)).Text);
        Refused(MessageFault.DoesNotOpen, () => key.Open(Sign(world, key, ciphertext, TestDevice.Now.AddMilliseconds(1))));
        Refused(MessageFault.DoesNotOpen, () => key.Open(Sign(world, key, [])));
    }

    [Fact]
    public void CK_03_padding_is_exact()
    {
        byte[] content = [0x82, 0x01, 0x62, (byte)'o', (byte)'k'];
        AssertPadded([.. content, 0x80, .. new byte[58]], null); // the control
        AssertPadded([.. content, 0x80, .. new byte[57], 1], MessageFault.BadContent);
        AssertPadded([.. content, 0x81, .. new byte[58]], MessageFault.BadContent);
        AssertPadded([.. content, .. new byte[59]], MessageFault.BadContent);
        AssertPadded([0x80, .. new byte[63]], MessageFault.BadContent);
        AssertPadded(new byte[64], MessageFault.BadContent);
        AssertPadded([.. content, 0x80, .. new byte[122]], MessageFault.BadContent); // not the next size
        AssertPadded([.. content, 0x80, .. new byte[57]], MessageFault.BadContent);
        AssertPadded([.. content, 0x80, .. new byte[59]], MessageFault.BadContent);
        AssertPadded([.. content, 0x80], MessageFault.BadContent);
        AssertPadded([], MessageFault.BadContent);
    }

    [Fact]
    public void CK_03_content_is_exact()
    {
        AssertPadded(Padded([0x82, 0x02, 0x62, (byte)'o', (byte)'k']), MessageFault.BadContent);
        AssertPadded(Padded([0x83, 0x01, 0x62, (byte)'o', (byte)'k', 0x01]), MessageFault.BadContent);
        AssertPadded(Padded([0x82, 0x01, 0x62, 0xff, 0xfe]), MessageFault.BadContent);
        AssertPadded(Padded([0x82, 0x01, 0x78, 0x02, (byte)'o', (byte)'k']), MessageFault.BadContent);

        static byte[] Padded(byte[] content) => [.. content, 0x80, .. new byte[63 - content.Length]];
    }

    [Fact]
    public void CK_03_every_content_comes_back_and_only_its_size_class_shows() => Gen.Byte.Array[1, 3000].Sample(content =>
    {
        using var padded = MessagePadding.Pad(content);
        Assert.Equal(content, MessagePadding.Unpad(padded.Span));
        Assert.Equal(Enumerable.Range(6, 10).Select(i => 1 << i).First(size => size > content.Length), padded.Length);
    }, iter: 300);

    [Theory, InlineData(1, 64), InlineData(63, 64), InlineData(64, 128), InlineData(16383, 16384), InlineData(16384, 32768), InlineData(32767, 32768)]
    public void CK_03_sizes_are_powers_of_two(int content, int expected)
    {
        using var padded = MessagePadding.Pad(new byte[content]);
        Assert.Equal(expected, padded.Length);
    }

    [Fact]
    public void CK_03_no_size_is_above_the_largest()
    {
        byte[] padded = [.. Enumerable.Repeat((byte)1, 40000), 0x80, .. new byte[65536 - 40001]];
        Assert.Throws<MalformedException>(() => MessagePadding.Unpad(padded));
        Assert.Throws<ArgumentOutOfRangeException>(() => MessagePadding.Pad(padded));
    }

    [Fact]
    public void Keys_of_another_length_are_a_bug_of_the_caller()
    {
        using var secret = Secret.Random(31);
        Assert.Throws<ArgumentException>(() => MessageKey.Import(secret));
        Assert.Throws<ArgumentException>(() => SenderChain.Import(secret, 0));
    }

    [Fact]
    public void The_longest_text_is_16384_bytes()
    {
        using var world = new EpochWorld();
        using var chain = Authors(world);
        using var key = chain.Next();
        var longest = new string('é', 8192);
        Assert.Equal(longest, key.Open(Seal(world, key, longest)).Text);
        Assert.Throws<ArgumentException>(() => new MessageContent(longest + "x"));
        Assert.ThrowsAny<ArgumentException>(() => new MessageContent("\ud800"));
    }

    [Fact]
    public void A12_equal_texts_have_unlike_ciphertexts()
    {
        using var world = new EpochWorld();
        using var chain = Authors(world);
        using var first = chain.Next();
        using var second = chain.Next();
        var text = new string('A', 1000);
        var (a, b) = (Ciphertext(Seal(world, first, text)), Ciphertext(Seal(world, second, text)));
        Assert.Equal(a.Length, b.Length);
        Assert.Empty(a.Chunk(16).Select(Convert.ToHexString).Intersect(b.Chunk(16).Select(Convert.ToHexString)));
        Assert.Equal(a.Length / 16, a.Chunk(16).Select(Convert.ToHexString).Distinct().Count());
    }

    private static SenderChain Authors(EpochWorld world) => world.Secret.StartChain(world.Entry.Hash, EpochWorld.Alice.Id);

    private static SenderChain Readers(EpochWorld world)
    {
        using var opened = world.Open(EpochWorld.Bob);
        return opened.StartChain(world.Entry.Hash, EpochWorld.Alice.Id);
    }

    private static Entry Seal(EpochWorld world, MessageKey key, string text) =>
        key.Seal(EpochWorld.Alice.Author, world.Place(EpochWorld.Alice), TestDevice.Now, world.Entry.Hash, new MessageContent(text));

    private static Entry Sign(EpochWorld world, MessageKey key, byte[] ciphertext, DateTimeOffset? time = null) =>
        EpochWorld.Alice.Author.Message(world.Place(EpochWorld.Alice), time ?? TestDevice.Now, world.Entry.Hash, key.Commitment).Sign(ciphertext);

    private static byte[] Ciphertext(Entry entry) => ((MessageBody)entry.Body).Ciphertext.ToArray();

    private static void AssertPadded(byte[] padded, MessageFault? fault)
    {
        using var world = new EpochWorld();
        using var chain = Authors(world);
        using var key = chain.Next();
        using var raw = key.Export();
        var draft = EpochWorld.Alice.Author.Message(world.Place(EpochWorld.Alice), TestDevice.Now, world.Entry.Hash, key.Commitment);
        var entry = draft.Sign(MessageCipher.Encrypt(raw, draft.ProtectedHeader.Span, padded));
        if (fault is { } expected)
            Refused(expected, () => key.Open(entry));
        else
            Assert.Equal("ok", key.Open(entry).Text);
    }

    private static void Refused(MessageFault fault, Func<MessageContent> open) =>
        Assert.Equal(fault, Assert.Throws<MessageUnreadableException>(open).Fault);
}
