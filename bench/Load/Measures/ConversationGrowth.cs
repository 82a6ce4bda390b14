namespace Countersign.Load;

/// <summary>Cost per message as the number of conversations grows: ten users at once, each with conversations of his own, who write
/// to all of them by turns. Beyond the limit on conversations in memory every message then meets one that is not there.</summary>
internal static class ConversationGrowth
{
    private const int Messages = 10_000;

    public static async Task RunAsync(Table table, int bits, int rounds)
    {
        using var world = LoadWorld.Create(bits);
        var users = await world.AddUsersAsync(Desks.Users);
        await using var server = await world.StartServerAsync();
        using var desks = await Desks.OpenAsync(server, world, users, 10_000);
        await desks.RoundAsync(Messages, Desks.Users, inARow: 1);
        Rounds few = new(), some = new(), all = new(), runs = new();
        for (var round = 0; round < rounds; round++)
        {
            few.Add(await AtOneSpeedAsync(10, 1));
            some.Add(await AtOneSpeedAsync(1_000, 1));
            all.Add(await AtOneSpeedAsync(10_000, 1));
            runs.Add(await AtOneSpeedAsync(10_000, 10));
            Console.Error.WriteLine($"  CPU per message, in verifications: 10 {few.Last:0.00}, 1,000 {some.Last:0.00}, 10,000 {all.Last:0.00}, with ten in a row {runs.Last:0.00}");
        }
        Row("1,000 conversations, all in memory ÷ in 10", some);
        Row("10,000 conversations, none in memory ÷ in 10", all);
        Row("10,000 conversations, ten messages in a row in each ÷ in 10", runs);

        void Row(string what, Rounds cost) => table.Add("5", $"CPU per message, in RSA-{bits} verifications, by turns in " + what, cost, few, Table.Number);

        async Task<double> AtOneSpeedAsync(int conversations, int inARow)
        {
            var rate = Platform.VerificationRate(world.PlainKeys[0]);
            var seconds = await desks.RoundAsync(Messages, conversations, inARow);
            return seconds * (rate + Platform.VerificationRate(world.PlainKeys[0])) / 2;
        }
    }
}
