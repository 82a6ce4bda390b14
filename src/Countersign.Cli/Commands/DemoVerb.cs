using System.CommandLine;

namespace Countersign.Cli;

/// <summary>Plays a whole conversation between three people and checks each step; on a terminal it then opens the chat with the scripted second person.</summary>
internal sealed class DemoVerb : Verb
{
    private readonly Option<bool> _script = new("--script") { Description = "Unattended. Without a terminal it always is." };
    private readonly Option<bool> _plain = ChatVerb.PlainOption();

    public DemoVerb() : base("demo", "Plays a whole conversation between three people and checks each step; on a terminal it then opens the chat with the scripted second person.",
        new Example("demo", "Everything in a temporary directory, erased at the end."),
        new Example("demo --script --json", "Unattended, one JSON line a step; exit status 0 only if every step happened."),
        new Example("demo --script --data ./demo-data", "Keeps what it made."))
    {
        Options.Add(_script);
        Options.Add(_plain);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation) => throw new NotImplementedException();
}
