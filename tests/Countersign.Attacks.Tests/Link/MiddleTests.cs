using System.Net.Sockets;
using System.Security.Cryptography;
using Countersign.Client;
using Countersign.Cryptography;
using Countersign.Protocol;
using Countersign.Specification.Tests.Second;
using Countersign.Testing;

namespace Countersign.Attacks.Tests;

/// <summary>A4: somebody in the middle runs the exchanges with both sides himself. The control is in <see cref="ControlTests"/>.</summary>
public sealed class MiddleTests(Arena arena)
{
    [Fact]
    public async Task A4_HS_05_a_client_tells_a_man_in_the_middle_nothing_whatever_he_shows()
    {
        await using var middle = new Middleman(arena.Server.Endpoint);
        await using var alice = await Victim.EnrolAsync(arena.Server, "alice", middle.Endpoint);
        using var mallory = await arena.Server.EnrolAsync(Arena.Fresh("mallory"), "mallory");
        using var key = Keys.Rsa("forger");
        using var root = Forge.RootNamedAlike(key);
        var forge = new Forge { Purpose = Forge.ServerAuth, DnsName = AttackedServer.Name };

        // A root of the same name, with it or without.
        var forged = (forge with { Issuer = root, IssuerKey = key }).Certify(key, AttackedServer.Name);
        await RefusesAsync(alice, middle, stream => new FalseServer(stream, [forged], key));
        await RefusesAsync(alice, middle, stream => new FalseServer(stream, [forged, root.RawData], key));
        // The real chain, without the key.
        await RefusesAsync(alice, middle, stream => new FalseServer(stream, arena.Server.Chain, key));
        // The real chain and the real server's proof, made for a link of his own with it.
        await RefusesAsync(alice, middle, stream => new FalseServer(stream, arena.Server.Chain, key) { Proof = CapturedProof(mallory) });
        // A valid certificate of his own, with its key: a device's, and a server's of another name, and one that has run out.
        await RefusesAsync(alice, middle, stream => new FalseServer(stream, mallory.Shown, mallory.Key));
        var otherName = (forge with { DnsName = "other.example" }).Certify(key, "other.example");
        await RefusesAsync(alice, middle, stream => new FalseServer(stream, [otherName], key));
        var old = (forge with { NotBefore = DateTimeOffset.UtcNow.AddDays(-9), NotAfter = DateTimeOffset.UtcNow.AddDays(-1) }).Certify(key, AttackedServer.Name);
        await RefusesAsync(alice, middle, stream => new FalseServer(stream, [old], key));
        // One that is not valid yet, one for clients, one that he signed himself, and a CA's: his own, and the root as it is.
        var early = (forge with { NotBefore = DateTimeOffset.UtcNow.AddDays(1), NotAfter = DateTimeOffset.UtcNow.AddDays(9) }).Certify(key, AttackedServer.Name);
        var forClients = (forge with { Purpose = Forge.ClientAuth }).Certify(key, AttackedServer.Name);
        var authority = (forge with { IsAuthority = true }).Certify(key, AttackedServer.Name);
        foreach (var leaf in new[] { early, forClients, root.RawData, authority, Forge.RealRoot.RawData })
            await RefusesAsync(alice, middle, stream => new FalseServer(stream, [leaf], key));

        middle.Impersonate = null;
        alice.Client.Reconnect();
        await alice.IsOnlineAsync();
    }

    [Fact]
    public async Task A4_R2_a_servers_certificate_that_was_revoked_is_BAD_CERT_to_the_client_and_was_good_before()
    {
        await using var middle = new Middleman(arena.Server.Endpoint);
        await using var alice = await Victim.EnrolAsync(arena.Server, "alice", middle.Endpoint);
        using var stolen = Keys.Rsa("forger");
        var leaf = AttackedServer.Root.IssueServer([ServerName.Parse(AttackedServer.Name)], CertificationRequest.Create(TestKeys.Named("forger")));

        // The control: who has stolen a server's key is that server, as long as nobody has revoked its certificate.
        object?[] told = [];
        middle.Impersonate = async stream =>
        {
            using var server = new FalseServer(stream, [leaf.Der.ToArray()], stolen);
            await server.TakeInAsync();
            told = server.AccountRequest;
        };
        await alice.FailsToConnectAsync(); // he has nothing to answer her
        Assert.NotEmpty(told);

        var list = AttackedServer.Root.Revoke(leaf.Serial, new(RevocationReason.KeyCompromise, null));
        await RefusesAsync(alice, middle, stream => new FalseServer(stream, [leaf.Der.ToArray()], stolen) { Lists = [list.Der.ToArray()] });
    }

