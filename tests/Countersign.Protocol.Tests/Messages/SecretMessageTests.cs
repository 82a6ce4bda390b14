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
    public void Secrets_of_a_record_that_is_refused_end()
    {
        var change = Samples.SessionMessages().OfType<ChangePassword>().First().Encode();
        byte[] longer = [(byte)(change[0] + 1), .. change[1..], 0];
        AssertEnded<IFromClient>([.. change, 0xff]);
        AssertEnded<IFromClient>([.. change, .. Samples.SessionMessages().OfType<Invited>().First().Encode()], messages: 2);
        AssertEnded<IFromServer>(change);
        AssertEnded<IFromClient>(longer);

        static void AssertEnded<TSide>(byte[] content, int messages = 1)
        {
            var read = new List<SessionMessage>();
            Assert.Throws<MalformedException>(() => SessionCodec.Parse<TSide>(content, read));
            Assert.Equal(messages, read.Count);
            Assert.All(read, SecretMessageTests.AssertEnded);
        }
    }

    [Fact]
    public void Secrets_of_a_record_that_may_not_come_now_end()
    {
        AssertEnded(new ListConversations(1, null), Change(3)); // its own id (SE-01)
        AssertEnded(Change(1), new Ready());                    // what comes after it
        AssertEnded(new Bye(), Change(1));                      // what came before it (SE-07)

        static void AssertEnded(params SessionMessage[] messages)
        {
            using var ends = new Linked();
            Assert.Throws<PeerFaultException>(() => ends.Server.Receiver.Accept(messages));
            Assert.All(messages, SecretMessageTests.AssertEnded);
        }
    }

    [Fact]
    public void Secrets_that_a_driver_takes_live_until_it_says_so()
    {
        using var ends = new Linked();
        var change = Change(1);
        var received = ends.Server.Receiver.Accept([change]);
        Assert.Equal(Hash32.Size, change.Next.StoredKey.Length);
        received.EndSecrets();
        AssertEnded(change);
    }

    [Fact]
    public void Secrets_that_no_driver_takes_end_with_the_link()
    {
        using var server = new ServerHandshake(World.Real.Server, World.Real.Revocations, new KnownDevices(1));
        server.Context.StartHandshakeKeys(Secret.Random(64));
        server.Context.StartAuthKeys();
        var change = Change(1);
        ServerLink.Establish(server.Context, Prepared.Alice, server.Context.TakeChain(), [change]).Dispose();
        AssertEnded(change);
    }

    private static ChangePassword Change(ulong id) => Samples.SessionMessages().OfType<ChangePassword>().First() with { Id = id };

    private static void AssertEnded(SessionMessage message)
    {
        if (message is ChangePassword change)
        {
            Assert.Throws<ObjectDisposedException>(() => change.Next.StoredKey.Span.ToArray());
            Assert.Throws<ObjectDisposedException>(() => change.Next.ServerKey.Span.ToArray());
        }
        else if (message is Invited invited)
            Assert.Throws<ObjectDisposedException>(() => invited.Token.Id);
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
