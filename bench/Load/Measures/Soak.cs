namespace Countersign.Load;

/// <summary>An hour's worth of traffic in a row, through a server that may keep the state of only a few conversations: what stays
/// resident must not grow with what has passed.</summary>
internal static class Soak
{
    private const int Parts = 10;
    private const int Conversations = 200;

    public static async Task RunAsync(Table table, int bits, int messages)
    {
        using var world = LoadWorld.Create(bits);
        var users = await world.AddUsersAsync(Desks.Users);
        await using var server = await world.StartServerAsync("small");
        using var desks = await Desks.OpenAsync(server, world, users, Conversations);
        var marks = new List<Counters>();
        for (var part = 1; part <= Parts; part++)
        {
            await desks.RoundAsync(messages / Parts, Conversations, inARow: 10);
            var running = await server.CountersAsync();
            marks.Add(await server.CollectedAsync());
            Console.Error.WriteLine($"  {messages / Parts * part} messages: {Table.KiB(running.Resident)} resident, {Table.KiB(marks[^1].Resident)} after a collection, {Table.KiB(marks[^1].Heap)} heap");
        }
        var (early, late) = (marks[1], marks[^1]);
        var what = $"after {messages} messages in {Conversations} conversations, some 30 in memory ÷ after a fifth of them";
        table.Add("4", "resident " + what, Table.KiB(late.Resident), Table.KiB(early.Resident), (double)late.Resident / early.Resident);
        table.Add("4", "heap " + what, Table.KiB(late.Heap), Table.KiB(early.Heap), (double)late.Heap / early.Heap);
    }
}
