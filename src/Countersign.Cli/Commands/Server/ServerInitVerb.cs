using System.CommandLine;

namespace Countersign.Cli;

/// <summary>Makes a server's keys here and writes the request for its issuing CA, which the root signs.</summary>
internal sealed class ServerInitVerb : Verb
{
    private readonly Option<string> _root = new("--root") { Description = "The root certificate, PEM or DER.", HelpName = "FILE", Required = true };
    private readonly Option<string> _name = new("--name") { Description = "The server's name in its certificate: a DNS name or an address.", HelpName = "NAME", Required = true };
    private readonly Option<string> _out = new("--out") { Description = "Where to write the request. Default: server.csr.", HelpName = "FILE", DefaultValueFactory = _ => "server.csr" };

    public ServerInitVerb() : base("init", "Makes a server's keys here and writes the request for its issuing CA, which the root signs.",
        new Example("server init --root root.crt --name chat.example.org", "The root may be on a machine without network."))
    {
        Options.Add(_root);
        Options.Add(_name);
        Options.Add(_out);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation) => throw new NotImplementedException();
}
