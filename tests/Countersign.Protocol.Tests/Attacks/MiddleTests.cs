using Countersign.Cryptography;

namespace Countersign.Protocol.Tests;

/// <summary>A man in the middle of either exchange, and shares that no honest peer sends.</summary>
public sealed class MiddleTests
{
    [Fact]
    public void A4_own_shares_on_both_sides_of_the_first_exchange_are_found_by_the_proof()
    {
        // Mallory runs one handshake with the client and another with the server, and passes the server's flight on.
        using var server = new ServerWalker();
        using var towardsServer = new HandshakeContext(Side.Client);
        using var mine = HybridInitiator.Create();
        towardsServer.Send(new Hello(Intent.Session, Nonce32.Fresh(), mine.Point, mine.Key));
        var flight = server.Receive(Wire.Body(towardsServer.TakeOutput()));
        towardsServer.Transcript.Append(flight[0]);
        var theirs = ServerHello.Parse(flight[0]);
        using (var hybrid = mine.Complete(theirs.Point, theirs.Ciphertext))
            towardsServer.StartHandshakeKeys(hybrid);
        var messages = flight[1..].Select(body => towardsServer.Open(new(body))).ToList();

        using var client = new ClientWalker();
        var next = 0;
        using var towardsClient = new ScriptedServer(client) { Says = (step, honest) => step == "server_hello" ? honest : messages[next++] };
        var fault = Assert.Throws<PeerFaultException>(() => towardsClient.Flight());
        Assert.Equal(WireCode.BadCert, fault.Code);
        Assert.Contains("HS-07", fault.Rule, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rekey_start")]
    [InlineData("rekey_reply")]
    public void A4_a_share_changed_in_the_second_exchange_leads_to_no_link(string step)
    {
        // Even somebody who could write under k_auth does not get between: th' covers what each side sent.
        using var stranger = HybridInitiator.Create();
        if (step == "rekey_start")
        {
            using var server = new ServerWalker();
            using var client = new ScriptedClient(server) { Says = (at, honest) => at == step ? new RekeyStart(stranger.Point, stranger.Key).Encode() : honest };
            Assert.Equal(WireCode.DecryptFail, Assert.Throws<PeerFaultException>(client.Run).Code);
            Assert.Null(server.Link);
            return;
        }
        using var answer = HybridResponder.Respond(stranger.Point, stranger.Key);
        using var honestClient = new ClientWalker();
        using var scripted = new ScriptedServer(honestClient) { Says = (at, honest) => at == step ? new RekeyReply(answer.Point, answer.Ciphertext).Encode() : honest };
        Assert.Equal(WireCode.DecryptFail, Assert.Throws<PeerFaultException>(scripted.Run).Code);
        Assert.Null(honestClient.Link);
    }

    public static TheoryData<string> HostileShares => ["off the curve", "zero", "infinity", "compressed", "short", "long", "key over the modulus", "short key"];

    [Theory]
    [MemberData(nameof(HostileShares))]
    public void A5_HS_01_hostile_shares_in_hello_are_BAD_MESSAGE_in_the_clear(string share)
    {
        using var server = new ServerWalker();
        var (point, key) = Hostile(share);
        var hello = MessageShape.Encode(MessageType.Hello, 5, output => output.UInt(1).UInt(0).Bytes(Nonce32.Fresh().Span).Bytes(point).Bytes(key));
        Assert.Equal(WireCode.BadMessage, Assert.Throws<PeerFaultException>(() => server.Receive(hello)).Code);
        Assert.Equal(new Alert(WireCode.BadMessage).Encode(), Wire.Body(server.Alert(WireCode.BadMessage))); // HS-10, ER-01
    }

    [Theory]
    [MemberData(nameof(HostileShares))]
    public void A5_HS_01_hostile_shares_in_a_rekey_are_BAD_MESSAGE(string share)
    {
        using var server = new ServerWalker();
        var (point, key) = Hostile(share);
        using var client = new ScriptedClient(server)
        {
            Says = (step, honest) => step == "rekey_start" ? MessageShape.Encode(MessageType.RekeyStart, 2, output => output.Bytes(point).Bytes(key)) : honest,
        };
        Assert.Equal(WireCode.BadMessage, Assert.Throws<PeerFaultException>(client.Run).Code);
    }

    [Theory]
    [InlineData("off the curve")]
    [InlineData("zero")]
    [InlineData("short")]
    public void A5_HS_01_hostile_shares_from_a_server_are_BAD_MESSAGE(string share)
    {
        using var client = new ClientWalker();
        var (point, _) = Hostile(share);
        var hello = MessageShape.Encode(MessageType.ServerHello, 4, output => output
            .UInt(1).Bytes(Nonce32.Fresh().Span).Bytes(point).Bytes(new byte[KemCiphertext.Size]));
        Assert.Equal(WireCode.BadMessage, Assert.Throws<PeerFaultException>(() => client.Receive(hello)).Code);
    }

    [Fact]
    public void HS_03_another_version_is_BAD_VERSION_whatever_follows()
    {
        using var server = new ServerWalker();
        var hello = CborOutput.Encode(output => output.StartArray(3).UInt(1).UInt(2).Text("as version 2 has it").EndArray());
        Assert.Equal(WireCode.BadVersion, Assert.Throws<PeerFaultException>(() => server.Receive(hello)).Code);

        using var client = new ClientWalker();
        var answer = CborOutput.Encode(output => output.StartArray(2).UInt(2).UInt(0).EndArray());
        Assert.Equal(WireCode.BadVersion, Assert.Throws<PeerFaultException>(() => client.Receive(answer)).Code);
    }

    [Fact]
    public void HS_02_no_share_or_nonce_is_used_twice()
    {
        using var one = World.NewClient();
        using var two = World.NewClient();
        var (first, second) = (Hello.Parse(Wire.Body(one.Start.Output)), Hello.Parse(Wire.Body(two.Start.Output)));
        Assert.NotEqual(first.Point, second.Point);
        Assert.NotEqual(first.Key, second.Key);
        Assert.NotEqual(first.Nonce, second.Nonce);
    }

    private static (byte[] Point, byte[] Key) Hostile(string share)
    {
        using var honest = HybridInitiator.Create();
        var point = honest.Point.Span.ToArray();
        var key = honest.Key.Span.ToArray();
        switch (share)
        {
            case "off the curve":
                point[^1] ^= 1;
                break;
            case "zero":
                point.AsSpan(1).Clear();
                break;
            case "infinity":
                point = [0];
                break;
            case "compressed":
                point = [(byte)(2 + (point[^1] & 1)), .. point[1..33]];
                break;
            case "short":
                point = point[..^1];
                break;
            case "long":
                point = [.. point, 0];
                break;
            case "key over the modulus":
                key.AsSpan(0, 3).Fill(0xff);
                break;
            case "short key":
                key = key[..^1];
                break;
        }
        return (point, key);
    }
}
