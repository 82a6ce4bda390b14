using Countersign.Client;
using Countersign.Protocol;
using Countersign.Specification.Tests.Second;
using Countersign.Testing;

namespace Countersign.Attacks.Tests;

/// <summary>Records on the wire again, missing, exchanged, reflected, transplanted, changed, split and merged.</summary>
public sealed class RecordTests(Arena arena)
{
    private const int LastFrame = 8; // hello, certificates, proof, finished, login, response, rekey_start, rekey_done, ready

    [Fact]
    public async Task A4_A13_RL_04_a_changed_record_of_the_client_ends_the_link_wherever_it_stands()
    {
        using var alice = await RegisteredAsync();
        await using var middle = new Middleman(arena.Server.Endpoint);
        for (var frame = 1; frame <= LastFrame; frame++)
        {
            middle.Edit = Only(fromClient: true, frame, f => [Flipped(f)]);
            await arena.RefusedAsync(WireCode.DecryptFail, () => LogInAsync(alice, middle));
        }
        middle.Edit = p => [p.Frame];
        using var session = await LogInAsync(alice, middle);
    }

    [Fact]
    public async Task A4_RL_04_a_changed_record_of_the_server_ends_the_link_wherever_it_stands()
    {
        await using var middle = new Middleman(arena.Server.Endpoint);
        await using var alice = await Victim.EnrolAsync(arena.Server, "alice", middle.Endpoint);
        for (var frame = 0; frame < 8; frame++) // server_hello, certificates, proof, finished, challenge, login_ok, rekey_reply, welcome
        {
            middle.Edit = Only(fromClient: false, frame, f => [Flipped(f)]);
            Assert.Equal(WireCode.DecryptFail, Assert.IsType<LinkEnd.ServerFault>(await alice.FailsToConnectAsync()).Code);
        }
        middle.Edit = p => [p.Frame];
        alice.Client.Reconnect();
        await alice.IsOnlineAsync();
    }

    [Fact]
    public async Task A13_registration_changed_in_flight_registers_nothing()
    {
        using var alice = await arena.Server.EnrolAsync(Arena.Fresh("alice"), "alice");
        await using var middle = new Middleman(arena.Server.Endpoint);
        middle.Edit = Only(fromClient: true, 4, f => [Flipped(f)]);
        await arena.RefusedAsync(WireCode.DecryptFail, () => alice.At(middle.Endpoint).Open(new Recording(), link => link.Register(Accounts.Right)));
        // Neither the changed record nor the real one is there: registration is still open to its owner.
        using (await alice.Open(new Recording(), link => link.Register(Accounts.Right))) { }
        using var session = await LogInAsync(alice, middle: null);
    }

    [Fact]
    public async Task A6_RL_04_a_doubled_record_ends_the_link_wherever_it_stands()
    {
        using var alice = await RegisteredAsync();
        await using var middle = new Middleman(arena.Server.Endpoint);
        for (var frame = 1; frame < LastFrame; frame++)
        {
            middle.Edit = Only(fromClient: true, frame, f => [f, f]);
            await arena.RefusedAsync(WireCode.DecryptFail, () => LogInAsync(alice, middle));
        }
    }

    [Fact]
    public async Task A14_RL_04_a_dropped_record_is_noticed_at_the_next()
    {
        using var alice = await RegisteredAsync();
        await using var middle = new Middleman(arena.Server.Endpoint);
        foreach (var frame in new[] { 1, 2, 3, 7 }) // those after which the client goes on without waiting
        {
            middle.Edit = Only(fromClient: true, frame, _ => []);
            await arena.RefusedAsync(WireCode.DecryptFail, () => LogInAsync(alice, middle));
        }
    }

    [Fact]
    public async Task A6_A9_A14_in_a_session_repeated_late_missing_and_reflected_records_end_the_link()
    {
        foreach (var attack in new Func<SecondLink, byte[], byte[], byte[], IEnumerable<byte[]>>[]
        {
            (_, first, _, _) => [first, first],
            (_, first, second, _) => [second, first],
            (_, _, second, _) => [second],
            (_, _, _, ofServer) => [ofServer], // A9: the server's own record comes back to it
        })
        {
            using var alice = await arena.ReadyAsync("alice");
            var recording = new Recording();
            using var again = await alice.Device.Open(recording, LogIn);
            var ofServer = Convert.FromHexString(recording.Steps.Last(s => s.Frame is not null && s.Kind[0] == 'S').Frame!);
            var (first, second) = (again.Link.Seal("ping", Cbor.Message(33, 1)), again.Link.Seal("ping", Cbor.Message(33, 2)));
            foreach (var frame in attack(again.Link, first, second, ofServer))
                await again.Link.Write(frame);
            await arena.RefusedAsync(WireCode.DecryptFail, again.Link);
        }
    }

