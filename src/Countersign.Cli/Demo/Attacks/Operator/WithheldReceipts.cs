using System.Text.Json.Nodes;

namespace Countersign.Cli;

/// <summary>A28: the operator's server says that it keeps bob's receipts, and throws them away.</summary>
internal sealed class WithheldReceipts : Attack
{
    private const string Question = "Have you read the contract?";
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public override IReadOnlyList<string> Ids => ["A28"];
    public override string Did => "The operator lets his database throw away every receipt that bob signs, so that bob has received nothing.";
    public override string Happened => "Alice's program never said more than accepted. Bob signs for all he holds, each time: with the next receipt let through, both were delivered.";
    public override IReadOnlyCollection<Outcome> Expected => [new Outcome.NoEffect()];

    public override async Task<IReadOnlyList<Outcome>> RunAsync(AttackWorld world, CancellationToken cancellation)
    {
        OperatorsDatabase.Change(world, static database =>
        {
            database.Execute("CREATE TABLE withheld (device BLOB)");
            database.Execute("CREATE TRIGGER withholding BEFORE INSERT ON receipts BEGIN INSERT INTO withheld VALUES (NEW.device); SELECT RAISE(IGNORE); END");
        });
        var queued = await QueueAsync(world, Question, cancellation);
        await AttackWorld.ReadsAsync(world.Bob, Question, cancellation);
        await BobSignedAsync(world, cancellation);
        // What was let through before this came to alice before it.
        await AttackWorld.SayAsync(world.Bob, world.Alice, "Every page.", cancellation);
        var called = Called(world, queued);
        OperatorsDatabase.Change(world, static database =>
        {
            database.Execute("DROP TRIGGER withholding");
            database.Execute("DROP TABLE withheld");
        });
        var next = await QueueAsync(world, "Then sign it.", cancellation);
        foreach (var message in new[] { queued, next })
            await world.Alice.WaitAsync("delivery", l => IsDelivered(l, message), cancellation);
        return [called ? new Outcome.Succeeded("a message is called delivered for which there is no receipt") : new Outcome.NoEffect()];
    }

    private static async Task<string> QueueAsync(AttackWorld world, string text, CancellationToken cancellation)
    {
        var before = world.Alice.Lines.Count(IsQueued);
        await world.Alice.TypeAsync(text);
        await world.Alice.WaitAsync("queued", _ => world.Alice.Lines.Count(IsQueued) > before, cancellation);
        return ChildProgram.Field(world.Alice.Lines.Last(IsQueued), "id");
    }

    // Whatever bob signed for it is thrown away: some receipt of his is among what was.
    private static async Task BobSignedAsync(AttackWorld world, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(Patience, world.Clock);
        using var database = new OperatorsDatabase(world);
        while (database.Find<long>("SELECT count(*) FROM withheld WHERE device IN (SELECT device FROM devices WHERE user = 'bob')") == 0)
        {
            if (limit.IsCancellationRequested)
                throw new DemoException("bob signed no receipt");
            await Task.Delay(Look, world.Clock, cancellation);
        }
    }

    private static bool Called(AttackWorld world, string message) => world.Alice.Lines.Any(l => IsDelivered(l, message));

    private static bool IsQueued(JsonObject line) => ChildProgram.Is(line, "queued");

    private static bool IsDelivered(JsonObject line, string message) =>
        ChildProgram.Is(line, "delivery") && ChildProgram.Field(line, "id") == message && (ChildProgram.Field(line, "word") is "delivered" or "final");
}
