using System.Security.Cryptography;
using Countersign.Cryptography;
using Countersign.Protocol;
using Countersign.Server;
using Countersign.Specification.Tests.Second;
using Microsoft.Data.Sqlite;
using static Countersign.Specification.Tests.Second.Derivation;

namespace Countersign.Attacks.Tests;

/// <summary>Stolen tables, guessing, and finding out who has an account.</summary>
public sealed class AccountTests(Arena arena)
{
    [Fact]
    public async Task A18_AC_06_the_stolen_row_logs_nobody_in()
    {
        using var alice = await arena.ReadyAsync("alice");
        var (storedKey, serverKey) = StealRow(arena.Server.Path, alice.Device.User);
        Assert.Equal(Accounts.Right.StoredKey, storedKey); // the theft is real
        // The thief even has the device's key; what he puts in the client key's place is what the table holds.
        foreach (var instead in new[] { storedKey, serverKey, SHA256.HashData(storedKey), new byte[32] })
            await arena.RefusedAsync(WireCode.AuthFail, () => LogInAsync(alice.Device, auth => Mask(instead, storedKey, auth)));
    }

    [Fact]
    public async Task A18_control_where_the_stored_value_is_what_is_proved_the_row_logs_in()
    {
        using var alice = await arena.ReadyAsync("alice");
        var (storedKey, _) = StealRow(arena.Server.Path, alice.Device.User);
        // The founding design compared the salted hash itself: the proof was HMAC(stored value, challenge), and the table has that.
        var challenge = RandomNumberGenerator.GetBytes(32);
        var salted = storedKey;
        Assert.Equal(HMACSHA256.HashData(salted, challenge), HMACSHA256.HashData(Accounts.Right.StoredKey, challenge));
        // Here the same proof is one step short, and only the step that SHA-256 hides is missing: with the password it is there.
        await arena.RefusedAsync(WireCode.AuthFail, () => LogInAsync(alice.Device, auth => HMACSHA256.HashData(storedKey, auth)));
        await LogInAsync(alice.Device, Accounts.Right.Proof);
    }

    [Fact]
    public async Task A8_A18_a_login_proof_captured_on_one_link_is_AUTH_FAIL_on_another()
    {
        using var alice = await arena.ReadyAsync("alice");
        byte[] captured = [];
        await LogInAsync(alice.Device, auth => captured = Accounts.Right.Proof(auth));
        await arena.RefusedAsync(WireCode.AuthFail, () => LogInAsync(alice.Device, _ => captured));
    }

    [Fact]
    public async Task A8_A18_AC_07_a_renewal_works_once_on_its_own_link_and_cannot_be_taken_back()
    {
        var device = await arena.Server.EnrolAsync(Arena.Fresh("alice"), "alice");
        var renewed = new Password(Accounts.Text, Accounts.Right.Salt, [20_480L, 3L]);
        object?[] renewal, withdrawal;
        using (var first = await device.Open(new Recording(), link => link.Register(Accounts.Right)))
        {
            renewal = first.Change(Accounts.Right, renewed);
            await first.Ask("change_password", 61, 43, renewal);
            withdrawal = first.Change(Accounts.Right, Accounts.Right);
            Assert.Equal((long)WireCode.AuthFail, await first.AskRefused("change_password", 61, renewal)); // again
        }
        Assert.Equal([20_480L, 3L], (object?[])(await ChallengeAsync(device))[2]!);
        foreach (var old in new[] { renewal, withdrawal }) // from another link; made with the record before
        {
            using var second = await device.Open(new Recording(), link => link.Login(Accounts.Text));
            Assert.Equal((long)WireCode.AuthFail, await second.AskRefused("change_password", 61, old));
        }
        using var last = await device.Open(new Recording(), link => link.Login(Accounts.Text));
        await arena.HonestIsUnharmedAsync();
    }

    [Fact]
    public async Task A19_AC_04_guessing_ends_after_five_and_a_restart_forgives_nothing()
    {
        await using var server = await AttackedServer.StartAsync();
        using var victim = await server.ReadyAsync("victim", "victim");
        using var other = await server.ReadyAsync("other", "other");
        for (var i = 0; i < 5; i++)
            Assert.Equal(WireCode.AuthFail, await GuessAsync(victim.Device));
        Assert.Equal(WireCode.Busy, await GuessAsync(victim.Device));
        Assert.Equal(WireCode.Busy, await CodeAsync(() => LogInAsync(victim.Device, Accounts.Right.Proof)));
        await server.StopAsync();
        await server.StartAgainAsync();
        Assert.Equal(WireCode.Busy, await GuessAsync(victim.Device));
        await LogInAsync(other.Device, Accounts.Right.Proof); // nobody else is locked out
    }

    [Fact]
    public async Task A19_control_without_the_count_the_sixth_guess_is_answered()
    {
        await using var server = await AttackedServer.StartAsync(new ServerOptions { Limits = new ServerLimits { LoginFailuresPerAccount = 1000, LoginFailuresPerAddress = 1000 } });
        using var victim = await server.ReadyAsync("victim", "victim");
        for (var i = 0; i < 6; i++)
            Assert.Equal(WireCode.AuthFail, await GuessAsync(victim.Device));
        await LogInAsync(victim.Device, Accounts.Right.Proof);
    }

