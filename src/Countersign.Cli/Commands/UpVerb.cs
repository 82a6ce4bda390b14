using System.CommandLine;

namespace Countersign.Cli;

/// <summary>Runs everything on this machine: certificate authority, server, you; then opens the chat. Later runs go straight to the chat.</summary>
internal sealed class UpVerb : Verb
{
    private readonly Option<string?> _user = new("--user") { Description = "Your name, the first time.", HelpName = "NAME" };
    private readonly Option<string?> _listen = new("--listen") { Description = "Where the server listens. Default: 127.0.0.1:7450, or a free port if that is taken.", HelpName = "ADDRESS:PORT" };
    private readonly Option<string?> _address = new("--address") { Description = "The address that invitations carry. Default: where it listens.", HelpName = "HOST:PORT" };
    private readonly Option<bool> _plain = ChatVerb.PlainOption();

    public UpVerb() : base("up", "Runs everything on this machine: certificate authority, server, you; then opens the chat. Later runs go straight to the chat.",
        new Example("up", "Asks a name and a passphrase the first time."),
        new Example("up --data ~/trial --user alice --passphrase-file secret", "Asks nothing."),
        new Example("up --data ~/trial --listen 0.0.0.0:7450 --address chat.example.org:7450", "Others on the network can reach it."))
    {
        Options.Add(_user);
        Options.Add(_listen);
        Options.Add(_address);
        Options.Add(_plain);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation) => throw new NotImplementedException();
}
