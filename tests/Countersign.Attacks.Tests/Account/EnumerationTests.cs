using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Countersign.Protocol;
using Countersign.Server;
using Countersign.Specification.Tests.Second;
using Countersign.Testing;

namespace Countersign.Attacks.Tests;

/// <summary>A20: whether an account exists, by what the server does and by how long it takes.</summary>
public sealed class EnumerationTests(Arena arena)
{
    [Fact]
    public async Task A20_control_the_answers_of_an_account_that_differs_are_told_apart()
    {
        // The comparison that finds no difference for an unknown user (AccountTests) finds one where there is one.
        using var usual = await arena.ReadyAsync("usual");
        using var other = await arena.Server.EnrolAsync(Arena.Fresh("alice"), "alice");
        using (await other.Open(new Recording(), link => link.Register(Accounts.Right.Claiming(20_000L, 2L)))) { }
        Assert.NotEqual(Costs(await ChallengeAsync(usual.Device)), Costs(await ChallengeAsync(other)));
    }

    [Fact]
    public async Task A20_AC_03_a_guess_makes_the_server_count_write_and_fail_the_same_for_an_account_and_for_none()
    {
        // Time follows work: what is counted here (links, failures by code, durable writes and their transactions) is what can take
        // long. Beside it, a login for nobody differs by one HMAC (the salt) and one row that the store does not find. No password
        // is stretched at a server: Argon2id is the client's work (SPEC 5).
        await using var server = await AttackedServer.StartAsync(Unlimited with { Health = new IPEndPoint(IPAddress.Loopback, 0) });
        using var http = new HttpClient { BaseAddress = new Uri($"http://{server.Health}") };
        var (known, unknown) = await BothAsync(server);
        using var _ = known;
        using var __ = unknown;
        var ofKnown = await WorkAsync(http, () => GuessAsync(known));
        var ofUnknown = await WorkAsync(http, () => GuessAsync(unknown));
        Assert.Equal(ofKnown, ofUnknown);
        Assert.Contains("countersign_failures_total{code=\"AUTH_FAIL\"} 3", ofKnown);
        Assert.Contains(ofKnown, static line => line.StartsWith("countersign_store_commit_writes_count", StringComparison.Ordinal)); // it does write
    }

    [Fact]
    [Trait("pace", "thorough")]
    public async Task A20_AC_03_the_time_of_an_answer_does_not_tell_an_account_from_none()
    {
        // In turn and in random order, so that the machine's noise falls on both alike. With equal distributions the share is
        // 0.5 ± 0.046 (one deviation): beyond 0.5 ± 0.25 lies a difference that whoever asks a few times would see. It cannot
        // show the absence of one that takes thousands of questions, of which the server answers five (AC-04).
        await using var server = await AttackedServer.StartAsync(Unlimited);
        var (known, unknown) = await BothAsync(server);
        using var _ = known;
        using var __ = unknown;
        var (challenge, guess) = (new Samples(), new Samples());
        for (var i = 0; i < 80; i++)
            foreach (var isKnown in RandomNumberGenerator.GetInt32(2) == 0 ? new[] { true, false } : [false, true])
            {
                using var link = await (isKnown ? known : unknown).Identify(new Recording());
                challenge.Add(isKnown, await TimeAsync(link.Challenge));
                guess.Add(isKnown, await TimeAsync(() => Assert.ThrowsAsync<AlertException>(() => link.AnswerWith(static _ => new byte[32], new byte[32]))));
            }
        Assert.InRange(challenge.ShareInWhichKnownTakesLonger, 0.25, 0.75);
        Assert.InRange(guess.ShareInWhichKnownTakesLonger, 0.25, 0.75);
    }