    [Fact]
    public async Task A20_AC_03_a_login_does_not_tell_whether_the_account_exists()
    {
        await using var server = await AttackedServer.StartAsync();
        using var known = await server.ReadyAsync("alice", "alice");
        using var unknown = await server.EnrolAsync("nobody", "nobody");
        var shapes = new List<string>();
        foreach (var device in new[] { known.Device, unknown })
        {
            var first = await ChallengeAsync(device);
            var second = await ChallengeAsync(device);
            Assert.Equal((byte[])first[1]!, (byte[])second[1]!); // the same salt each time, as a real one
            shapes.Add($"{first.Length} {((byte[])first[1]!).Length} {string.Join('/', (object?[])first[2]!)} {((byte[])first[3]!).Length} {await GuessAsync(device)}");
        }
        Assert.Equal(shapes[0], shapes[1]);
    }

    [Fact]
    public async Task A20_AC_03_neither_does_the_cost_that_a_challenge_shows()
    {
        // Two accounts, of which one has been renewed: whoever asks for a name without one sees the one cost as often as the other.
        await using var server = await AttackedServer.StartAsync();
        foreach (var (name, cost) in new[] { ("alice", 19_456L), ("bob", 65_536L) })
        {
            using var device = await server.EnrolAsync(name, name);
            using (await device.Open(new Recording(), link => link.Register(Accounts.Right.Claiming(cost, 3L)))) { }
        }
        var seen = new Dictionary<string, object?>();
        for (var i = 0; i < 24; i++)
        {
            using var device = await server.EnrolAsync($"nobody{i}", "nobody");
            var challenge = await ChallengeAsync(device);
            Assert.Equal((object?[])challenge[2]!, (object?[])(await ChallengeAsync(device))[2]!); // and stays
            seen[device.User] = ((object?[])challenge[2]!)[0];
        }
        Assert.Equal([19_456L, 65_536L], seen.Values.Distinct().Order());
    }

    [Fact]
    public async Task A20_AC_02_a_registration_does_not_tell_whether_the_account_exists()
    {
        // To whom the server has not given an invitation, a name that is taken and one that is free are the same.
        using var known = await arena.ReadyAsync("alice");
        var codes = new List<WireCode>();
        foreach (var name in new[] { known.Device.User, Arena.Fresh("nobody") })
        {
            var stranger = known.Device.Showing([new Forge().Certify(known.Device.Key, name)], known.Device.Key);
            using var link = await stranger.Identify(new Recording());
            codes.Add(await CodeAsync(() => link.Register(Accounts.Right)));
        }
        Assert.Equal([WireCode.AuthFail, WireCode.AuthFail], codes);
        await arena.RefusedAsync(WireCode.AuthFail, () => known.Device.Open(new Recording(), link => link.Register(Accounts.Right)));
    }

    [Fact]
    public async Task A20_HS_04_nobody_asks_for_a_salt_before_both_certificates()
    {
        using var stranger = await arena.Server.EnrolAsync(Arena.Fresh("mallory"), "mallory");
        var login = Cbor.Message(12, new byte[32]);
        var clear = await stranger.Connect(new Recording());
        await clear.Write(Framed(login));
        await arena.RefusedAsync(WireCode.BadMessage, clear);
        var (half, _) = await stranger.MeetServer(new Recording());
        await half.SendRecord("login", login);
        await arena.RefusedAsync(WireCode.BadMessage, half);
    }

    private static byte[] Mask(byte[] key, byte[] storedKey, byte[] auth) =>
        [.. key.Zip(HMACSHA256.HashData(storedKey, auth), static (a, b) => (byte)(a ^ b))];

    private static async Task<object?[]> ChallengeAsync(SecondDevice device)
    {
        using var link = await device.Identify(new Recording());
        return await link.Challenge();
    }

    private static async Task LogInAsync(SecondDevice device, Func<byte[], byte[]> proof)
    {
        using var link = await device.Identify(new Recording());
        await link.Challenge();
        await link.AnswerWith(proof, Accounts.Right.ServerKey);
    }

    private static Task<WireCode> GuessAsync(SecondDevice device) => CodeAsync(() => LogInAsync(device, static _ => new byte[32]));

    private static async Task<WireCode> CodeAsync(Func<Task> attempt) => (WireCode)(await Assert.ThrowsAsync<AlertException>(attempt)).Code;

    private static (byte[] StoredKey, byte[] ServerKey) StealRow(string server, string user)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(server, "server.db")};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT stored_key, server_key FROM accounts WHERE user = $1";
        command.Parameters.AddWithValue("$1", user);
        using var reader = command.ExecuteReader();
        Assert.True(reader.Read());
        return ((byte[])reader[0], (byte[])reader[1]);
    }
}
