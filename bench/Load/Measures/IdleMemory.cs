namespace Countersign.Load;

/// <summary>Goal e: what an idle link keeps resident, beside the same number of connections of Kestrel with mutual TLS 1.3 and with
/// plain TCP. Each user has a certificate of his own; memory that is only free is given back before it is counted.</summary>
internal static class IdleMemory
{
    private const int AtOnce = 8;
    private const int WarmUp = 100;

    public static async Task RunAsync(Table table, int bits, int links)
    {
        using var world = LoadWorld.Create(bits);
        var users = await world.AddUsersAsync(WarmUp + links);
        var client = TlsFiles.CreateClients(world.Path, world.PlainKeys[0], world.PlainKeys[2], 1)[0];
        var roots = TlsFiles.ReadChain(world.Path);
        double ours, tls, tcp;
        await using (var server = await world.StartServerAsync())
            ours = await PerLinkAsync(server, links, async i =>
            {
                var link = await LoadLink.ConnectAsync(server.Endpoint, users[i], world);
                link.Idle();
                return link;
            });
        await using (var server = await Child.StartAsync("tls", world.Path))
            tls = await PerLinkAsync(server, links, async _ => await EchoedAsync(await TlsLink.ConnectAsync(server.Endpoint, "localhost", client, roots)));
        await using (var server = await Child.StartAsync("tcp"))
            tcp = await PerLinkAsync(server, links, async _ => await EchoedAsync(await TlsLink.ConnectPlainAsync(server.Endpoint)));
        table.Add("e", $"resident bytes per idle link, {links} links, RSA-{bits}", Table.KiB(ours), "14 KiB", ours / 14 / 1024, 1, atLeast: false);
        table.Add("", "resident bytes per idle link ÷ Kestrel with mutual TLS 1.3", Table.KiB(ours), Table.KiB(tls), ours / tls);
        table.Add("", "resident bytes per idle link ÷ Kestrel with plain TCP", Table.KiB(ours), Table.KiB(tcp), ours / tcp);
    }

    private static async Task<TlsLink> EchoedAsync(TlsLink link)
    {
        await link.EchoAsync();
        return link;
    }

    private static async Task<double> PerLinkAsync(Child server, int links, Func<int, Task<IDisposable>> open)
    {
        var held = new IDisposable[WarmUp + links];
        await OpenAsync(0, WarmUp);
        var before = await server.CollectedAsync();
        await OpenAsync(WarmUp, WarmUp + links);
        var used = await server.CollectedAsync() - before;
        Console.Error.WriteLine($"  {used.Resident / links} B resident, {used.Heap / links} B on the heap, per link");
        foreach (var link in held)
            link.Dispose();
        return (double)used.Resident / links;

        Task OpenAsync(int from, int to) => Parallel.ForAsync(
            from, to, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, _) => held[i] = await open(i));
    }
}
