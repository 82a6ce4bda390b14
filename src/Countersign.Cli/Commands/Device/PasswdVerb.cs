using System.CommandLine;

namespace Countersign.Cli;

/// <summary>Changes the passphrase of this device's keys and of your account.</summary>
internal sealed class PasswdVerb : Verb
{
    private readonly Option<string?> _new = new("--new-passphrase-file") { Description = "Read the new passphrase from the first line of FILE.", HelpName = "FILE" };

    public PasswdVerb() : base("passwd", "Changes the passphrase of this device's keys and of your account.",
        new Example("passwd", "Asks the old one and the new one."),
        new Example("passwd --passphrase-file old --new-passphrase-file new", "Unattended."))
    {
        Options.Add(_new);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation) => throw new NotImplementedException();
}
