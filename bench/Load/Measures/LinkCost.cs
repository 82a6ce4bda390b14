using System.Security.Cryptography.X509Certificates;

namespace Countersign.Load;

/// <summary>Goal d: the server's CPU for a full link set-up (both certificates, hybrid exchange, login, second exchange), beside
/// SslStream's mutual TLS 1.3 on Kestrel with certificates of the same RSA size.</summary>
internal static class LinkCost
{
    private const int LinksPerRound = 100;
    private const int AtOnce = 4;
    private const int MostSettling = 12;

    public static async Task RunAsync(Table table, int bits, int rounds)
    {
        using var world = LoadWorld.Create(bits);
        var users = await world.AddUsersAsync((MostSettling + rounds) * LinksPerRound);
        var clients = TlsFiles.CreateClients(world.Path, world.PlainKeys[0], world.PlainKeys[2], 16);
        var roots = TlsFiles.ReadChain(world.Path);
        await using var ours = await world.StartServerAsync();
        await using var theirs = await Child.StartAsync("tls", world.Path);
        Rounds fresh = new(), seen = new(), tls = new();
        var isSettled = false;
        for (var (round, measured) = (0, 0); measured < rounds; round++)
        {
            var mine = users[(round * LinksPerRound)..((round + 1) * LinksPerRound)];
            var used = await UseAsync(ours, i => OursAsync(ours, mine[i], world));
            var again = await UseAsync(ours, i => OursAsync(ours, mine[i], world));
            var other = await UseAsync(theirs, i => TlsAsync(theirs, clients[i % clients.Length], roots));
            if (!isSettled)
                isSettled = round == MostSettling - 1 || used.IsSettled && again.IsSettled && other.IsSettled;
            else
            {
                measured++;
                fresh.Add(Each(used));
                seen.Add(Each(again));
                tls.Add(Each(other));
                Console.Error.WriteLine($"  new {Table.Microseconds(fresh.Last)}, seen {Table.Microseconds(seen.Last)}, TLS {Table.Microseconds(tls.Last)}");
            }
        }
        Row("certificate seen before", seen, 1.0);
        Row("new certificate", fresh, 0.7);

        void Row(string what, Rounds cpu, double wanted) => table.Add("d", $"link set-ups a CPU second ÷ mutual TLS 1.3, RSA-{bits}, {what}",
            cpu.Select(Rate), tls.Select(Rate), Table.PerSecond, wanted);

        static double Rate(double seconds) => 1 / seconds;
    }

    private static async Task OursAsync(Child server, LoadUser user, LoadWorld world)
    {
        using var link = await LoadLink.ConnectAsync(server.Endpoint, user, world);
    }

    private static async Task TlsAsync(Child server, X509Certificate2 certificate, X509Certificate2Collection roots)
    {
        using var link = await TlsLink.ConnectAsync(server.Endpoint, "localhost", certificate, roots);
        await link.EchoAsync();
    }

    private static double Each(Counters used) => used.Cpu.TotalSeconds / LinksPerRound;

    private static async Task<Counters> UseAsync(Child server, Func<int, Task> open)
    {
        var before = await server.CountersAsync();
        await Parallel.ForAsync(0, LinksPerRound, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, _) => await open(i));
        return await server.CountersAsync() - before;
    }
}
