namespace Countersign.Cli;

/// <summary>A25: text that commands the reader's terminal. Bob is a real process that writes for people.</summary>
internal sealed class EscapeSequences : Attack
{
    private const string Text = "\e]0;owned\a\e[2J\e[31mroot# \u202egpj.exe\b\b \u009b5n";

    private static readonly char[] Commands = ['\e', '\a', '\b', '\u009b', '\u202e'];

    public override IReadOnlyList<string> Ids => ["A25"];
    public override string Did => "Mallory writes bob a message that clears his screen, renames his window, and shows a file's name backwards.";
    public override string Happened => "Bob's terminal was sent the letters and no command; what was meant as one is shown as what it is.";
    public override IReadOnlyCollection<Outcome> Expected => [new Outcome.NoEffect()];

    public override async Task<IReadOnlyList<Outcome>> RunAsync(AttackWorld world, CancellationToken cancellation)
    {
        using var session = await world.Mallory.LogInAsync(cancellation);
        var talk = await world.MallorysTalkAsync(session);
        await talk.SubmitAsync(session, talk.Message(Text).Bytes);
        var shown = await ChildProgram.ShownAsync(world.Passphrase, cancellation, "tail", talk.Id.ToString(), "--no-follow", "--data", world.Programs.PlaceOf("bob"));
        if (!shown.Contains("gpj.exe", StringComparison.Ordinal))
            throw new DemoException("bob was not shown the message");
        return [shown.IndexOfAny(Commands) < 0 ? new Outcome.NoEffect() : new Outcome.Succeeded("a command reached the terminal")];
    }
}
