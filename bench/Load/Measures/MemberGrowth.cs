namespace Countersign.Load;

/// <summary>Cost of one more member, in rooms up to the largest.</summary>
internal static class MemberGrowth
{
    private static readonly int[] Sizes = [10, 100, 500];

    public static async Task RunAsync(Table table, int bits, int rounds)
    {
        using var world = LoadWorld.Create(bits);
        var users = new Queue<LoadUser>(await world.AddUsersAsync(Sizes.Sum()));
        await using var server = await world.StartServerAsync();
        var rooms = new List<MeasuredRoom>();
        foreach (var size in Sizes)
            rooms.Add(await MeasuredRoom.OpenAsync(server, world, [.. Enumerable.Range(0, size).Select(_ => users.Dequeue())]));
        await MeasuredRoom.SettleAsync(rooms);
        for (var round = 0; round < rounds; round++)
            foreach (var room in rooms)
                await room.RoundAsync();
        for (var i = 1; i < rooms.Count - 1; i++)
            table.Add("5", $"CPU of one more member per message, from {Sizes[i]} to {Sizes[i + 1]} ÷ from {Sizes[i - 1]} to {Sizes[i]}, RSA-{bits}",
                MeasuredRoom.PerDelivery(rooms[i], rooms[i + 1]), MeasuredRoom.PerDelivery(rooms[i - 1], rooms[i]), Table.Microseconds);
        table.Add("5", $"CPU per message, room of {Sizes[^1]} ÷ room of {Sizes[^2]}", rooms[^1].Cpu, rooms[^2].CpuAtSpeedOf(rooms[^1]), Table.Microseconds);
        rooms.ForEach(static room => room.Dispose());
    }
}
