using System.CommandLine;

namespace Countersign.Cli;

/// <summary>Runs the server of a data directory until it is interrupted.</summary>
internal sealed class ServeVerb : Verb
{
    private readonly Option<string?> _listen = new("--listen") { Description = "Where to listen.", HelpName = "ADDRESS:PORT" };
    private readonly Option<string?> _address = new("--address") { Description = "The address that invitations carry.", HelpName = "HOST:PORT" };
    private readonly Option<string?> _health = new("--health") { Description = "Loopback address for /healthz and /metrics.", HelpName = "ADDRESS:PORT" };
    private readonly Option<string[]> _set = new("--set") { Description = "Any setting, as NAME=VALUE; may be given several times.", HelpName = "NAME=VALUE" };
    private readonly Option<bool> _print = new("--print-config") { Description = "Print the effective settings and end." };

    public ServeVerb() : base("serve", "Runs the server of a data directory until it is interrupted.",
        new Example("serve", "Listens where server.json says; default 127.0.0.1:7450."),
        new Example("serve --listen 0.0.0.0:7450 --address chat.example.org:7450", "Reachable from elsewhere."),
        new Example("serve --set limits:links=500 --print-config", "Shows every setting and its value."))
    {
        Options.Add(_listen);
        Options.Add(_address);
        Options.Add(_health);
        Options.Add(_set);
        Options.Add(_print);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation) => throw new NotImplementedException();
}
