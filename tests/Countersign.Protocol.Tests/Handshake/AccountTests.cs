using Countersign.Cryptography;

namespace Countersign.Protocol.Tests;

/// <summary>Login and registration (SPEC 5).</summary>
public sealed class AccountTests
{
    [Fact]
    public void AC_04_a_wrong_password_is_AUTH_FAIL_and_ends_the_link()
    {
        using var server = new ServerWalker();
        using var client = new ClientWalker(password: World.OtherPassword);
        Assert.Equal(WireCode.AuthFail, new Pump(server, client).RunToFault().Code);
        Assert.Throws<InvalidOperationException>(() => server.Receive([1]));
    }

    [Fact]
    public void AC_03_A20_without_an_account_the_challenge_looks_alike_and_the_login_fails_alike()
    {
        using var secret = Secret.Random(32);
        Challenge Ask()
        {
            using var server = new ServerWalker(account: () => AccountRecord.OfNobody(secret, UserName.Parse("alice"), new PasswordCosts([], PasswordCost.Default)));
            Challenge? challenge = null;
            // The client cannot have a login secret for this salt at hand; any proof will do.
            using var client = new ScriptedClient(server)
            {
                Says = (step, honest) => honest,
            };
            var heard = Assert.Throws<PeerFaultException>(client.Run);
            Assert.Equal(WireCode.AuthFail, heard.Code);
            challenge = client.LastChallenge;
            return challenge!;
        }

        var (first, second) = (Ask(), Ask());
        Assert.Equal(first.Salt, second.Salt);
        Assert.Equal(PasswordCost.Default, first.Cost);
        Assert.NotEqual(first.Nonce, second.Nonce);
    }

    [Fact]
    public void AC_05_a_server_that_does_not_hold_the_account_is_refused()
    {
        using var client = new ClientWalker();
        using var server = new ScriptedServer(client)
        {
            Says = (step, honest) => step == "login_ok" ? new LoginOk(Hash32.Sha256(honest)).Encode() : honest,
        };
        Assert.Equal(WireCode.AuthFail, Assert.Throws<PeerFaultException>(server.Run).Code);
    }

    [Theory]
    [InlineData(19455, 2)]
    [InlineData(19456, 1)]
    [InlineData(262145, 3)]
    [InlineData(65536, 17)]
    public void A18_AC_07_a_server_that_wants_a_cost_outside_the_limits_is_refused_before_anything_is_computed(int memory, int passes)
    {
        var right = CborOutput.Encode(PasswordCost.Least.Write);
        var wrong = CborOutput.Encode(output => output.StartArray(2).UInt((ulong)memory).UInt((ulong)passes).EndArray());
        using var client = new ClientWalker();
        using var server = new ScriptedServer(client)
        {
            Says = (step, honest) => step == "welcome" ? [.. honest[..^right.Length], .. wrong] : honest,
        };
        Assert.Equal(WireCode.BadMessage, Assert.Throws<PeerFaultException>(server.Run).Code);
        Assert.Null(client.Link);

        var enrolled = new Enrolled(World.Real.Alice.Chain, [World.Real.Crl], PasswordCost.Least).Encode();
        Assert.Equal(PasswordCost.Least, Enrolled.Parse(enrolled).Cost);
        Assert.Throws<MalformedException>(() => Enrolled.Parse((byte[])[.. enrolled[..^right.Length], .. wrong]));
    }

    [Theory]
    [InlineData(19455, 2)]
    [InlineData(19456, 1)]
    [InlineData(262145, 2)]
    [InlineData(19456, 17)]
    public void AC_05_a_cost_outside_the_limits_is_refused_before_anything_is_computed(int memory, int passes)
    {
        using var client = new ClientWalker();
        using var server = new ScriptedServer(client)
        {
            Says = (step, honest) => step == "challenge"
                ? MessageShape.Encode(MessageType.Challenge, 3, output => output
                    .Bytes(World.Password.Salt.Span).StartArray(2).UInt((ulong)memory).UInt((ulong)passes).EndArray().Bytes(Nonce32.Fresh().Span))
                : honest,
        };
        Assert.Equal(WireCode.BadMessage, Assert.Throws<PeerFaultException>(server.Run).Code);
    }

    [Fact]
    public void AC_06_A18_the_stored_record_alone_logs_nobody_in()
    {
        using var record = World.Password.ToRecord();
        using var server = new ServerWalker();
        ScriptedClient? thief = null;
        using var scripted = thief = new ScriptedClient(server)
        {
            // The best a thief of StoredKey can do: use it in ClientKey's place.
            Says = (step, honest) => step == "response" ? new Response(Forged(record, thief!.Transcript)).Encode() : honest,
        };
        Assert.Equal(WireCode.AuthFail, Assert.Throws<PeerFaultException>(scripted.Run).Code);
    }

    [Fact]
    public void A8_a_login_proof_of_another_link_is_refused()
    {
        byte[]? captured = null;
        using (var server = new ServerWalker())
        using (var client = new ScriptedClient(server) { Says = (step, honest) => step == "response" ? captured = honest : honest })
            client.Run();

        using var again = new ServerWalker();
        using var thief = new ScriptedClient(again) { Says = (step, honest) => step == "response" ? captured! : honest };
        Assert.Equal(WireCode.AuthFail, Assert.Throws<PeerFaultException>(thief.Run).Code);
    }

    [Fact]
    public void AC_01_the_user_of_a_login_is_the_certificates()
    {
        using var server = new ServerWalker();
        using var client = new ScriptedClient(server) { Identity = World.Real.Bob };
        client.Run();
        Assert.Equal("bob", server.Link!.Device.User.ToString());
    }

    [Fact]
    public void AC_02_a_registration_holds_no_password_and_may_be_refused()
    {
        using var handshake = World.NewServer();
        using var record = World.Password.ToRecord();
        Assert.DoesNotContain("correct horse", System.Text.Encoding.Latin1.GetString(new Register(record).Encode()), StringComparison.Ordinal);

        using var server = new ServerWalker(handshake);
        using var client = new ClientWalker(registers: true);
        // A driver that finds the user registered already ends the link instead of accepting.
        var flight = server.Receive(client.First);
        var answers = flight.SelectMany(client.Receive).ToList();
        answers[..3].ForEach(body => server.Receive(body));
        var alert = Wire.Body(handshake.Alert(WireCode.AuthFail));
        var heard = Assert.Throws<PeerAlertException>(() => client.Receive(alert));
        Assert.Equal(WireCode.AuthFail, heard.Code);
        Assert.True(heard.IsAuthenticated);
    }

    private static LoginProof Forged(AccountRecord record, Hash32 challenge)
    {
        var mac = KeySchedule.Mac(record.StoredKey, Label.ScramAuth, challenge.Span);
        var proof = record.StoredKey.Span.ToArray();
        for (var i = 0; i < proof.Length; i++)
            proof[i] ^= mac.Span[i];
        return LoginProof.Parse(proof);
    }
}
