using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Countersign.Authority;

namespace Countersign.Cli;

/// <summary>Plays a whole conversation between three people and checks each step; on a terminal it then opens the chat with the scripted second person.</summary>
internal sealed class DemoVerb : Verb
{
    private readonly Option<bool> _script = new("--script") { Description = "Unattended. Without a terminal it always is." };
    private readonly Option<bool> _attacks = new("--attacks") { Description = "Attacks a server and its users in thirty ways instead, each told in two lines. Unattended." };
    private readonly Option<bool> _plain = ChatVerb.PlainOption();

    public DemoVerb() : base("demo", "Plays a whole conversation between three people and checks each step; on a terminal it then opens the chat with the scripted second person.",
        new Example("demo", "Everything in a temporary directory, erased at the end but for the bundle, its tampered copy and the report."),
        new Example("demo --script --json", "Unattended, one JSON line a step; exit status 0 only if every step happened."),
        new Example("demo --attacks", "What attackers try, and what comes of it; exit status 0 only if every attack ended as it has to."),
        new Example("demo --script --data ./demo-data", "Keeps what it made."))
    {
        Options.Add(_script);
        Options.Add(_attacks);
        Options.Add(_plain);
    }

    public override async Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation)
    {
        var script = context.Get(_script) || context.Screen.Json || !context.Surroundings.InputIsTerminal || !context.Surroundings.OutputIsTerminal;
        var keep = context.Places.IsNamed;
        var places = DataPlaces.Below(keep ? context.Places.Root : Directory.CreateTempSubdirectory("countersign-demo-").FullName);
        if (keep && Directory.Exists(places.Root) && Directory.EnumerateFileSystemEntries(places.Root).Any())
            throw CommandException.Usage($"{places.Root} is not empty.", "name a new directory, or leave --data out");
        OwnerOnly.CreateDirectory(places.Root);
        try
        {
            var passphrase = NewPassphrase(places, keep);
            if (context.Get(_attacks))
                return await AttackedAsync(context, places, passphrase, keep, cancellation);
            return script
                ? await ScriptedAsync(context, places, passphrase, keep, cancellation)
                : await ServerFailures.TranslateAsync(context, () => new LiveDemo(context, places, passphrase, context.Get(_plain)).RunAsync(cancellation));
        }
        finally
        {
            if (!keep)
                Directory.Delete(places.Root, recursive: true);
        }
    }

    private static async Task<ExitCode> ScriptedAsync(CommandContext context, DataPlaces places, string passphrase, bool keep, CancellationToken cancellation)
    {
        var steps = new DemoSteps(context.Screen, context.Clock);
        // What an auditor gets outlives the rest: it can be verified again, and shown.
        var results = keep ? places.Root : Directory.CreateTempSubdirectory("countersign-bundle-").FullName;
        DemoBundle bundle;
        try
        {
            bundle = await new ScriptedDemo(new DemoPrograms(context, places, passphrase), steps).RunAsync(results, cancellation);
        }
        catch (DemoException e)
        {
            if (!keep)
                Directory.Delete(results, recursive: true);
            context.Screen.Data(context.Screen.DataStyle.Bad("✗ FAILED ") + Visible.Line(e.Message),
                JsonLine.Of("demo", ("ok", false), ("failed", e.Message), ("steps", steps.Count), ("data", keep ? places.Root : null)));
            return ExitCode.Failed;
        }
        context.Screen.Data(string.Create(CultureInfo.InvariantCulture, $"{steps.Count} steps happened and were checked, in {steps.Elapsed.TotalSeconds:0.0} s."),
            JsonLine.Of("demo", ("ok", true), ("steps", steps.Count), ("seconds", Math.Round(steps.Elapsed.TotalSeconds, 2)), ("data", keep ? places.Root : null),
                ("bundle", bundle.Bundle), ("tampered", bundle.Tampered), ("report", bundle.Report), ("root", bundle.Root)));
        context.Screen.Talk($"wrote bundle: {Visible.Line(bundle.Bundle)}");
        context.Screen.Talk($"wrote report: {Visible.Line(bundle.Report)}");
        context.Screen.Talk($"wrote the copy with one byte changed: {Visible.Line(bundle.Tampered)}");
        context.Screen.Talk($"again: {context.Surroundings.CommandName} verify {Shell.Quote(bundle.Tampered)} --root {bundle.Root}");
        if (keep)
            context.Screen.Talk($"Kept in {Visible.Line(places.Root)}; the passphrase of all keys is in the file passphrase.");
        return ExitCode.Done;
    }

    private static async Task<ExitCode> AttackedAsync(CommandContext context, DataPlaces places, string passphrase, bool keep, CancellationToken cancellation)
    {
        var demo = new AttackDemo(context, places, passphrase);
        try
        {
            return demo.Tell(await demo.RunAsync(cancellation), keep ? places.Root : null);
        }
        catch (DemoException e)
        {
            context.Screen.Data(context.Screen.DataStyle.Bad("✗ FAILED ") + Visible.Line(e.Message),
                JsonLine.Of("demo", ("ok", false), ("failed", e.Message), ("data", keep ? places.Root : null)));
            return ExitCode.Failed;
        }
    }

    // The demonstration's own, never the user's; a kept directory has it beside the keys, which are worth nothing.
    private static string NewPassphrase(DataPlaces places, bool keep)
    {
        var passphrase = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        if (keep)
            OwnerOnly.Create(Path.Combine(places.Root, "passphrase"), passphrase + "\n");
        return passphrase;
    }
}
