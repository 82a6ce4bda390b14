namespace Countersign.Cli;

/// <summary>A28: the operator runs two servers from one disk and shows alice and bob different histories.</summary>
internal sealed class ForkedHistory : Attack
{
    private const string Warning = "ConversationDistrusted";

    public override IReadOnlyList<string> Ids => ["A28"];
    public override string Did => "The operator copies his server, and shows alice one history of the conversation and bob another, with genuine signatures.";
    public override string Happened => "With the first message of alice's history bob's program raised the alarm: it fits nothing he holds, and he sends nothing more there.";
    public override IReadOnlyCollection<Outcome> Expected => [new Outcome.Noticed(Warning)];

    public override async Task<IReadOnlyList<Outcome>> RunAsync(AttackWorld world, CancellationToken cancellation)
    {
        await world.StopAsync(cancellation);
        var copy = Path.Combine(world.Places.Root, "fork");
        CopyDirectory(world.Places.Server, Path.Combine(copy, "server"));
        await world.ServeAsync(cancellation);
        await using var second = ChildProgram.Start("second server", world.Passphrase, world.Clock, "serve", "--listen", "127.0.0.1:0", "--data", copy);
        var listening = await second.WaitAsync("listening", cancellation);
        world.BobsWire.Target = System.Net.IPEndPoint.Parse(ChildProgram.Field(listening, "endpoint"));
        world.BobsWire.Cut();
        await SaysAloneAsync(world.Alice, "Sell.", cancellation);
        await SaysAloneAsync(world.Bob, "Hold.", cancellation);
        world.BobsWire.Target = world.Endpoint;
        world.BobsWire.Cut();
        await SaysAloneAsync(world.Alice, "Sold.", cancellation);
        await world.Bob.WaitAsync("an alarm", static l => ChildProgram.Is(l, "warning") && ChildProgram.Text(l, "warning") == Warning, cancellation);
        return [world.Bob.Lines.Any(static l => ChildProgram.Text(l, "text") is "Sold.") ? new Outcome.Succeeded("bob was shown alice's history") : new Outcome.Noticed(Warning)];
    }

    // His server confirms it, and nobody else hears of it.
    private static async Task SaysAloneAsync(ChildProgram who, string text, CancellationToken cancellation)
    {
        var queued = who.Lines.Count(static l => ChildProgram.Is(l, "queued"));
        await who.TypeAsync(text);
        await who.WaitAsync("queued", _ => who.Lines.Count(static l => ChildProgram.Is(l, "queued")) > queued, cancellation);
        var id = ChildProgram.Field(who.Lines.Last(static l => ChildProgram.Is(l, "queued")), "id");
        await who.WaitAsync("acceptance", l => ChildProgram.Is(l, "delivery") && ChildProgram.Field(l, "id") == id && ChildProgram.Field(l, "word") != "sent" && ChildProgram.Field(l, "word") != "queued", cancellation);
    }

    private static void CopyDirectory(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
