namespace Countersign.Load;

/// <summary>Goal c, second half: the same room in the same server with its durable log, and with a store that forgets each message.</summary>
internal static class LogCost
{
    private const int Members = 10;

    public static async Task RunAsync(Table table, int bits, int rounds)
    {
        using LoadWorld world = LoadWorld.Create(bits), forgetful = LoadWorld.Create(bits);
        var (users, others) = (await world.AddUsersAsync(Members), await forgetful.AddUsersAsync(Members));
        await using var server = await world.StartServerAsync();
        await using var noLog = await forgetful.StartServerAsync("nolog", $"{Members + 1}"); // genesis, joins, epoch
        using var with = await MeasuredRoom.OpenAsync(server, world, users);
        using var without = await MeasuredRoom.OpenAsync(noLog, forgetful, others);
        await MeasuredRoom.SettleAsync([with, without]);
        for (var round = 0; round < rounds; round++)
        {
            await with.RoundAsync();
            await without.RoundAsync();
        }
        table.Add("c", $"messages a CPU second, log on ÷ log off, {Members} members, RSA-{bits}",
            with.Cpu.Select(Rate), without.CpuAtSpeedOf(with).Select(Rate), Table.PerSecond, 0.85);
        table.Add("", "messages by the clock, log on ÷ log off", with.Rate, without.Rate, Table.PerSecond);

        static double Rate(double seconds) => 1 / seconds;
    }
}
