using System.Security.Cryptography;
using Countersign.Client;
using Countersign.Protocol;
using Countersign.Specification.Tests.Second;
using static Countersign.Specification.Tests.Second.Derivation;

namespace Countersign.Attacks.Tests;

/// <summary>A4 on the exchange after login, and a middle who asks for other versions.</summary>
public sealed class SecondExchangeTests(Arena arena)
{
    private const int RekeyStart = 6; // hello, certificates, proof, finished, login, response, rekey_start
    private const int RekeyReply = 6; // server_hello, certificates, proof, finished, challenge, login_ok, rekey_reply

    [Fact]
    public async Task A4_A8_HS_12_the_second_exchange_of_a_link_of_his_own_is_DECRYPT_FAIL_in_another()
    {
        // He has a valid certificate, an account and a link, and shows the server his share in alice's place.
        using var alice = await arena.ReadyAsync("alice");
        using var mallory = await arena.ReadyAsync("mallory");
        using var own = await mallory.Device.Identify(new Recording());
        await RecordTests.LogIn(own);
        using var exchange = new Exchange();
        var his = own.Seal("rekey_start", Cbor.Message(20, exchange.Point, exchange.EncapsulationKey));
        await using var middle = new Middleman(arena.Server.Endpoint);
        middle.Edit = p => p is { FromClient: true, Number: RekeyStart } ? [his] : [p.Frame];
        await arena.RefusedAsync(WireCode.DecryptFail, () => alice.Device.At(middle.Endpoint).Open(new Recording(), RecordTests.LogIn));
    }

    [Fact]
    public async Task A4_HS_12_with_k_auth_in_his_hands_another_share_still_leads_to_no_link()
    {
        using var alice = await arena.ReadyAsync("alice");
        var recording = new Recording();
        using var exchange = new Exchange();
        await using var middle = new Middleman(arena.Server.Endpoint);
        var exchanged = false;
        middle.Edit = p =>
        {
            if (p is not { FromClient: true, Number: RekeyStart })
                return [p.Frame];
            var stolen = new Direction(Value(recording, "k_auth"), "k_auth c2s", Value(recording, "th6"));
            for (var i = 0; i < 2; i++)
                stolen.Seal([]); // login, response: their numbers are used
            exchanged = true;
            return [Framed(stolen.Seal(Cbor.Message(20, exchange.Point, exchange.EncapsulationKey)))];
        };
        // The server takes it, for the record is good; but what both sides make of it differs (th'), and neither can read the other.
        await Assert.ThrowsAnyAsync<CryptographicException>(() => alice.Device.At(middle.Endpoint).Open(recording, RecordTests.LogIn));
        Assert.True(exchanged);
        await arena.HonestIsUnharmedAsync();
    }

    [Fact]
    public async Task A4_HS_12_a_relay_with_both_record_keys_of_k_auth_and_his_own_shares_on_both_sides_reads_nothing()
    {
        // What he has are the keys that records go under, not k_auth itself, of which the next exchange's chain is made.
        using var alice = await arena.ReadyAsync("alice");
        var recording = new Recording();
        using var towardsServer = new Exchange();
        await using var middle = new Middleman(arena.Server.Endpoint);
        byte[] start = [], reply = [], hybrid = [], ready = [];
        middle.Edit = p =>
        {
            switch (p)
            {
                case { FromClient: true, Number: RekeyStart }:
                    start = After(2, "c2s").Open(p.Frame[4..]);
                    return [Framed(After(2, "c2s").Seal(Cbor.Message(20, towardsServer.Point, towardsServer.EncapsulationKey)))];
                case { FromClient: false, Number: RekeyReply }:
                    var share = (object?[])Cbor.Decode(start)!;
                    (var point, var ct, hybrid) = FalseServer.Respond((byte[])share[1]!, (byte[])share[2]!);
                    reply = Cbor.Message(21, point, ct);
                    return [Framed(After(2, "s2c").Seal(reply))];
                case { FromClient: true, Number: > RekeyStart + 1 }:
                    ready = p.Frame[4..];
                    return [p.Frame];
                default:
                    return [p.Frame];
            }
        };
        // Alice took his share, the server took his: neither reads the other, and he reads neither.
        await Assert.ThrowsAnyAsync<CryptographicException>(() => alice.Device.At(middle.Endpoint).Open(recording, RecordTests.LogIn));
        Assert.NotEmpty(ready);
        var th = Bound(Value(recording, "th6"), start, reply);
        foreach (var guess in new[] { new byte[32], Value(recording, "th6"), hybrid[..32] })
            Assert.ThrowsAny<CryptographicException>(() => new Direction(Derive(Extract(guess, hybrid), "k_chat", th, 32), "k_chat c2s", th).Open(ready));
        await arena.HonestIsUnharmedAsync();

        // The keys as they are after so many records.
        Direction After(int records, string way)
        {
            var keys = new Direction(Value(recording, "k_auth"), "k_auth " + way, Value(recording, "th6"));
            for (var i = 0; i < records; i++)
                keys.Seal([]);
            return keys;
        }
    }

