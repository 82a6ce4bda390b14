using Countersign.Cryptography;

namespace Countersign.Protocol.Tests;

/// <summary>Keys depend on every byte that both ends have sent.</summary>
public sealed class KeyBindingTests
{
    [Fact]
    public void HS_09_k_auth_is_bound_to_every_message_of_the_handshake()
    {
        using var hybrid = Secret.Random(64);
        var messages = Enumerable.Range(0, 8).Select(n => new byte[] { (byte)n, 1, 2, 3 }).ToArray();
        var record = Sealed(hybrid, messages);
        Assert.Equal([7], Opened(hybrid, messages, record));
        for (var changed = 0; changed < messages.Length; changed++)
        {
            var others = messages.Select((message, n) => n == changed ? Wire.Flip(message, 2) : message).ToArray();
            Assert.Throws<BadRecordException>(() => Opened(hybrid, others, record));
        }
        Assert.Throws<BadRecordException>(() => Opened(hybrid, [.. messages[..6], [.. messages[6], .. messages[7]]], record));
    }

    [Fact]
    public void HS_12_k_chat_is_bound_to_the_chain_to_the_login_and_to_both_shares()
    {
        using var hybrid = Secret.Random(64);
        using var chain = new LinkChain(Secret.Random(32), Hash32.Sha256("login"u8));
        using var otherTranscript = new LinkChain(Secret.CopyOf(Bytes(32)), Hash32.Sha256("other login"u8));
        using var sameTranscript = new LinkChain(Secret.CopyOf(Bytes(32)), Hash32.Sha256("login"u8));
        var client = chain.Rekeyed(hybrid, [1], [2], Side.Client);
        var body = new byte[17];
        client.Keys.Send.Seal([], [9], body);

        AssertOpens(chain.Rekeyed(hybrid, [1], [2], Side.Server), body, opens: true);
        AssertOpens(chain.Rekeyed(hybrid, [3], [2], Side.Server), body, opens: false);
        AssertOpens(chain.Rekeyed(hybrid, [1], [3], Side.Server), body, opens: false);
        AssertOpens(chain.Rekeyed(hybrid, [1], [2], Side.Client), body, opens: false); // RL-04: each direction its own key
        AssertOpens(sameTranscript.Rekeyed(hybrid, [1], [2], Side.Server), body, opens: false);
        AssertOpens(otherTranscript.Rekeyed(hybrid, [1], [2], Side.Server), body, opens: false);
        using var otherHybrid = Secret.Random(64);
        AssertOpens(chain.Rekeyed(otherHybrid, [1], [2], Side.Server), body, opens: false);
    }

    private static byte[] Bytes(int count) => Enumerable.Range(0, count).Select(n => (byte)n).ToArray();

    private static void AssertOpens((RecordKeys Keys, LinkChain Next) end, byte[] body, bool opens)
    {
        using var next = end.Next;
        var content = new byte[1];
        var thrown = Record.Exception(() => end.Keys.Receive.Open([], body, content));
        Assert.Equal(opens, thrown is null);
    }

    private static byte[] Sealed(Secret hybrid, byte[][] messages)
    {
        var body = new byte[17];
        Authenticated(hybrid, messages, Side.Client).Send.Seal([], [7], body);
        return body;
    }

    private static byte[] Opened(Secret hybrid, byte[][] messages, byte[] body)
    {
        var content = new byte[1];
        Authenticated(hybrid, messages, Side.Server).Receive.Open([], body, content);
        return content;
    }

    private static RecordKeys Authenticated(Secret hybrid, byte[][] messages, Side side)
    {
        using var transcript = new Transcript();
        foreach (var message in messages[..2])
            transcript.Append(message);
        using var secret = new HandshakeSecret(hybrid, transcript.Current);
        foreach (var message in messages[2..])
            transcript.Append(message);
        var (keys, chain) = secret.Authenticated(transcript.Current, side);
        chain.Dispose();
        return keys;
    }
}
