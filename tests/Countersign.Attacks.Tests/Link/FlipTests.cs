using System.Globalization;
using System.Net;
using Countersign.Protocol;
using Countersign.Server;
using Countersign.Specification.Tests.Second;

namespace Countersign.Attacks.Tests;

/// <summary>Bytes changed in every frame of every kind of link, on the wire. Every single byte, without a wire, is tried by the
/// FlipTests of tests/Countersign.Protocol.Tests.</summary>
[Trait("pace", "thorough")]
public sealed class FlipTests
{
    private const int Places = 6;
    private const int Welcome = 7; // server_hello, certificates, proof, finished, challenge, login_ok, rekey_reply, welcome

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A4_RL_04_bytes_flipped_in_every_frame_of_a_login_log_nobody_in(bool fromClient)
    {
        await using var server = await StartAsync();
        using var alice = await server.EnrolAsync("alice", "alice");
        using (await alice.Open(new Recording(), link => link.Register(Accounts.Right))) { }
        await using var middle = new Middleman(server.Endpoint);
        var through = alice.At(middle.Endpoint);
        using (await through.Open(new Recording(), RecordTests.LogIn)) { }
        var before = await LoginsAsync(server);
        var frames = Frames(middle, fromClient);
        foreach (var frame in frames)
            for (var place = 0; place < Places; place++)
            {
                Flip(middle, frame, place);
                Assert.NotNull(await Record.ExceptionAsync(() => through.Open(new Recording(), RecordTests.LogIn)));
            }
        // Whose welcome is changed has logged in, and does not believe it.
        Assert.Equal(fromClient ? 0 : Places * frames.Count(static f => f.Number == Welcome), await LoginsAsync(server) - before);
        middle.Edit = static p => [p.Frame];
        using var session = await through.Open(new Recording(), RecordTests.LogIn);
    }

    [Fact]
    public async Task A13_RL_04_bytes_flipped_in_every_frame_of_an_enrolment_certify_nobody()
    {
        await using var server = await StartAsync();
        await using var middle = new Middleman(server.Endpoint);
        using (var rehearsal = await server.InviteAsync("rehearsal", middle.Endpoint))
        using (await SecondDevice.Enrol(rehearsal.ToWord(), Keys.Rsa("mallory"))) { }
        var frames = Frames(middle, fromClient: true).Concat(Frames(middle, fromClient: false)).ToList();
        var last = frames[^1]; // enrolled
        using var invitation = await server.InviteAsync("alice", middle.Endpoint);
        var word = invitation.ToWord();
        foreach (var frame in frames)
        {
            if (frame == last)
            {
                middle.Edit = static p => [p.Frame];
                using var owner = await SecondDevice.Enrol(word, Keys.Rsa("alice")); // another key: so none has been certified
            }
            for (var place = 0; place < Places; place++)
            {
                Flip(middle, frame, place);
                Assert.NotNull(await Record.ExceptionAsync(() => SecondDevice.Enrol(word, Keys.Rsa(frame == last ? "alice" : "mallory"))));
            }
        }
    }

    [Fact]
    public async Task A4_RL_04_bytes_flipped_in_every_message_of_a_session_are_DECRYPT_FAIL()
    {
        await using var server = await StartAsync();
        using var alice = await server.EnrolAsync("alice", "alice");
        using (await alice.Open(new Recording(), link => link.Register(Accounts.Right))) { }
        using var exchange = new Exchange();
        var id = new byte[32];
        foreach (var content in new[]
        {
            Cbor.Message(32), Cbor.Message(33, 1), Cbor.Message(40, 1, new byte[400]), Cbor.Message(44, 1, null), Cbor.Message(46, 1, id, 0), Cbor.Message(48, 1, "alice"),
            Cbor.Message(50, 1, new object?[] { id }), Cbor.Message(52, 1, new object?[] { new byte[300] }), Cbor.Message(54, 1, new object?[] { id }),
            Cbor.Message(56, 1, new byte[400]), Cbor.Message(57, 1, id, null), Cbor.Message(59, 1, "carol", 3600), Cbor.Message(65, 1, id, 0),
            Cbor.Message(61, 1, new byte[16], new object?[] { 19456, 2 }, id, id, id), Cbor.Message(20, exchange.Point, exchange.EncapsulationKey), Cbor.Message(22),
        })
            for (var place = 0; place < Places; place += 2)
            {
                using var session = await alice.Open(new Recording(), RecordTests.LogIn);
                await session.Link.Write(Flipped(session.Link.Seal("flipped", content), place));
                Assert.Equal(WireCode.DecryptFail, (WireCode)await session.Link.Refusal());
            }
    }

    private static Task<AttackedServer> StartAsync() => AttackedServer.StartAsync(new ServerOptions
    {
        Health = new IPEndPoint(IPAddress.Loopback, 0),
        Limits = new ServerLimits { LinksPerAddress = 10_000, LoginFailuresPerAccount = 100_000, LoginFailuresPerAddress = 100_000 },
    });

    private static List<Passing> Frames(Middleman middle, bool fromClient) => [.. middle.Passed.Where(p => p.FromClient == fromClient)];

    private static void Flip(Middleman middle, Passing frame, int place) =>
        middle.Edit = p => (p.FromClient, p.Number) == (frame.FromClient, frame.Number) ? [Flipped(p.Frame, place)] : [p.Frame];

    // From the first byte after the length to the last, in equal steps.
    private static byte[] Flipped(byte[] frame, int place)
    {
        var changed = (byte[])frame.Clone();
        changed[4 + ((changed.Length - 5) * place / (Places - 1))] ^= (byte)(1 << place);
        return changed;
    }

    private static async Task<double> LoginsAsync(AttackedServer server)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://{server.Health}") };
        var metrics = await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);
        return double.Parse(metrics.Split('\n').Single(static l => l.StartsWith("countersign_logins_total ", StringComparison.Ordinal)).Split(' ')[1], CultureInfo.InvariantCulture);
    }
}
