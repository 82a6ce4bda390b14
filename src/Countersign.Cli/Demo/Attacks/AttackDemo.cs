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
        lines.Remark("alice and bob talk, in programs of their own, over wires that mallory can touch. The server is a program of its own, too.");
        lines.Remark("mallory is a member herself; carol and dave are members whose devices she has got hold of, as far as each line says.");
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
        context.Screen.Talk("In brackets is what went over the wire or what the auditor was told: docs/SPEC.md, sections 12 and 15.");
        context.Screen.Talk("The numbers are those of docs/THREATS.md; tests/Countersign.Attacks.Tests has the same and more, each with its control.");
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
