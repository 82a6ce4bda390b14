namespace Countersign.Cli;

/// <summary>A23: the server's power is cut.</summary>
internal sealed class KilledServer : Attack
{
    private const string Text = "The last word before the lights went out.";

    public override IReadOnlyList<string> Ids => ["A23"];
    public override string Did => "The server is killed (kill -9) the moment it has confirmed a message of alice's that bob has not yet got.";
    public override string Happened => "What it confirmed was on its disk: after a restart bob got the message, and the conversation went on.";
    public override IReadOnlyCollection<Outcome> Expected => [new Outcome.NoEffect()];

    public override async Task<IReadOnlyList<Outcome>> RunAsync(AttackWorld world, CancellationToken cancellation)
    {
        world.BobsWire.Edit = static p => p.FromClient ? [p.Frame] : [];
        await world.Alice.TypeAsync(Text);
        var accepted = world.Alice.Lines.Count(IsAccepted);
        await world.Alice.WaitAsync("acceptance", _ => world.Alice.Lines.Count(IsAccepted) > accepted, cancellation);
        await world.Server.DisposeAsync(); // SIGKILL
        world.BobsWire.Edit = Wire.Honest;
        await world.ServeAsync(cancellation);
        await AttackWorld.ReadsAsync(world.Bob, Text, cancellation);
        await AttackWorld.SayAsync(world.Bob, world.Alice, "Are you back?", cancellation);
        return [new Outcome.NoEffect()];
    }

    private static bool IsAccepted(System.Text.Json.Nodes.JsonObject line) =>
        ChildProgram.Is(line, "delivery") && ChildProgram.Text(line, "word") is "accepted";
}