    [Fact]
    public async Task A4_R2_a_client_flight_taken_from_one_link_opens_no_other()
    {
        // Unknown key share: the client's real certificates and proof, made for the middle's link, shown on the middle's own link.
        using var alice = await arena.Server.EnrolAsync(Arena.Fresh("alice"), "alice");
        var recording = new Recording();
        using (await alice.Identify(recording))
        {
            var (link, secrets) = await alice.MeetServer(new Recording());
            await link.SendRecord("certificates", Step(recording, 'C', "certificates"));
            await link.SendRecord("proof", Step(recording, 'C', "proof"));
            await arena.RefusedAsync(WireCode.BadCert, link);
        }
    }

    [Theory]
    [InlineData("00")] // the point at infinity
    [InlineData("04")] // A = B = 1 of the founding report: nothing of the kind lies on the curve
    [InlineData("02")] // compressed
    public async Task A5_HS_01_a_hostile_point_is_BAD_MESSAGE_in_both_exchanges(string first)
    {
        var point = new byte[65];
        point[0] = Convert.FromHexString(first)[0];
        point[32] = point[64] = 1;
        await HostileAsync(point, Good().Ek);
    }

    [Fact]
    public async Task A5_HS_01_a_hostile_encapsulation_key_is_BAD_MESSAGE_in_both_exchanges()
    {
        await HostileAsync(Good().Point, [.. Enumerable.Repeat((byte)0xff, 1184)]); // coefficients above the modulus
        await HostileAsync(Good().Point, new byte[1750]); // 14,000 bits
        await HostileAsync([.. Good().Point, .. new byte[1750]], Good().Ek);
    }

    [Fact]
    public async Task A5_a_hostile_first_message_costs_the_server_next_to_nothing()
    {
        const int attempts = 30;
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        using var stranger = await arena.Server.EnrolAsync(Arena.Fresh("mallory"), "mallory");
        for (var i = 0; i < attempts; i++)
        {
            using var link = await stranger.Connect(new Recording());
            await link.Write(Derivation.Framed(Hello(Good().Point, [.. Enumerable.Repeat((byte)0xff, 1184)])));
            await link.Refusal();
        }
        process.Refresh();
        // The attack cost 4 to 8 s each. This counts the attacker's work and that of the other tests, too.
        Assert.True((process.TotalProcessorTime - before) / attempts < TimeSpan.FromSeconds(1));
    }

    private async Task HostileAsync(byte[] point, byte[] ek)
    {
        using var stranger = await arena.Server.EnrolAsync(Arena.Fresh("mallory"), "mallory");
        var first = await stranger.Connect(new Recording());
        await first.Write(Derivation.Framed(Hello(point, ek)));
        await arena.RefusedAsync(WireCode.BadMessage, first);
        var second = await stranger.Identify(new Recording());
        await second.Register(Accounts.Right);
        await second.SendRecord("rekey_start", Cbor.Message(20, point, ek));
        await arena.RefusedAsync(WireCode.BadMessage, second);
    }

    private static byte[] Hello(byte[] point, byte[] ek) => Cbor.Message(1, 1, 0, RandomNumberGenerator.GetBytes(32), point, ek);

    private static (byte[] Point, byte[] Ek) Good()
    {
        using var exchange = new Exchange();
        return (exchange.Point, exchange.EncapsulationKey);
    }

    private static byte[] CapturedProof(SecondDevice mallory)
    {
        var recording = new Recording();
        using var _ = mallory.MeetServer(recording).GetAwaiter().GetResult().Link;
        return (byte[])((object?[])Cbor.Decode(Step(recording, 'S', "proof"))!)[1]!;
    }

    private static byte[] Step(Recording recording, char from, string name) =>
        Convert.FromHexString(recording.Steps.Last(s => s.Name == name && s.Kind[0] == from).Hex);

    private static async Task RefusesAsync(Victim alice, Middleman middle, Func<NetworkStream, FalseServer> make)
    {
        var outcome = new TaskCompletionSource<long>();
        middle.Impersonate = async stream =>
        {
            using var server = make(stream);
            try
            {
                await server.TakeInAsync();
                outcome.TrySetException(new InvalidOperationException("the client went on"));
            }
            catch (RefusedByClientException refused)
            {
                outcome.TrySetResult(refused.Code);
            }
            catch (Exception other)
            {
                outcome.TrySetException(other);
                throw;
            }
        };
        var end = await alice.FailsToConnectAsync();
        Assert.True(end is LinkEnd.WrongServer or LinkEnd.ServerFault { Code: WireCode.BadCert }, end.ToString());
        Assert.Equal(WireCode.BadCert, (WireCode)await outcome.Task);
    }
}
