using System.CommandLine;

namespace Countersign.Cli;

/// <summary>Makes an invitation for one person: one word that holds the address, the root's fingerprint and a one-time token.</summary>
internal sealed class InviteVerb : Verb
{
    private readonly Argument<string> _name = new("name") { Description = "The person's name: a-z, 0-9, and . _ - inside.", HelpName = "NAME" };
    private readonly Option<string?> _expires = new("--expires") { Description = "How long it is valid, as 30m, 2h, 7d. Default: 7d, at most 30d.", HelpName = "TIME" };

    public InviteVerb() : base("invite", "Makes an invitation for one person: one word that holds the address, the root's fingerprint and a one-time token.",
        new Example("invite bob", "Valid for seven days."),
        new Example("invite bob --expires 2h", "For two hours."))
    {
        Arguments.Add(_name);
        Options.Add(_expires);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation) => throw new NotImplementedException();
}
