namespace Countersign.Load;

/// <summary>From the start of a process until it takes links: the server, beside Kestrel with TLS and nothing else. Both are compiled
/// while they start; neither is ahead of time.</summary>
internal static class StartUp
{
    public static async Task RunAsync(Table table, int bits, int rounds)
    {
        using var world = LoadWorld.Create(bits);
        await world.AddUsersAsync(1);
        Rounds ours = new(), theirs = new();
        for (var round = 0; round < rounds; round++)
        {
            await using (var server = await world.StartServerAsync())
                ours.Add(server.StartUp.TotalSeconds);
            await using (var server = await Child.StartAsync("tls", world.Path))
                theirs.Add(server.StartUp.TotalSeconds);
        }
        table.Add("", "from start of the process to taking links ÷ Kestrel with TLS", ours, theirs, Table.Milliseconds);
    }
}
