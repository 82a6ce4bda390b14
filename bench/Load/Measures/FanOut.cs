namespace Countersign.Load;

/// <summary>Goal b and the second half of f: a room whose members all send and receive, here (signed, judged, durable) and in Mosquitto
/// and ngIRCd over TLS (neither), with as many members, the same payload and the same window.</summary>
internal static class FanOut
{
    private const int Room50 = 50;
    private const int LeastSettling = 2, MostSettling = 12;
    private const int Latencies = 60;

    /// <summary>Messages of one round: about half a second of each server's CPU.</summary>
    private const int Ours = 10_000, OfTwo = 6_000, Mosquitto = 2_000, MosquittoOfTwo = 30_000, NgIrcd = 15_000;

    public static async Task RunAsync(Table table, int bits, int rounds)
    {
        using var world = LoadWorld.Create(bits);
        var users = await world.AddUsersAsync(Room50 + 2);
        await using var server = await world.StartServerAsync();
        using var fifty = await Room.ConnectAsync(server.Endpoint, world, users[..Room50]);
        using var two = await Room.ConnectAsync(server.Endpoint, world, users[Room50..]);
        foreach (var packetByPacket in (bool[])[true, false])
        {
            await using (var mosquitto = await Rival.MosquittoAsync(world, Room50, 64, packetByPacket))
                if (mosquitto is not null)
                {
                    await CompareAsync(table, bits, rounds, server, fifty, mosquitto, 64, Ours, Mosquitto, 10);
                    await LatencyAsync(table, bits, rounds, fifty, mosquitto);
                }
            await using (var mosquitto = await Rival.MosquittoAsync(world, 2, 64, packetByPacket))
                if (mosquitto is not null)
                    await CompareAsync(table, bits, rounds, server, two, mosquitto, 64, OfTwo, MosquittoOfTwo, 1);
            await using (var ngircd = await Rival.NgIrcdAsync(world, Room50, packetByPacket))
                if (ngircd is not null)
                    await CompareAsync(table, bits, rounds, server, fifty, ngircd, 1000, Ours, NgIrcd, 1);
        }
    }

    private static async Task CompareAsync(
        Table table, int bits, int rounds, Child server, Room room, Rival rival, int window, int ours, int theirs, double wanted)
    {
        Rounds cpu = new(), wall = new(), itsCpu = new(), itsWall = new();
        var settling = MostSettling;
        while (settling > 0 || cpu.Count < rounds)
        {
            var signed = room.SignAhead(ours / room.Members.Count);
            var before = await server.CountersAsync();
            var mine = await new Burst(room, window).RunAsync(signed);
            var ourUse = await server.CountersAsync() - before;
            cpu.Add(mine.Messages / ourUse.Cpu.TotalSeconds);
            wall.Add(mine.Rate);
            var (its, used) = await rival.BurstAsync(theirs / rival.Members, window);
            itsCpu.Add(its.Messages / used.TotalSeconds);
            itsWall.Add(its.Rate);
            Console.Error.WriteLine($"  ours {cpu.Last:0} a CPU second, {wall.Last:0}/s; {rival.Name} {itsCpu.Last:0} a CPU second, {itsWall.Last:0}/s; {ourUse.Compiling / ourUse.Cpu:P1} compiling");
            if (settling == 0)
                continue;
            settling = settling <= MostSettling - LeastSettling && ourUse.IsSettled ? 0 : settling - 1;
            (cpu, wall, itsCpu, itsWall) = (new(), new(), new(), new());
        }
        var what = $"messages to a room of {rival.Members}, window {window}, RSA-{bits} ÷ {rival.Name}";
        table.Add("b", "a CPU second of the server: " + what, cpu, itsCpu, Table.PerSecond, wanted);
        table.Add("b", "by the clock: " + what, wall, itsWall, Table.PerSecond, wanted);
    }

    // One message at a time; every other member's delivery counts.
    private static async Task LatencyAsync(Table table, int bits, int rounds, Room room, Rival rival)
    {
        Rounds half = new(), most = new(), itsHalf = new(), itsMost = new();
        for (var round = 0; round < rounds; round++)
        {
            List<double> mine = [], its = [];
            foreach (var entry in room.SignAhead(Latencies, senders: 1)[0])
            {
                mine.AddRange((await room.DeliverAsync(entry)).Deliveries);
                its.AddRange(await rival.DeliverAsync());
            }
            half.Add(mine.Median());
            most.Add(mine.Quantile(0.99));
            itsHalf.Add(its.Median());
            itsMost.Add(its.Quantile(0.99));
        }
        table.Add("f", $"send to delivery in a room of {rival.Members}, p50, RSA-{bits} ÷ {rival.Name}", half, itsHalf, Table.Milliseconds, 1.5, atLeast: false);
        table.Add("", "the same, p99", most, itsMost, Table.Milliseconds);
    }
}
