namespace Countersign.Load;

/// <summary>Cost per message as the number of conversations grows: ten users at once, each with conversations of his own. Those that a server has,
/// while the same ten are written to; and those that are written to by turns. One server has ten, one has all in memory, and one has room for so
/// few that every message meets one that is not there.</summary>
internal static class ConversationGrowth
{
    private const int Messages = 10_000;
    private const int Few = 10;
    private const int Many = 10_000;

    public static async Task RunAsync(Table table, int bits, int rounds)
    {
        using var world = LoadWorld.Create(bits);
        using var smallWorld = LoadWorld.Create(bits);
        using var fewWorld = LoadWorld.Create(bits);
        var (users, smallUsers, fewUsers) = (await world.AddUsersAsync(Desks.Users), await smallWorld.AddUsersAsync(Desks.Users), await fewWorld.AddUsersAsync(Desks.Users));
        await using var server = await world.StartServerAsync();
        await using var small = await smallWorld.StartServerAsync("small");
        await using var fewServer = await fewWorld.StartServerAsync();
        using var desks = await Desks.OpenAsync(server, world, users, Many);
        using var smallDesks = await Desks.OpenAsync(small, smallWorld, smallUsers, Many);
        using var fewDesks = await Desks.OpenAsync(fewServer, fewWorld, fewUsers, Few);
        foreach (var warm in (Desks[])[desks, smallDesks, fewDesks])
            for (var i = 0; i < 4; i++)
                await warm.RoundAsync(Messages, Few, inARow: 1);
        Rounds alone = new(), few = new(), some = new(), all = new(), none = new(), runs = new();
        for (var round = 0; round < rounds; round++)
        {
            alone.Add(await AtOneSpeedAsync(fewDesks, Few, 1));
            few.Add(await AtOneSpeedAsync(desks, Few, 1));
            some.Add(await AtOneSpeedAsync(desks, 1_000, 1));
            all.Add(await AtOneSpeedAsync(desks, Many, 1));
            none.Add(await AtOneSpeedAsync(smallDesks, Many, 1));
            runs.Add(await AtOneSpeedAsync(smallDesks, Many, 10));
            Console.Error.WriteLine($"  CPU per message, in verifications: 10 of 10 {alone.Last:0.00}, 10 {few.Last:0.00}, 1,000 {some.Last:0.00}, 10,000 {all.Last:0.00}, none in memory {none.Last:0.00}, with ten in a row {runs.Last:0.00}");
        }
        Row("10 conversations of 10,000 ÷ in 10 of 10", few, alone);
        Row("1,000 conversations, all in memory ÷ in 10", some, few);
        Row("10,000 conversations, all in memory ÷ in 10", all, few);
        Row("10,000 conversations, none in memory ÷ in 10", none, few);
        Row("10,000 conversations, none in memory, ten messages in a row in each ÷ in 10", runs, few);
        var (resident, smallResident) = ((await server.CollectedAsync()).Resident, (await small.CollectedAsync()).Resident);
        table.Add("5", "resident after this, 10,000 conversations in memory ÷ some 30", Table.KiB(resident), Table.KiB(smallResident), (double)resident / smallResident);

        void Row(string what, Rounds cost, Rounds beside) => table.Add("5", $"CPU per message, in RSA-{bits} verifications, by turns in " + what, cost, beside, Table.Number);

        async Task<double> AtOneSpeedAsync(Desks at, int conversations, int inARow)
        {
            var rate = Platform.VerificationRate(world.PlainKeys[0]);
            var seconds = await at.RoundAsync(Messages, conversations, inARow);
            return seconds * (rate + Platform.VerificationRate(world.PlainKeys[0])) / 2;
        }
    }
}
