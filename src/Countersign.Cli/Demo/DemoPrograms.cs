namespace Countersign.Cli;

/// <summary>A demonstration's processes: the server of its directory, and people with a directory each below it.</summary>
internal sealed class DemoPrograms(CommandContext context, DataPlaces places, string passphrase)
{
    /// <summary>Makes certificate authority and server.</summary>
    public void Install()
    {
        using var characters = new Passphrase(passphrase);
        var quiet = new Screen(TextWriter.Null, TextWriter.Null, context.Surroundings, json: false);
        new Installation(places, quiet, context.Clock).Complete(characters);
    }

    /// <summary>The program with the server's data.</summary>
    public ChildProgram Start(string name, params IEnumerable<string> arguments) =>
        ChildProgram.Start(name, passphrase, context.Clock, [.. arguments, "--data", places.Root]);

    /// <summary>The program with a person's data.</summary>
    public ChildProgram StartFor(string person, params IEnumerable<string> arguments) =>
        ChildProgram.Start(person, passphrase, context.Clock, [.. arguments, "--data", PlaceOf(person)]);

    /// <summary>countersign-audit, which has nobody's data.</summary>
    public ChildProgram StartVerifier(IReadOnlyList<string> arguments) => ChildProgram.StartVerifier(context.Clock, arguments);

    public string PlaceOf(string person) => Path.Combine(places.Root, "people", person);

    /// <summary>A slash command, and the conversation that is open after it.</summary>
    public static async Task<string> CommandAsync(ChildProgram who, string command, CancellationToken cancellation)
    {
        var done = who.Lines.Count(l => ChildProgram.Is(l, "done"));
        await who.TypeAsync(command);
        await who.WaitAsync(command, _ => who.Lines.Count(l => ChildProgram.Is(l, "done")) > done, cancellation);
        return ChildProgram.Text(who.Lines.Last(l => ChildProgram.Is(l, "done")), "current") ?? "";
    }

    public static async Task QuitAsync(ChildProgram who, CancellationToken cancellation)
    {
        await who.TypeAsync("/quit");
        await who.EndAsync(cancellation);
    }
}
