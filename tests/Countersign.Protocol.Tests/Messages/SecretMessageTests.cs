using System.Buffers;
using Countersign.Cryptography;

namespace Countersign.Protocol.Tests;

/// <summary>What messages with secrets leave behind them: nothing but what their owners hold.</summary>
public sealed class SecretMessageTests
{
    [Fact]
    public void What_a_secret_message_was_read_from_is_wiped_and_what_stands_beside_it_is_not()
    {
        var all = Samples.SessionMessages().ToList();
        var secrets = new SessionMessage[] { all.OfType<ChangePassword>().First(), all.OfType<Invited>().First() };
        foreach (var secret in secrets)
        {
            var beside = secret is IFromClient ? (SessionMessage)all.OfType<Submit>().First() : all.OfType<PushEntries>().First();
            byte[] content = [.. beside.Encode(), .. secret.Encode(), .. beside.Encode()];
            var (start, end) = (beside.Encode().Length, beside.Encode().Length + secret.Encode().Length);

            var messages = secret is IFromClient ? SessionCodec.TakeFromClient(content) : SessionCodec.TakeFromServer(content);

            Assert.All(content[start..end], static b => Assert.Equal(0, b));
            Assert.Equal([beside.Encode(), secret.Encode(), beside.Encode()], messages.Select(static m => m.Encode())); // slices of the content are still whole
        }
    }

    [Fact]
    public void A_record_that_is_refused_is_wiped_whole()
    {
        byte[] content = [.. Samples.SessionMessages().OfType<ChangePassword>().First().Encode(), 0xff];
        Assert.Throws<MalformedException>(() => SessionCodec.TakeFromClient(content));
        Assert.All(content, static b => Assert.Equal(0, b));
    }

    [Fact]
    public void A_secret_message_is_sent_once()
    {
        var secret = Samples.SessionMessages().OfType<ChangePassword>().First();
        var outgoing = Outgoing.Of(secret);
        var copy = outgoing;
        var sent = new byte[outgoing.Length];
        outgoing.Write(sent);
        Assert.Equal(secret.Encode(), sent);
        Assert.Throws<InvalidOperationException>(() => outgoing.Write(sent));
        Assert.Throws<InvalidOperationException>(() => copy.Write(sent));
    }
}
