using Countersign.Cryptography;

namespace Countersign.Protocol.Tests;

/// <summary>HS-09: a secret ends as soon as the next stage is there.</summary>
public sealed class ErasureTests
{
    [Fact]
    public void HS_09_HS_02_each_secret_of_the_handshake_ends_with_its_stage()
    {
        using var server = new ServerWalker();
        using var client = new ClientWalker();
        HandshakeContext[] ends = [server.Context, client.Context];
        var initiator = Assert.IsType<HybridInitiator>(Assert.Single(client.Context.Owned));

        var flight = server.Receive(client.First);
        client.Receive(flight[0]);
        AssertEnded(initiator);
        var secrets = ends.Select(end => end.Secret).ToList();
        var handshakeKeys = ends.Select(Keys).ToList();

        var answers = flight[1..].SelectMany(client.Receive).ToList();
        answers[..3].ForEach(body => Assert.Empty(server.Receive(body)));
        Assert.All(secrets, secret => Assert.Throws<ObjectDisposedException>(() => secret.Keys(Side.Client)));
        AssertEnded(handshakeKeys[0]);
        var authKeys = ends.Select(Keys).ToList();

        answers = [.. server.Receive(answers[3]).SelectMany(client.Receive)]; // challenge, response
        AssertEnded(handshakeKeys[1]); // the client's last: until the challenge the server may have refused its flight (ER-01)
        answers = [.. answers.SelectMany(server.Receive).SelectMany(client.Receive)]; // login_ok, rekey_start
        var owned = client.Context.Owned.ToList();
        Assert.Equal(2, owned.Count);
        answers = [.. answers.SelectMany(server.Receive).SelectMany(client.Receive)]; // rekey_reply, rekey_done and ready
        Assert.All(owned, AssertEnded);
        _ = answers.SelectMany(server.Receive).SelectMany(client.Receive).ToList();

        Assert.NotNull(client.Link);
        Assert.All(authKeys, AssertEnded);
        Assert.All(ends, end => Assert.Empty(end.Owned));
    }

    [Fact]
    public void ER_01_until_a_record_under_k_auth_has_come_a_client_takes_an_alert_under_hs_s2c()
    {
        using var server = new ServerWalker();
        using var client = Flown(server);
        var alert = Assert.Throws<PeerAlertException>(() => client.Receive(Wire.Bodies(server.Alert(WireCode.BadCert))[0]));
        Assert.Equal((WireCode.BadCert, true), (alert.Code, alert.IsAuthenticated));
    }

    [Fact]
    public void ER_01_and_nothing_but_an_alert()
    {
        using var server = new ServerWalker();
        using var client = Flown(server);
        server.Context.Write(new Registered().Encode());
        var body = Wire.Bodies(server.Context.TakeOutput())[0];
        Assert.Equal(WireCode.DecryptFail, Assert.Throws<PeerFaultException>(() => client.Receive(body)).Code);
    }

    /// <summary>A client that has sent its whole flight, which the server has not read.</summary>
    private static ClientWalker Flown(ServerWalker server)
    {
        var client = new ClientWalker();
        foreach (var body in server.Receive(client.First))
            client.Receive(body);
        return client;
    }

    [Fact]
    public void HS_04_HS_09_a_fault_ends_every_secret()
    {
        using var server = new ServerWalker();
        using var client = new ClientWalker();
        var flight = server.Receive(client.First);
        client.Receive(flight[0]);
        var secrets = new[] { server.Context.Secret, client.Context.Secret };
        Assert.Throws<PeerFaultException>(() => client.Receive(Wire.Flip(flight[1], 40)));
        Assert.Throws<PeerFaultException>(() => server.Receive(new byte[40]));
        Assert.All(secrets, secret => Assert.Throws<ObjectDisposedException>(() => secret.Keys(Side.Client)));
    }

    [Theory]
    [InlineData("honest"), InlineData("given up"), InlineData("damaged"), InlineData("wrong")]
    public void AC_06_the_keys_of_an_account_end_with_the_login_whatever_becomes_of_it(string way)
    {
        using var record = World.Password.ToRecord();
        using var server = new ServerWalker(account: () => record);
        using var client = new ClientWalker(password: way == "wrong" ? World.OtherPassword : null);
        var bodies = server.Receive(client.First).SelectMany(client.Receive).ToList();
        var response = bodies.SelectMany(server.Receive).SelectMany(client.Receive).Single(); // to login, with the challenge
        Assert.Equal("ExpectResponse", server.State);
        Assert.Equal(Hash32.Size, record.StoredKey.Length); // it lives as long as it is needed
        switch (way)
        {
            case "honest":
                server.Receive(response);
                break;
            case "given up":
                server.Dispose();
                break;
            default:
                Assert.Throws<PeerFaultException>(() => server.Receive(way == "damaged" ? Wire.Flip(response, 20) : response));
                break;
        }
        Assert.Throws<ObjectDisposedException>(() => record.StoredKey.Length);
        Assert.Throws<ObjectDisposedException>(() => record.ServerKey.Length);
    }

    [Fact]
    public void HS_09_a_later_rekey_ends_the_keys_before_it()
    {
        using var ends = new Linked();
        var link = ends.Client;
        var chain = ends.ServerChain;
        LinkTraffic.Exchange(ends, [link.Receiver.StartRekey()]);
        Assert.NotSame(chain, ends.ServerChain);
        AssertEnded(chain);
    }

    private static (RecordSealer, RecordOpener) Keys(HandshakeContext context) => (context.Writer.Key!, context.Reader.Key!);

    private static void AssertEnded((RecordSealer Send, RecordOpener Receive) keys)
    {
        Assert.Throws<ObjectDisposedException>(() => keys.Send.Seal([], [1], new byte[17]));
        Assert.Throws<ObjectDisposedException>(() => keys.Receive.Open([], new byte[17], new byte[1]));
    }

    private static void AssertEnded(IDisposable secret)
    {
        using var other = HybridInitiator.Create();
        using var answer = HybridResponder.Respond(other.Point, other.Key);
        switch (secret)
        {
            case HybridInitiator initiator:
                Assert.NotNull(Record.Exception(() => initiator.Complete(answer.Point, answer.Ciphertext)));
                break;
            case LinkChain chain:
                Assert.Throws<ObjectDisposedException>(() => chain.Rekeyed(answer.Shared, [], [], Side.Client));
                break;
            default:
                Assert.Fail(secret.GetType().Name);
                break;
        }
    }
}
