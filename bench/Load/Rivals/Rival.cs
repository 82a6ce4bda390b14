using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Countersign.Load;

/// <summary>A room in somebody else's server: its members are connected, each over TLS 1.3, and every one sends and receives.</summary>
internal sealed class Rival : IAsyncDisposable
{
    private readonly RivalServer _server;
    private readonly RivalClient[] _members;
    private readonly byte[] _payload = RandomNumberGenerator.GetBytes(Room.CiphertextSize);

    private Rival(string name, RivalServer server, RivalClient[] members) => (Name, _server, _members) = (name, server, members);

    public string Name { get; }

    public int Members => _members.Length;

    /// <summary>Mosquitto: QoS 1 both ways, certificates on both sides, nothing limited.</summary>
    /// <param name="world">Keys and scratch.</param>
    /// <param name="members">Clients in the room.</param>
    /// <param name="window">Messages under way to each client at most.</param>
    /// <param name="packetByPacket">How clients write, which is a large part of what they cost the broker: MQTT libraries write packet
    /// by packet; what is possible is to send many in one TLS record, as our clients do.</param>
    /// <returns>Null if it is not installed.</returns>
    public static async Task<Rival?> MosquittoAsync(LoadWorld world, int members, int window, bool packetByPacket)
    {
        if (RivalServer.Find("mosquitto") is not { } program)
            return Missing("mosquitto");
        var server = await RivalServer.StartAsync(program, world.Path, port => $"""
            user root
            listener {port} 127.0.0.1
            cafile {Path.Combine(world.Path, TlsFiles.RootName)}
            certfile {Path.Combine(world.Path, TlsFiles.ServerName)}
            keyfile {Path.Combine(world.Path, TlsFiles.ServerKeyName)}
            require_certificate true
            use_identity_as_username true
            set_tcp_nodelay true
            max_inflight_messages {window}
            max_queued_messages 0
            persistence false
            log_type error
            log_type warning

            """, static file => ["-c", file]);
        return await ConnectAsync("Mosquitto, TLS, QoS 1, " + Writing(packetByPacket), server, world, members, withCertificate: true, (link, number) => new MqttClient(link, number, packetByPacket));
    }

    /// <summary>ngIRCd over TLS without penalties, lookups and limits on connections. It asks for no client certificates.</summary>
    /// <returns>Null if it is not installed.</returns>
    public static async Task<Rival?> NgIrcdAsync(LoadWorld world, int members, bool packetByPacket)
    {
        if (RivalServer.Find("ngircd") is not { } program)
            return Missing("ngircd");
        var server = await RivalServer.StartAsync(program, world.Path, port => $"""
            [Global]
            Name = irc.load.local
            Info = load
            Listen = 127.0.0.1
            MotdPhrase = load
            [Limits]
            MaxConnections = 0
            MaxConnectionsIP = 0
            MaxJoins = 0
            MaxNickLength = 16
            MaxPenaltyTime = 0
            PingTimeout = 3600
            [Options]
            DNS = no
            Ident = no
            PAM = no
            [SSL]
            CertFile = {Path.Combine(world.Path, TlsFiles.ServerName)}
            KeyFile = {Path.Combine(world.Path, TlsFiles.ServerKeyName)}
            Ports = {port}

            """, static file => ["-n", "-f", file]);
        return await ConnectAsync("ngIRCd, TLS, " + Writing(packetByPacket), server, world, members, withCertificate: false, (link, number) => new IrcClient(link, number, packetByPacket));
    }

    private static string Writing(bool packetByPacket) => packetByPacket ? "one message a record" : "many messages a record";

    private static Rival? Missing(string package)
    {
        Console.Error.WriteLine($"  {package} is not installed: nothing is measured beside it. On Debian: apt-get install --no-install-recommends {package}");
        return null;
    }

    private static async Task<Rival> ConnectAsync(
        string name, RivalServer server, LoadWorld world, int count, bool withCertificate, Func<TlsLink, int, RivalClient> make)
    {
        var certificates = TlsFiles.CreateClients(world.Path, world.PlainKeys[0], world.PlainKeys[2], count);
        var roots = TlsFiles.ReadChain(world.Path);
        var members = new RivalClient[count];
        for (var i = 0; i < count; i++)
        {
            X509Certificate2? certificate = withCertificate ? certificates[i] : null;
            members[i] = make(await TlsLink.ConnectAsync(server.Endpoint, "localhost", certificate, roots), i);
            await members[i].JoinAsync();
        }
        return new Rival(name, server, members);
    }

    /// <summary>Every member sends so many messages, each with a window of unanswered ones, until all are answered and delivered.</summary>
    public async Task<(BurstResult Result, TimeSpan Cpu)> BurstAsync(int perMember, int window)
    {
        var before = _server.Cpu;
        var started = Stopwatch.GetTimestamp();
        var all = perMember * Members;
        await foreach (var ended in Task.WhenEach(_members.Select(member =>
            Task.Run(() => member.DriveAsync(perMember, member.HearsItself ? all : all - perMember, window, _payload)))))
            await ended;
        return (new BurstResult(all, Stopwatch.GetElapsedTime(started)), _server.Cpu - before);
    }

    /// <summary>One message by the first member: when each of the others had it. Returns when the server has nothing more to do: it would do it
    /// while another is measured.</summary>
    public async Task<double[]> DeliverAsync()
    {
        var started = Stopwatch.GetTimestamp();
        var others = _members[1..].Select(member => Task.Run(async () =>
        {
            await member.DriveAsync(0, 1, 1, _payload);
            return Stopwatch.GetElapsedTime(started).TotalSeconds;
        })).ToArray();
        await _members[0].DriveAsync(1, _members[0].HearsItself ? 1 : 0, 1, _payload);
        var deliveries = await Task.WhenAll(others);
        await Task.WhenAll(_members.Select(static member => member.SettleAsync()));
        return deliveries;
    }

    public ValueTask DisposeAsync()
    {
        foreach (var member in _members)
            member.Dispose();
        return _server.DisposeAsync();
    }
}
