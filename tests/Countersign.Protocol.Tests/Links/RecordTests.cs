using Countersign.Cryptography;

namespace Countersign.Protocol.Tests;

/// <summary>RL-04 to RL-06, on records of an established link.</summary>
public sealed class RecordTests
{
    [Fact]
    public void RL_04_no_changed_byte_of_a_record_is_accepted()
    {
        using var secret = Secret.Random(32);
        var context = Hash32.Sha256("context"u8);
        var body = Wire.Body(Sealed(secret, context, [0x81, 0x18, 0x1e]));
        for (var index = 0; index < body.Length; index++)
        {
            using var reader = Reader(secret, context);
            Assert.Throws<BadRecordException>(() => reader.Read(new(Wire.Flip(body, index))));
        }
        using var honest = Reader(secret, context);
        Assert.Equal([0x81, 0x18, 0x1e], honest.Read(new(body)));
    }

    [Fact]
    public void RL_04_a_shortened_record_is_refused_and_so_is_one_shorter_than_a_tag()
    {
        using var secret = Secret.Random(32);
        var context = Hash32.Sha256("context"u8);
        var body = Wire.Body(Sealed(secret, context, [1, 2, 3]));
        for (var length = 0; length < body.Length; length++)
        {
            using var reader = Reader(secret, context);
            Assert.Throws<BadRecordException>(() => reader.Read(new(body[..length])));
        }
    }

    [Fact]
    public void A6_RL_04_a_record_again_is_DECRYPT_FAIL()
    {
        using var ends = new Linked();
        var frame = Ping(ends.Client.Sender, 1);
        ends.Server.Receiver.Receive(frame, World.Now);
        AssertRefused(ends.Server.Receiver, frame, WireCode.DecryptFail);
    }

    [Fact]
    public void RL_04_records_out_of_order_and_with_a_gap_are_DECRYPT_FAIL()
    {
        using var ends = new Linked();
        Ping(ends.Client.Sender, 1);
        AssertRefused(ends.Server.Receiver, Ping(ends.Client.Sender, 2), WireCode.DecryptFail);
    }

    [Fact]
    public void A9_RL_04_a_record_reflected_to_its_sender_is_DECRYPT_FAIL()
    {
        using var ends = new Linked();
        AssertRefused(ends.Client.Receiver, Ping(ends.Client.Sender, 1), WireCode.DecryptFail);
        AssertRefused(ends.Server.Receiver, Ping(ends.Server.Sender, 1), WireCode.DecryptFail);
    }

    [Fact]
    public void A8_RL_04_a_record_of_another_link_is_DECRYPT_FAIL()
    {
        using var ends = new Linked();
        using var others = new Linked();
        AssertRefused(others.Server.Receiver, Ping(ends.Client.Sender, 1), WireCode.DecryptFail);
    }

    [Fact]
    public void RL_06_an_empty_content_is_BAD_MESSAGE()
    {
        using var server = new ServerWalker();
        using var client = new ScriptedClient(server) { Says = (step, honest) => step == "login" ? [] : honest };
        var fault = Assert.Throws<PeerFaultException>(client.Run);
        Assert.Equal((WireCode.BadMessage, "RL-06"), (fault.Code, fault.Rule));
    }

    [Fact]
    public void RL_04_a_link_that_refused_a_record_is_dead()
    {
        using var ends = new Linked();
        AssertRefused(ends.Server.Receiver, new byte[40], WireCode.DecryptFail);
        Assert.Throws<InvalidOperationException>(() => ends.Server.Receiver.Receive(Ping(ends.Client.Sender, 1), World.Now));
    }

    internal static byte[] Ping(LinkSender sender, ulong number) => Wire.Body(Wire.Written(output => sender.Write(new Ping(number), output)));

    internal static void AssertRefused(LinkReceiver receiver, byte[] body, WireCode code) =>
        Assert.Equal(code, Assert.Throws<PeerFaultException>(() => receiver.Receive(body, World.Now)).Code);

    internal static ReadOnlyMemory<byte> Sealed(Secret secret, Hash32 context, byte[] content)
    {
        using var writer = new RecordWriter();
        writer.Use(new RecordSealer(secret, Label.KChatClientToServer, context));
        return Wire.Written(output => writer.Write(content, output));
    }

    internal static RecordReader Reader(Secret secret, Hash32 context)
    {
        var reader = new RecordReader();
        reader.Use(new RecordOpener(secret, Label.KChatClientToServer, context));
        return reader;
    }
}
