namespace Countersign.Load;

/// <summary>Goals a, c and g: server CPU and allocation per accepted, durable, delivered message, for rooms of several sizes, beside
/// RSA verification and AES-GCM of the same machine in the same rounds.</summary>
internal static class MessageCost
{
    private const int Window = 64;
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
        var series = new List<Series>();
        foreach (var size in sizes)
            series.Add(await Series.OpenAsync(server, world, [.. Enumerable.Range(0, size).Select(_ => users.Dequeue())]));
        foreach (var one in series)
            await one.WarmUpAsync();
        var verification = new List<double>();
        for (var round = 0; round < rounds; round++)
        {
            verification.Add(Platform.VerificationRate(world.PlainKeys[0]));
            foreach (var one in series)
                await one.RoundAsync(server);
        }
        Report(table, bits, series, verification.Median());
        series.ForEach(static one => one.Dispose());
    }

    private static void Report(Table table, int bits, List<Series> series, double verification)
    {
        foreach (var one in series)
        {
            double? wanted = one.Members != 10 ? null : bits >= 3072 ? 0.6 : 0.5;
            table.Add(one.Members == 10 ? "a" : "", $"accepted messages a CPU second ÷ RSA-{bits} verifications, {one.Members} members",
                Table.Number(1 / one.CpuSeconds) + "/s", Table.Number(verification) + "/s", 1 / one.CpuSeconds / verification, wanted);
        }
        if (series.Count < 2)
            return;
        var (ten, hundred) = (series[^2], series[^1]);
        table.Add("g", $"bytes allocated per accepted message, {ten.Members} members", Table.Number(ten.Allocated) + " B", "2048 B", ten.Allocated / 2048, 1, atLeast: false);
        var delivery = (hundred.CpuSeconds - ten.CpuSeconds) / (hundred.Members - ten.Members);
        var share = Platform.SealSeconds(64 * Series.EntryBytes(bits)) / 64;
        table.Add("c", "CPU per coalesced delivery ÷ AES-GCM of its bytes", Table.Microseconds(delivery), Table.Microseconds(share), delivery / share, 4, atLeast: false);
    }

    /// <summary>One room and what its rounds have shown.</summary>
    private sealed class Series : IDisposable
    {
        private const int DeliveriesPerRound = 300_000;
        private const int MostMessages = 2_000;

        private readonly Room _room;
        private readonly List<double> _cpu = [];
        private readonly List<double> _allocated = [];

        private Series(Room room) => _room = room;

        public int Members => _room.Members.Count;

        public double CpuSeconds => _cpu.Median();

        public double Allocated => _allocated.Median();

        private int PerMember => Math.Max(1, Math.Min(MostMessages, DeliveriesPerRound / Members) / Members);

        public static int EntryBytes(int bits) => 560 + bits / 8;

        public static async Task<Series> OpenAsync(Child server, LoadWorld world, LoadUser[] users)
        {
            var members = new List<RoomMember>();
            foreach (var user in users)
                members.Add(new RoomMember(user, await LoadLink.ConnectAsync(server.Endpoint, user, world)));
            return new Series(await Room.FoundAsync(members));
        }

        // The server's code is compiled for the machine in the background while it is used: some thousand messages settle it.
        public async Task WarmUpAsync()
        {
            for (var i = 0; i < 3; i++)
                await new Burst(_room, Window).RunAsync(_room.SignAhead(PerMember));
        }

        public async Task RoundAsync(Child server)
        {
            var signed = _room.SignAhead(PerMember);
            var before = await server.CountersAsync();
            var result = await new Burst(_room, Window).RunAsync(signed);
            var used = await server.CountersAsync() - before;
            _cpu.Add(used.Cpu.TotalSeconds / result.Messages);
            _allocated.Add((double)used.Allocated / result.Messages);
            Console.Error.WriteLine($"  {Members} members: {result.Messages} messages, {Table.Microseconds(_cpu[^1])} CPU, {_allocated[^1]:0} B, {result.Rate:0}/s");
        }

        public void Dispose()
        {
            foreach (var member in _room.Members)
                member.Link.Dispose();
        }
    }
}