    [Fact]
    public async Task A6_control_without_the_counter_the_same_record_would_open_again()
    {
        // Key and content are as good the second time; only the receiver's own counter differs.
        var (secret, context) = (new byte[32], new byte[32]);
        var frame = new Derivation.Direction(secret, "k_chat c2s", context).Seal(Cbor.Message(33, 1));
        Assert.Equal(new Derivation.Direction(secret, "k_chat c2s", context).Open(frame), new Derivation.Direction(secret, "k_chat c2s", context).Open(frame));
        var counting = new Derivation.Direction(secret, "k_chat c2s", context);
        counting.Open(frame);
        Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(() => counting.Open(frame));
        await arena.HonestIsUnharmedAsync();
    }

    [Fact]
    public async Task A6_A8_a_whole_session_again_and_a_record_of_another_link_open_nothing()
    {
        using var alice = await RegisteredAsync();
        await using var middle = new Middleman(arena.Server.Endpoint);
        using var session = await LogInAsync(alice, middle);
        var link = await alice.Connect(new Recording());
        foreach (var frame in middle.Passed.Where(p => p.FromClient).Take(4)) // beyond, nobody listens
            await link.Write(frame.Frame);
        // The answer stands under keys that the attacker does not have: he sees the server's hello, its flight, one more record, the end.
        var frames = 0;
        while (await link.Next() is not null)
            frames++;
        Assert.Equal(1 + 3 + 1, frames);

        using var mallory = await arena.ReadyAsync("mallory");
        await mallory.Link.Write(session.Link.Seal("ping", Cbor.Message(33, 1)));
        await arena.RefusedAsync(WireCode.DecryptFail, mallory.Link);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public async Task A22_RL_03_frames_in_many_segments_are_the_same_frames(int size)
    {
        using var alice = await RegisteredAsync();
        await using var middle = new Middleman(arena.Server.Endpoint) { Edit = p => p.Frame.Chunk(size) };
        using var session = await LogInAsync(alice, middle);
        await session.Ask("find_user", 48, 49, alice.User);
    }

    [Fact]
    public async Task A22_RL_03_many_frames_in_one_segment_are_all_taken()
    {
        using var alice = await arena.ReadyAsync("alice");
        var frames = Enumerable.Range(1, 40).SelectMany(i => alice.Link.Seal("ping", Cbor.Message(33, i))).ToArray();
        await alice.Link.Write(frames);
        for (long i = 1; i <= 40;)
            foreach (var message in Cbor.DecodeSequence(await alice.Link.ReceiveRecord("pong")).Cast<object?[]>())
                Assert.Equal([34L, i++], message);
    }

    [Fact]
    public async Task A14_what_the_middle_swallows_is_never_called_delivered_and_comes_after_all()
    {
        await using var middle = new Middleman(arena.Server.Endpoint);
        await using var alice = await Victim.OnlineAsync(arena.Server, "alice");
        await using var bob = await Victim.OnlineAsync(arena.Server, "bob", middle.Endpoint);
        var conversation = await alice.Client.StartDirectAsync(bob.Name);
        await alice.SendsAsync(conversation, "the first");
        await bob.ReadsAsync(conversation, "the first");

        // One record to bob is dropped: at the next, bob's client knows.
        var dropped = 0;
        middle.Edit = p => !p.FromClient && Interlocked.CompareExchange(ref dropped, 1, 0) == 0 ? [] : [p.Frame];
        var second = alice.Client.Send(conversation, "the second");
        await alice.Client.WaitForAsync(conversation, second, DeliveryWord.Accepted, TestContext.Current.CancellationToken);
        var third = alice.Client.Send(conversation, "the third");
        await alice.Client.WaitForAsync(conversation, third, DeliveryWord.Accepted, TestContext.Current.CancellationToken);
        await Eventually.True(() => bob.Client.State is ConnectionState.Waiting { Cause: LinkEnd.ServerFault { Code: WireCode.DecryptFail } }, "bob's client notices");
        Assert.DoesNotContain(alice.Events<ClientEvent.DeliveryChanged>(), e => e.Message == second && e.Delivery.Word >= DeliveryWord.Delivered);
        bob.Client.Reconnect();
        await bob.ReadsAsync(conversation, "the third");
        Assert.Equal(["the first", "the second", "the third"], bob.Texts(conversation));
        await alice.Client.WaitForAsync(conversation, third, DeliveryWord.Delivered, TestContext.Current.CancellationToken);
    }

    internal static async Task LogIn(SecondLink link)
    {
        await link.Challenge();
        await link.Answer(Accounts.Right);
    }

    private static Task<SecondSession> LogInAsync(SecondDevice device, Middleman? middle) =>
        (middle is null ? device : device.At(middle.Endpoint)).Open(new Recording(), LogIn);

    private async Task<SecondDevice> RegisteredAsync()
    {
        using var session = await arena.ReadyAsync("alice");
        return session.Device;
    }

    private static Func<Passing, IEnumerable<byte[]>> Only(bool fromClient, int number, Func<byte[], IEnumerable<byte[]>> edit) =>
        passing => passing.FromClient == fromClient && passing.Number == number ? edit(passing.Frame) : [passing.Frame];

    private static byte[] Flipped(byte[] frame)
    {
        var changed = (byte[])frame.Clone();
        changed[^1] ^= 1;
        return changed;
    }
}
