using System.Diagnostics;

namespace Countersign.Load;

/// <summary>Cost per message as a conversation grows, by real messages of its two members from the first to the last; and what a long
/// conversation costs a server that has just started, and a member who reads it all.</summary>
internal static class EntryGrowth
{
    private const int PerRound = 1_000;
    private const int Page = 20_000;

    public static async Task RunAsync(Table table, int bits, int rounds, int most)
    {
        using var world = LoadWorld.Create(bits);
        int[] sizes = [.. new[] { 1_000, 10_000, 100_000, 1_000_000 }.Where(size => size <= most)];
        var users = await world.AddUsersAsync(2 * (sizes.Length + 1));
        var rooms = new List<MeasuredRoom>();
        var server = await world.StartServerAsync();
        var empty = await MeasuredRoom.OpenAsync(server, world, users[^2..]);
        await MeasuredRoom.SettleAsync([empty]);
        empty.Fix(PerRound);
        for (var round = 0; round < 2 * rounds; round++)
            await empty.RoundAsync();
        for (var i = 0; i < sizes.Length; i++)
        {
            rooms.Add(await MeasuredRoom.OpenAsync(server, world, users[(2 * i)..(2 * i + 2)]));
            rooms[i].Fix(PerRound);
            var started = Stopwatch.GetTimestamp();
            await rooms[i].GrowAsync(sizes[i]);
            Console.Error.WriteLine($"  {rooms[i].Room.Size} entries after {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s");
        }
        for (var round = 0; round < 2 * rounds; round++) // short ones, because the shortest conversation must stay short
            foreach (var room in rooms)
                await room.RoundAsync();
        foreach (var (size, room) in sizes.Zip(rooms).Skip(1))
            table.Add("5", $"CPU per message, conversation of {size} entries ÷ of {sizes[0]}, RSA-{bits}", room.Cpu, rooms[0].CpuAtSpeedOf(room), Table.Microseconds);
        table.Add("5", $"CPU per message, conversation of {sizes[0]} entries, database of {rooms.Sum(static room => room.Room.Size)} ÷ of some 20,000",
            rooms[0].Cpu, empty.CpuAtSpeedOf(rooms[0]), Table.Microseconds);
        await RestartAsync(table, world, server, sizes, rounds, rooms, empty);
    }

    private static async Task RestartAsync(Table table, LoadWorld world, Child server, int[] sizes, int rounds, List<MeasuredRoom> rooms, MeasuredRoom empty)
    {
        var old = await server.CollectedAsync();
        await server.DisposeAsync();
        await using var fresh = await world.StartServerAsync();
        table.Add("5", $"start on a database of {rooms.Sum(static room => room.Room.Size)} entries", Table.Milliseconds(fresh.StartUp.TotalSeconds), "", null);
        using var another = await empty.ReconnectAsync(fresh, world);
        await FirstAsync(another); // compiles the server's way of a message
        var (shortRoom, longRoom) = (await rooms[0].ReconnectAsync(fresh, world), await rooms[^1].ReconnectAsync(fresh, world));
        var before = await fresh.CollectedAsync();
        var (shorter, longer) = (await FirstAsync(shortRoom), await FirstAsync(longRoom));
        table.Add("5", $"first message after a start, send to acceptance, conversation of {sizes[^1]} entries ÷ of {sizes[0]}",
            Table.Milliseconds(longer), Table.Milliseconds(shorter), longer / shorter);
        table.Add("5", "resident after all this traffic ÷ after a start", Table.KiB(old.Resident), Table.KiB(before.Resident), (double)old.Resident / before.Resident);
        Rounds first = new(), last = new();
        for (var round = 0; round < rounds; round++)
        {
            first.Add(await ReadAsync(fresh, longRoom, 0));
            last.Add(await ReadAsync(fresh, longRoom, (ulong)Math.Max(0, longRoom.Room.Size - Page)));
        }
        table.Add("5", $"CPU per entry of a member's catching up, last {Page} entries ÷ first", last, first, Table.Microseconds);
        shortRoom.Dispose();
        longRoom.Dispose();
    }

    private static async Task<double> FirstAsync(MeasuredRoom room) =>
        (await room.Room.DeliverAsync(room.Room.SignAhead(1, senders: 1)[0][0])).Acceptance;

    private static async Task<double> ReadAsync(Child server, MeasuredRoom room, ulong from)
    {
        var before = await server.CountersAsync();
        var read = await room.Room.CatchUpAsync(from, Page);
        return (await server.CountersAsync() - before).Cpu.TotalSeconds / read;
    }
}
