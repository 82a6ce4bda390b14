namespace Countersign.Load;

/// <summary>Cost per message as the number of conversations grows: ten users at once, each with conversations of his own, who write
/// to all of them by turns. One server has all of them in memory, another has room for so few that every message meets one that is not there.</summary>
internal static class ConversationGrowth
{
    private const int Messages = 10_000;
    private const int Many = 10_000;

    public static async Task RunAsync(Table table, int bits, int rounds)
    {
        using var world = LoadWorld.Create(bits);
        using var smallWorld = LoadWorld.Create(bits);
        var (users, smallUsers) = (await world.AddUsersAsync(Desks.Users), await smallWorld.AddUsersAsync(Desks.Users));
        await using var server = await world.StartServerAsync();
        await using var small = await smallWorld.StartServerAsync("small");
        using var desks = await Desks.OpenAsync(server, world, users, Many);
        using var smallDesks = await Desks.OpenAsync(small, smallWorld, smallUsers, Many);
        foreach (var warm in (Desks[])[desks, smallDesks])
            await warm.RoundAsync(Messages, Desks.Users, inARow: 1);
        Rounds few = new(), some = new(), all = new(), none = new(), runs = new();
        for (var round = 0; round < rounds; round++)
        {
            few.Add(await AtOneSpeedAsync(desks, 10, 1));
            some.Add(await AtOneSpeedAsync(desks, 1_000, 1));
            all.Add(await AtOneSpeedAsync(desks, Many, 1));
            none.Add(await AtOneSpeedAsync(smallDesks, Many, 1));
            runs.Add(await AtOneSpeedAsync(smallDesks, Many, 10));
            Console.Error.WriteLine($"  CPU per message, in verifications: 10 {few.Last:0.00}, 1,000 {some.Last:0.00}, 10,000 {all.Last:0.00}, none in memory {none.Last:0.00}, with ten in a row {runs.Last:0.00}");
        }
        Row("1,000 conversations, all in memory ÷ in 10", some);
        Row("10,000 conversations, all in memory ÷ in 10", all);
        Row("10,000 conversations, none in memory ÷ in 10", none);
        Row("10,000 conversations, none in memory, ten messages in a row in each ÷ in 10", runs);
        var (resident, smallResident) = ((await server.CollectedAsync()).Resident, (await small.CollectedAsync()).Resident);
        table.Add("5", "resident after this, 10,000 conversations in memory ÷ some 30", Table.KiB(resident), Table.KiB(smallResident), (double)resident / smallResident);

        void Row(string what, Rounds cost) => table.Add("5", $"CPU per message, in RSA-{bits} verifications, by turns in " + what, cost, few, Table.Number);

        async Task<double> AtOneSpeedAsync(Desks at, int conversations, int inARow)
        {
            var rate = Platform.VerificationRate(world.PlainKeys[0]);
            var seconds = await at.RoundAsync(Messages, conversations, inARow);
            return seconds * (rate + Platform.VerificationRate(world.PlainKeys[0])) / 2;
        }
    }
}
