using System.CommandLine;

namespace Countersign.Cli;

/// <summary>Sends one message and waits for the server's signed receipt.</summary>
internal sealed class SendVerb : Verb
{
    private readonly Argument<string> _to = new("to") { Description = "A person, or a conversation's name or id; a leading # or @ may be written.", HelpName = "PERSON|CONVERSATION" };
    private readonly Argument<string?> _text = new("text") { Description = "The message. Default: standard input.", HelpName = "TEXT", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> _lines = new("--lines") { Description = "Each line of standard input is a message." };
    private readonly Option<string?> _timeout = new("--timeout") { Description = "How long to wait for acceptance, as 5s, 2m. Default: 30s.", HelpName = "TIME" };

    public SendVerb() : base("send", "Sends one message and waits for the server's signed receipt.",
        new Example("send alice 'the pump is back'", "To a person."),
        new Example("send ops < report.txt", "Standard input, to a conversation."),
        new Example("send ops --lines < log.txt", "Each line a message."),
        new Example("send ops 'hi' --timeout 5s", "After that it stays queued: exit 22."))
    {
        Arguments.Add(_to);
        Arguments.Add(_text);
        Options.Add(_lines);
        Options.Add(_timeout);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation) => throw new NotImplementedException();
}
