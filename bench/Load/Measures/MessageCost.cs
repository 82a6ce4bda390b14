namespace Countersign.Load;

/// <summary>Goals a, c and g: server CPU and allocation per accepted, durable, delivered message, for rooms of several sizes, beside
/// RSA verification and AES-GCM of the same machine in the same rounds.</summary>
internal static class MessageCost
{
    private static readonly int[] RoomSizes = [1, 10, 100];

    /// <param name="table">Receives the rows.</param>
    /// <param name="bits">RSA size of all keys.</param>
    /// <param name="rounds">How many.</param>
    /// <param name="only">One room size alone, for profiling; 0 for all.</param>
    public static async Task RunAsync(Table table, int bits, int rounds, int only)
    {
        using var world = LoadWorld.Create(bits);
        int[] sizes = only > 0 ? [only] : RoomSizes;
        var users = new Queue<LoadUser>(await world.AddUsersAsync(sizes.Sum())); // each in one room: every link of a user gets what he gets
        await using var server = await world.StartServerAsync();
        var rooms = new List<MeasuredRoom>();
        foreach (var size in sizes)
            rooms.Add(await MeasuredRoom.OpenAsync(server, world, [.. Enumerable.Range(0, size).Select(_ => users.Dequeue())]));
        await MeasuredRoom.SettleAsync(rooms);
        for (var round = 0; round < rounds; round++)
            foreach (var room in rooms)
                await room.RoundAsync();
        Report(table, bits, rooms);
        if (rooms.Count > 1)
            ReportDeliveries(table, rooms[^2], rooms[^1]);
        rooms.ForEach(static room => room.Dispose());
    }

    private static void Report(Table table, int bits, List<MeasuredRoom> rooms)
    {
        foreach (var room in rooms)
        {
            double? wanted = room.Members != 10 ? null : bits >= 3072 ? 0.6 : 0.5;
            table.Add(room.Members == 10 ? "a" : "", $"accepted messages a CPU second ÷ RSA-{bits} verifications, {room.Members} members",
                room.Cpu.Select(static seconds => 1 / seconds), room.Verifications, Table.PerSecond, wanted);
        }
    }

    // What one more member costs is the difference of two rooms, without what a message costs however many read it.
    private static void ReportDeliveries(Table table, MeasuredRoom smaller, MeasuredRoom larger)
    {
        table.Add("g", $"bytes allocated per accepted message, {smaller.Members} members", smaller.Allocated, smaller.Allocated.Beside(2048), Table.Bytes, 1, atLeast: false);
        table.Add("", $"bytes allocated per accepted message, {larger.Members} members", larger.Allocated, larger.Allocated.Beside(2048), Table.Bytes);
        table.Add("c", "CPU per coalesced delivery ÷ AES-GCM of its bytes", MeasuredRoom.PerDelivery(smaller, larger), larger.Seals, Table.Microseconds, 4, atLeast: false);
    }
}
