using System.CommandLine;

namespace Countersign.Cli;

/// <summary>Takes an invitation: shows whom it trusts, makes your key here, gets its certificate and opens your account.</summary>
internal sealed class JoinVerb : Verb
{
    private readonly Argument<string> _invitation = new("invitation") { Description = "The word that begins with csn1, or - to read it from standard input.", HelpName = "INVITATION" };

    public JoinVerb() : base("join", "Takes an invitation: shows whom it trusts, makes your key here, gets its certificate and opens your account.",
        new Example("join csn1…", "Asks for a passphrase and joins."),
        new Example("join - < invitation.txt", "Reads the invitation from standard input."),
        new Example("join csn1… --data ~/second --passphrase-file secret", "A second device, unattended."))
    {
        Arguments.Add(_invitation);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation) => throw new NotImplementedException();
}
