using System.CommandLine;
using Countersign.Server;

namespace Countersign.Cli;

/// <summary>Lists invitations, without the words themselves, which are stored nowhere.</summary>
internal sealed class ServerInvitationsVerb : Verb
{
    private readonly Option<bool> _all = new("--all") { Description = "Those that are used, revoked or expired, too." };

    public ServerInvitationsVerb() : base("invitations", "Lists the invitations that are open: for whom, by whom, until when.",
        new Example("server invitations", "What somebody could still join with."),
        new Example("server invitations --all --json", "Each with what became of it."))
    {
        Options.Add(_all);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation) => ServerFailures.AdministerAsync(context, async administration =>
    {
        var now = context.Clock.GetUtcNow();
        var listed = (await administration.InvitationsAsync()).Where(invitation => context.Get(_all) || InvitationLines.IsOpen(invitation, now)).ToList();
        foreach (var invitation in listed)
            InvitationLines.Print(context, invitation);
        if (listed.Count == 0)
            context.Screen.Talk(context.Get(_all) ? "nobody was ever invited." : "no invitation is open.");
        return ExitCode.Done;
    });
}
