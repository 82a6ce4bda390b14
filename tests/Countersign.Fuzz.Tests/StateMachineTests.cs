using Countersign.Protocol;
using Countersign.Protocol.Tests;
using Xunit.Sdk;

namespace Countersign.Fuzz.Tests;

/// <summary>Both ends of a session under scripts that a seed draws: handshake, login, rekey, first records. An end refuses by a
/// documented fault or goes on; whatever a script does, an end that is established has got exactly what the other end sent.</summary>
public sealed class StateMachineTests
{
    private static readonly int Seed =
        int.TryParse(Environment.GetEnvironmentVariable("COUNTERSIGN_FUZZ_SEED"), out var given) ? given : Random.Shared.Next();

    [Fact]
    public void R14_a_hostile_network_gets_a_fault_or_nothing() => Times(40, NetworkScript);

    [Fact]
    public void R14_a_hostile_client_gets_a_fault_or_a_session_of_its_own() => Times(40, ClientScript);

    [Fact]
    public void R14_a_hostile_server_gets_a_fault_or_a_session_of_its_own() => Times(40, ServerScript);

    [Fact]
    [Trait("pace", "thorough")]
    public void R14_many_scripts_of_a_hostile_network_client_and_server() => Times(250, seed =>
    {
        NetworkScript(seed);
        ClientScript(seed);
        ServerScript(seed);
    });

    [Fact]
    public void An_untouched_session_is_established_at_both_ends_by_the_steps_that_scripts_change()
    {
        using var server = new ServerWalker();
        using var client = new ClientWalker();
        var pump = new Pump(server, client);
        pump.Run();
        Assert.NotNull(server.Link);
        Assert.NotNull(client.Link);
        Assert.Equal(ScriptedClient.SessionSteps.Length, pump.Log.Count(static s => s.From == Side.Client));
        Assert.Equal(ScriptedServer.SessionSteps.Length, pump.Log.Count(static s => s.From == Side.Server));
    }

    private static void Times(int rounds, Action<int> script)
    {
        for (var round = 0; round < rounds; round++)
        {
            var seed = unchecked(Seed + round);
            var problem = Record.Exception(() => script(seed));
            Assert.True(problem is null, $"seed {seed}: {problem}");
        }
    }

    private static void NetworkScript(int seed)
    {
        using var server = new ServerWalker();
        using var client = new ClientWalker();
        var script = new SessionScript(seed);
        var delivered = new List<(Side From, byte[] Body)>();
        var pump = new Pump(server, client)
        {
            Network = (from, number, body) =>
            {
                var dealt = script.Deal(from, number, body).ToList();
                delivered.AddRange(dealt.Select(b => (from, b)));
                return dealt;
            },
        };
        Ends(pump.Run);
        if (server.Link is not null)
            Got(Side.Client);
        if (client.Link is not null)
            Got(Side.Server);

        // What went to the end before it was established; later bodies are records, which it has not read yet.
        void Got(Side from)
        {
            var sent = pump.Log.Where(s => s.From == from).Select(static s => s.Body).ToList();
            var arrived = delivered.Where(d => d.From == from).Select(static d => d.Body).ToList();
            var count = from == Side.Client ? ScriptedClient.SessionSteps.Length : ScriptedServer.SessionSteps.Length;
            Assert.Equal(sent.Take(count), arrived.Take(count));
        }
    }

    private static void ClientScript(int seed)
    {
        using var server = new ServerWalker();
        var draw = new Mutator(seed);
        var step = ScriptedClient.SessionSteps[draw.Next(ScriptedClient.SessionSteps.Length)];
        using var client = new ScriptedClient(server) { Says = (name, honest) => name == step ? Changed(draw, honest) : honest };
        Ends(client.Run);
    }

    private static void ServerScript(int seed)
    {
        using var client = new ClientWalker();
        var draw = new Mutator(seed);
        var step = ScriptedServer.SessionSteps[draw.Next(ScriptedServer.SessionSteps.Length)];
        using var server = new ScriptedServer(client) { Says = (name, honest) => name == step ? Changed(draw, honest) : honest };
        Ends(server.Run);
    }

    private static byte[] Changed(Mutator draw, byte[] honest) => draw.Mutate(honest) is { Length: > 0 } changed ? changed : [0];

    // A fault that has a code, an alert, or a script that has lost its partner; anything else is a finding. The walker has a
    // login secret for one salt alone, where a client derives one for the salt it is given.
    private static void Ends(Action run)
    {
        try
        {
            run();
        }
        catch (Exception e) when (PeerFaults.From(e) is not null || e is PeerAlertException or XunitException or ArgumentException { ParamName: "secret" } || e.Message == "the walk is over")
        {
        }
    }
}
