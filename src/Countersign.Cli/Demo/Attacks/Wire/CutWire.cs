using System.Text.Json.Nodes;

namespace Countersign.Cli;

/// <summary>A14: a whole wire cut between two people.</summary>
internal sealed class CutWire : Attack
{
    public override IReadOnlyList<string> Ids => ["A14", "A22"];
    public override string Did => "Mallory swallows everything the server sends to bob, for two messages of alice's; then she cuts his wire.";
    public override string Happened => "Neither was ever called delivered; bob's program came back by itself, and he has both, once, in order.";
    public override IReadOnlyCollection<Outcome> Expected => [new Outcome.NoEffect()];

    public override async Task<IReadOnlyList<Outcome>> RunAsync(AttackWorld world, CancellationToken cancellation)
    {
        string[] texts = ["Valve 3 stays shut.", "Until Friday."];
        var before = world.Alice.Lines.Count(IsQueued);
        world.BobsWire.Edit = static p => p.FromClient ? [p.Frame] : [];
        foreach (var text in texts)
            await world.Alice.TypeAsync(text);
        await world.Alice.WaitAsync("queued", _ => world.Alice.Lines.Count(IsQueued) == before + texts.Length, cancellation);
        var queued = world.Alice.Lines.Last(IsQueued);
        await world.Alice.WaitAsync("acceptance", l => Word(l, queued) is "accepted", cancellation);
        if (world.Alice.Lines.Any(l => Word(l, queued) is "delivered" or "final"))
            return [new Outcome.Succeeded("a message that bob has not is called delivered")];
        world.BobsWire.Edit = Wire.Honest;
        world.BobsWire.Cut();
        foreach (var text in texts)
            await AttackWorld.ReadsAsync(world.Bob, text, cancellation);
        await world.Alice.WaitAsync("delivery", l => Word(l, queued) is "delivered" or "final", cancellation);
        var read = world.Bob.Lines.Select(l => ChildProgram.Text(l, "text")).Where(t => texts.Contains(t));
        return [read.SequenceEqual(texts) ? new Outcome.NoEffect() : new Outcome.Succeeded("bob has them otherwise than alice sent them")];
    }

    private static bool IsQueued(JsonObject line) => ChildProgram.Is(line, "queued");

    private static string? Word(JsonObject line, JsonObject queued) =>
        ChildProgram.Is(line, "delivery") && ChildProgram.Field(line, "id") == ChildProgram.Field(queued, "id") ? ChildProgram.Field(line, "word") : null;
}