    [Fact]
    public void A4_control_a_relay_with_the_record_keys_of_k_auth_stands_in_the_middle_where_k_chat_hangs_on_no_chain()
    {
        Assert.Equal(Cbor.Message(30), Relayed(chained: false));
        Assert.ThrowsAny<CryptographicException>(() => Relayed(chained: true));
    }

    // The relay has put his own share in the place of both; returns what the server reads of alice's first record.
    private static byte[] Relayed(bool chained)
    {
        using var alice = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        using var server = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        using var relay = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        var (th6, ofBoth, none) = (RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32), new byte[32]);
        var chain = chained ? ofBoth : none;
        byte[] Share(ECDiffieHellman key) => Cbor.Message(20, SecondHpke.Point(key));
        Direction Keys(byte[] chain, byte[] shared, byte[] th) => new(Derive(Extract(chain, shared), "k_chat", th, 32), "k_chat c2s", th);
        var (thAlice, thServer) = (Bound(th6, Share(alice), Share(relay)), Bound(th6, Share(relay), Share(server)));
        var said = Keys(chain, alice.DeriveRawSecretAgreement(relay.PublicKey), thAlice).Seal(Cbor.Message(30));
        var read = Keys(none, relay.DeriveRawSecretAgreement(alice.PublicKey), thAlice).Open(said);
        var passedOn = Keys(none, relay.DeriveRawSecretAgreement(server.PublicKey), thServer).Seal(read);
        return Keys(chain, server.DeriveRawSecretAgreement(relay.PublicKey), thServer).Open(passedOn);
    }

    // th' of SPEC 4.4.
    private static byte[] Bound(byte[] th, byte[] start, byte[] reply) => SHA256.HashData(Concat(th, Framed(start), Framed(reply)));

    [Fact]
    public async Task A4_control_a_second_exchange_over_nothing_is_his_who_stands_between()
    {
        // The founding report's second exchange, without k_auth and th': two shares, and each side takes what comes.
        using var alice = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        using var server = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        using var middle = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        var (ofAlice, ofServer) = (alice.DeriveRawSecretAgreement(middle.PublicKey), server.DeriveRawSecretAgreement(middle.PublicKey));
        var record = new Direction(ofAlice, "k_chat c2s", new byte[32]).Seal(Cbor.Message(33, 1));
        var read = new Direction(middle.DeriveRawSecretAgreement(alice.PublicKey), "k_chat c2s", new byte[32]).Open(record);
        var passedOn = new Direction(middle.DeriveRawSecretAgreement(server.PublicKey), "k_chat c2s", new byte[32]).Seal(read);
        Assert.Equal(Cbor.Message(33, 1), new Direction(ofServer, "k_chat c2s", new byte[32]).Open(passedOn)); // nobody notices
        await arena.HonestIsUnharmedAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(1_000_000)]
    public async Task A4_HS_03_another_version_is_BAD_VERSION_on_either_side_and_there_is_no_fallback(int version)
    {
        using var stranger = await arena.Server.EnrolAsync(Arena.Fresh("mallory"), "mallory");
        using var exchange = new Exchange();
        var link = await stranger.Connect(new Recording());
        await link.Write(Framed(Cbor.Message(1, version, 0, RandomNumberGenerator.GetBytes(32), exchange.Point, exchange.EncapsulationKey)));
        await arena.RefusedAsync(WireCode.BadVersion, link);

        await using var middle = new Middleman(arena.Server.Endpoint);
        await using var alice = await Victim.EnrolAsync(arena.Server, "alice", middle.Endpoint);
        middle.Impersonate = async stream =>
        {
            await stream.ReadExactlyAsync(new byte[1]);
            await stream.WriteAsync(Framed(Cbor.Message(2, version, new byte[32], exchange.Point, new byte[1088])));
            while (await stream.ReadAsync(new byte[4096]) > 0)
            {
                // her hello and her alert
            }
        };
        Assert.Equal(WireCode.BadVersion, Assert.IsType<LinkEnd.ServerFault>(await alice.FailsToConnectAsync()).Code);
    }

    private static byte[] Value(Recording recording, string name) => Convert.FromHexString(recording.Steps.Single(s => s.Name == name).Hex);
}
