namespace Countersign.Cli;

/// <summary>Makes a world, runs every attack against it in order, and prints what came of each.</summary>
internal sealed class AttackDemo(CommandContext context, DataPlaces places, string passphrase)
{
    private TimeSpan _elapsed;

    /// <exception cref="DemoException">The world itself could not be made.</exception>
    public async Task<AttackLines> RunAsync(CancellationToken cancellation)
    {
        var started = context.Clock.GetTimestamp();
        var lines = new AttackLines(context.Screen);
        await using var world = new AttackWorld(context, places, passphrase);
        await world.BuildAsync(cancellation);
        foreach (var chapter in AttackList.All)
        {
            lines.Chapter(chapter.Title);
            await chapter.Prepare(world, cancellation);
            foreach (var attack in chapter.Attacks)
                lines.Print(await JudgeAsync(attack, world, cancellation));
        }
        _elapsed = context.Clock.GetElapsedTime(started);
        return lines;
    }

    /// <summary>The end: how many, how long, and where the others are.</summary>
    public ExitCode Tell(AttackLines lines, string? kept)
    {
        var ok = lines.Failed == 0;
        var style = context.Screen.DataStyle;
        context.Screen.Data(
            (ok ? style.Good("✓") + $" {lines.Count} attacks, and each ended as it has to, in " : style.Bad("✗ FAILED") + $" {lines.Failed} of {lines.Count} attacks did not end as they have to, in ") + AttackLines.Seconds(_elapsed) + ".",
            JsonLine.Of("demo", ("ok", ok), ("attacks", lines.Count), ("failed", lines.Failed), ("seconds", Math.Round(_elapsed.TotalSeconds, 2)), ("data", kept)));
        return ok ? ExitCode.Done : ExitCode.Failed;
    }

    private static async Task<AttackVerdict> JudgeAsync(Attack attack, AttackWorld world, CancellationToken cancellation)
    {
        try
        {
            return AttackVerdict.Of(attack, await attack.RunAsync(world, cancellation));
        }
        catch (DemoException e)
        {
            return AttackVerdict.NotDone(attack, e.Message);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            return AttackVerdict.NotDone(attack, "a connection ended: " + e.Message);
        }
    }
}
