using Countersign.Cryptography;

namespace Countersign.Protocol.Tests;

/// <summary>HS-04: every state, every message.</summary>
public sealed class StateTests
{
    /// <summary>Messages that are right in the place of a step: the step's own, and register beside login.</summary>
    private static readonly Dictionary<string, string[]> Right = new()
    {
        ["hello"] = [nameof(Hello)],
        ["server_hello"] = [nameof(ServerHello)],
        ["certificates"] = [nameof(Certificates)],
        ["proof"] = [nameof(Proof)],
        ["finished"] = [nameof(Finished)],
        ["login"] = [nameof(Login), nameof(Register)],
        ["response"] = [nameof(Response)],
        ["challenge"] = [nameof(Challenge)],
        ["login_ok"] = [nameof(LoginOk)],
        ["rekey_start"] = [nameof(RekeyStart)],
        ["rekey_reply"] = [nameof(RekeyReply)],
        ["rekey_done"] = [nameof(RekeyDone)],
        ["ready"] = [nameof(Ready)],
        ["welcome"] = [nameof(Welcome)],
    };

    public static TheoryData<string> ServersStates => [.. ScriptedClient.SessionSteps];
    public static TheoryData<string> ClientsStates => [.. ScriptedServer.SessionSteps];

    [Theory]
    [MemberData(nameof(ServersStates))]
    public void HS_04_HS_12_a_server_accepts_in_each_state_exactly_one_message(string step)
    {
        foreach (var (name, wrong) in Wrong(step))
        {
            using var server = new ServerWalker();
            using var client = new ScriptedClient(server) { Says = (at, honest) => at == step ? wrong : honest };
            var fault = Assert.Throws<PeerFaultException>(client.Run);
            Assert.True(fault.Code == WireCode.BadMessage, $"{name} as {step}: {fault.Message}");
            AssertDead(server);
        }
    }

    [Theory]
    [MemberData(nameof(ClientsStates))]
    public void HS_04_HS_12_a_client_accepts_in_each_state_exactly_one_message(string step)
    {
        foreach (var (name, wrong) in Wrong(step))
        {
            using var client = new ClientWalker();
            using var server = new ScriptedServer(client) { Says = (at, honest) => at == step ? wrong : honest };
            var fault = Assert.Throws<PeerFaultException>(server.Run);
            Assert.True(fault.Code == WireCode.BadMessage, $"{name} as {step}: {fault.Message}");
            AssertDead(client);
        }
    }

    [Fact]
    public void The_scripted_peers_are_honest_if_not_told_otherwise()
    {
        using var server = new ServerWalker();
        using var client = new ScriptedClient(server);
        client.Run();
        Assert.NotNull(server.Link);

        using var otherClient = new ClientWalker();
        using var otherServer = new ScriptedServer(otherClient);
        otherServer.Run();
        Assert.NotNull(otherClient.Link);
    }

    [Fact]
    public void HS_04_in_an_enrolment_the_server_awaits_enrol_and_the_client_enrolled()
    {
        foreach (var (name, wrong) in Samples.BeforeChat)
        {
            using var server = new ServerWalker();
            using var scripted = new ScriptedClient(server);
            scripted.Agree(Intent.Enrol);
            var fault = Assert.Throws<PeerFaultException>(() => scripted.Say("enrol", wrong));
            Assert.Equal(name == nameof(Enrol) ? WireCode.InviteUnknown : WireCode.BadMessage, fault.Code);

            using var client = Enrolments.NewClient(out _);
            using var scriptedServer = new ScriptedServer(client) { Shows = World.Real.Server.Show(Intent.Enrol, World.Real.Revocations) };
            scriptedServer.Flight();
            fault = Assert.Throws<PeerFaultException>(() => scriptedServer.Say("enrolled", wrong));
            Assert.Equal(name == nameof(Enrolled) ? WireCode.BadCert : WireCode.BadMessage, fault.Code);
        }
    }

    [Fact]
    public void HS_04_a_state_acts_once()
    {
        using var handshake = World.NewServer();
        using var client = new ClientWalker();
        var start = handshake.Start;
        start.Receive(client.First, World.Now);
        Assert.Throws<InvalidOperationException>(() => start.Receive(client.First, World.Now));
    }

    [Fact]
    public void HS_13_a_record_under_k_chat_that_does_not_begin_with_ready_establishes_nothing()
    {
        using var server = new ServerWalker();
        using var client = new ScriptedClient(server)
        {
            Says = (step, honest) => step == "ready" ? new Ping(1).Encode() : honest,
        };
        Assert.Equal(WireCode.BadMessage, Assert.Throws<PeerFaultException>(client.Run).Code);
        Assert.Null(server.Link);
    }

    [Fact]
    public void HS_13_SE_01_what_follows_ready_in_its_record_is_taken()
    {
        using var server = new ServerWalker();
        using var client = new ScriptedClient(server)
        {
            Says = (step, honest) => step == "ready" ? [.. honest, .. new ListConversations(1, null).Encode()] : honest,
        };
        client.Run();
        Assert.IsType<ListConversations>(Assert.Single(server.Link!.TakeFirst().Messages));
        Assert.Throws<InvalidOperationException>(server.Link.TakeFirst);
    }

    private static IEnumerable<(string Name, byte[] Bytes)> Wrong(string step) =>
        (step is "ready" or "welcome" ? Samples.All : Samples.BeforeChat).Where(sample => !Right[step].Contains(sample.Name));

    private static void AssertDead(Walker walker)
    {
        Assert.Throws<InvalidOperationException>(() => walker.Receive([0x80]));
        Assert.Single(Wire.Bodies(walker.Alert(WireCode.BadMessage)));
        Assert.True(walker.Alert(WireCode.BadMessage).IsEmpty, "ER-01: an alert is sent once");
    }
}