    [Fact]
    [Trait("pace", "thorough")]
    public async Task A20_control_a_server_that_stretches_passwords_of_accounts_only_is_told_apart_by_its_time()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var stop = new CancellationTokenSource();
        var serving = NaiveAsync(listener, stop.Token);
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        var samples = new Samples();
        for (var i = 0; i < 20; i++)
            foreach (var isKnown in RandomNumberGenerator.GetInt32(2) == 0 ? new[] { true, false } : [false, true])
                samples.Add(isKnown, await TimeAsync(async () =>
                {
                    await client.GetStream().WriteAsync(new[] { (byte)(isKnown ? 1 : 0) });
                    await client.GetStream().ReadExactlyAsync(new byte[1]); // "wrong name or password", for both
                }));
        await stop.CancelAsync();
        await serving;
        Assert.InRange(samples.ShareInWhichKnownTakesLonger, 0.75, 1);
    }

    private static ServerOptions Unlimited => new() { Limits = new ServerLimits { LoginFailuresPerAccount = 100_000, LoginFailuresPerAddress = 100_000 } };

    private static async Task<(SecondDevice Known, SecondDevice Unknown)> BothAsync(AttackedServer server)
    {
        var known = await server.EnrolAsync("known", "alice");
        using (await known.Open(new Recording(), link => link.Register(Accounts.Right))) { }
        return (known, await server.EnrolAsync("unknown", "nobody"));
    }

    // Every count that three times this changed, but times and their buckets.
    private static async Task<SortedSet<string>> WorkAsync(HttpClient http, Func<Task> work)
    {
        Dictionary<string, double> before = [], after = [];
        await Eventually.True(() => (before = Counts(http))["countersign_links"] == 0, "nobody is there");
        for (var i = 0; i < 3; i++)
            await work();
        await Eventually.True(() => (after = Counts(http))["countersign_links"] == 0, "nobody is there any more");
        return [.. after.Select(c => (c.Key, Change: c.Value - before.GetValueOrDefault(c.Key))).Where(static c => c.Change != 0)
            .Select(static c => string.Create(CultureInfo.InvariantCulture, $"{c.Key} {c.Change}"))];
    }

    private static Dictionary<string, double> Counts(HttpClient http)
    {
        using var response = http.Send(new HttpRequestMessage(HttpMethod.Get, new Uri("/metrics", UriKind.Relative)));
        using var reader = new StreamReader(response.Content.ReadAsStream());
        return reader.ReadToEnd().Split('\n').Where(static l => l.Length > 0 && l[0] != '#' && !l.Contains("_seconds_", StringComparison.Ordinal) && !l.Contains("_bucket", StringComparison.Ordinal))
            .Select(static l => l.Split(' ')).ToDictionary(static l => l[0], static l => double.Parse(l[1], CultureInfo.InvariantCulture));
    }

    private static async Task<object?[]> ChallengeAsync(SecondDevice device)
    {
        using var link = await device.Identify(new Recording());
        return await link.Challenge();
    }

    private static string Costs(object?[] challenge) => string.Join('/', (object?[])challenge[2]!);

    private static async Task GuessAsync(SecondDevice device)
    {
        using var link = await device.Identify(new Recording());
        await link.Challenge();
        var refused = await Assert.ThrowsAsync<AlertException>(() => link.AnswerWith(static _ => new byte[32], new byte[32]));
        Assert.Equal(WireCode.AuthFail, (WireCode)refused.Code);
    }

    private static async Task<TimeSpan> TimeAsync(Func<Task> work)
    {
        var clock = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(clock);
    }

    private static async Task NaiveAsync(TcpListener listener, CancellationToken stop)
    {
        try
        {
            using var client = await listener.AcceptTcpClientAsync(stop);
            client.NoDelay = true;
            var name = new byte[1];
            while (true)
            {
                await client.GetStream().ReadExactlyAsync(name, stop);
                if (name[0] == 1)
                    _ = new Password("a guess", new byte[16], [19456L, 2L]);
                await client.GetStream().WriteAsync(name, stop);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            return; // the test is over
        }
    }

    private sealed class Samples
    {
        private readonly List<TimeSpan> _known = [], _unknown = [];

        public void Add(bool isKnown, TimeSpan time) => (isKnown ? _known : _unknown).Add(time);

        /// <summary>Of all pairs of one answer each, the share in which the account's took longer (Mann and Whitney's U, from 0 to 1).</summary>
        public double ShareInWhichKnownTakesLonger =>
            _known.SelectMany(k => _unknown, static (k, u) => k > u ? 1.0 : k == u ? 0.5 : 0.0).Average();
    }
}
