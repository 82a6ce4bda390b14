namespace Countersign.Protocol.Tests;

/// <summary>Carries bodies between two ends until nobody has anything to send; in between stands the network, who may do anything.</summary>
internal sealed class Pump(ServerWalker server, ClientWalker client)
{
    /// <summary>What the network does with the n-th body of a direction: passes it on, or others, or none.</summary>
    public Func<Side, int, byte[], IEnumerable<byte[]>> Network { get; init; } = static (_, _, body) => [body];

    /// <summary>Every body as it was sent: who sent it, and what.</summary>
    public List<(Side From, byte[] Body)> Log { get; } = [];

    public void Run()
    {
        var toServer = new Queue<byte[]>(Passed(Side.Client, client.First));
        var toClient = new Queue<byte[]>();
        while (toServer.Count + toClient.Count > 0)
        {
            while (toServer.TryDequeue(out var body))
                foreach (var answer in server.Receive(body))
                    foreach (var passed in Passed(Side.Server, answer))
                        toClient.Enqueue(passed);
            while (toClient.TryDequeue(out var body))
                foreach (var answer in client.Receive(body))
                    foreach (var passed in Passed(Side.Client, answer))
                        toServer.Enqueue(passed);
        }
    }

    /// <summary>Runs until one end refuses, and returns its fault.</summary>
    public PeerFaultException RunToFault() => Assert.Throws<PeerFaultException>(Run);

    private IEnumerable<byte[]> Passed(Side from, byte[] body)
    {
        var n = Log.Count(sent => sent.From == from);
        Log.Add((from, body));
        return [.. Network(from, n, body)];
    }
}

/// <summary>Two established ends.</summary>
internal sealed class Linked : IDisposable
{
    private readonly ServerWalker _server = new();
    private readonly ClientWalker _client = new();

    public Linked()
    {
        new Pump(_server, _client).Run();
        Server = _server.Link!;
        Client = _client.Link!;
    }

    public ServerLink Server { get; }
    public ClientLink Client { get; }

    public LinkChain ServerChain => Server.Receiver.Chain;

    public void Dispose()
    {
        _server.Dispose();
        _client.Dispose();
    }
}

/// <summary>Carries messages over an established link, both ways, until nothing is left to be answered.</summary>
internal static class LinkTraffic
{
    /// <summary>Sends from the client, and returns what each side's driver got.</summary>
    public static (List<SessionMessage> AtServer, List<SessionMessage> AtClient) Exchange(Linked ends, Outgoing[] fromClient, Outgoing[]? fromServer = null)
    {
        var (atServer, atClient) = (new List<SessionMessage>(), new List<SessionMessage>());
        var (toServer, toClient) = (fromClient, fromServer ?? []);
        while (toServer.Length + toClient.Length > 0)
        {
            var arrivedAtServer = Carry(ends.Client.Sender, toServer, ends.Server.Receiver, World.Now, atServer);
            var arrivedAtClient = Carry(ends.Server.Sender, toClient, ends.Client.Receiver, World.Now, atClient);
            (toServer, toClient) = (arrivedAtClient, arrivedAtServer);
        }
        return (atServer, atClient);
    }

    /// <summary>Carries messages one way and returns what the receiver wants sent back.</summary>
    public static Outgoing[] Carry(LinkSender from, Outgoing[] messages, LinkReceiver to, DateTimeOffset now, List<SessionMessage>? got = null)
    {
        var replies = new List<Outgoing>();
        foreach (var body in Wire.Bodies(Wire.Written(output => from.Write(messages, output))))
        {
            var received = to.Receive(body, now);
            got?.AddRange(received.Messages);
            replies.AddRange(received.Replies);
        }
        return [.. replies];
    }
}
