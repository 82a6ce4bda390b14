using System.CommandLine;

namespace Countersign.Cli;

/// <summary>Makes a root certificate authority; its key never leaves the directory and is encrypted under a passphrase.</summary>
internal sealed class CaInitVerb : Verb
{
    private readonly Option<string?> _dir = CaDirectory.Option();
    private readonly Option<string?> _name = new("--name") { Description = "The authority's name. Default: Countersign Root CA.", HelpName = "NAME" };

    public CaInitVerb() : base("init", "Makes a root certificate authority; its key never leaves the directory and is encrypted under a passphrase.",
        new Example("ca init --dir /media/usb/root --name 'Example Root CA'", "Prints the fingerprint to read aloud."))
    {
        Options.Add(_dir);
        Options.Add(_name);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation) => throw new NotImplementedException();
}
