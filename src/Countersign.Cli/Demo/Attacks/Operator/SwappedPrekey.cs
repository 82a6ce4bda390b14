using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Cli;

/// <summary>A28: the operator gives out prekeys of his own as bob's, to read what alice writes to him.</summary>
internal sealed class SwappedPrekey : Attack
{
    private const string Warning = "PrekeyRefused";
    private const string Text = "This is for bob alone.";

    public override IReadOnlyList<string> Ids => ["A28", "CK-05"];
    public override string Did => "The operator puts prekeys of his own in the place of bob's, and alice begins a new conversation with bob.";
    public override string Happened => "Alice's program said so: bob has not signed them. Nothing was sealed to them; her message waited, and went out under bob's true ones.";
    public override IReadOnlyCollection<Outcome> Expected => [new Outcome.Noticed(Warning)];

    public override async Task<IReadOnlyList<Outcome>> RunAsync(AttackWorld world, CancellationToken cancellation)
    {
        OperatorsDatabase.Change(world, database =>
        {
            var bob = database.Find<byte[]>("SELECT device FROM devices WHERE user = 'bob' ORDER BY enrolled_at DESC LIMIT 1");
            database.Execute("CREATE TABLE bobs AS SELECT number, bytes FROM prekeys WHERE device = $1 AND bytes IS NOT NULL", bob);
            database.Execute("UPDATE prekeys SET bytes = $2 WHERE device = $1 AND bytes IS NOT NULL", bob, Own(new DeviceId(new Hash32(bob)), world.Now));
        });
        var before = world.Alice.Lines.Count(IsWarning);
        await DemoPrograms.CommandAsync(world.Alice, "/new papers bob", cancellation);
        await world.Alice.TypeAsync(Text);
        await world.Alice.WaitAsync("a warning", _ => world.Alice.Lines.Count(IsWarning) > before, cancellation);
        var read = world.Bob.Lines.Any(static l => ChildProgram.Text(l, "text") == Text);
        OperatorsDatabase.Change(world, static database =>
        {
            database.Execute("UPDATE prekeys SET bytes = (SELECT bytes FROM bobs WHERE bobs.number = prekeys.number) WHERE bytes IS NOT NULL AND number IN (SELECT number FROM bobs)");
            database.Execute("DROP TABLE bobs");
        });
        await AttackWorld.ReadsAsync(world.Bob, Text, cancellation);
        return [read ? new Outcome.Succeeded("alice sealed to a key of the operator's") : new Outcome.Noticed(Warning)];
    }

    // Names bob's device, and is signed by another key: bob's is in bob's hands.
    private static byte[] Own(DeviceId bob, DateTimeOffset now)
    {
        using var signing = SigningKey.Generate(2048);
        using var key = EcPrivateKey.Generate();
        return Prekey.Sign(signing, bob, key.Point, PrekeyKind.OneTime, now).Bytes.ToArray();
    }

    private static bool IsWarning(System.Text.Json.Nodes.JsonObject line) => ChildProgram.Is(line, "warning") && ChildProgram.Text(line, "warning") == Warning;
}
