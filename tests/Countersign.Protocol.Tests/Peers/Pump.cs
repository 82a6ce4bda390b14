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

    public void Dispose()
    {
        _server.Dispose();
        _client.Dispose();
    }
}
