using System.CommandLine;
using Countersign.Server;

namespace Countersign.Cli;

/// <summary>Revokes invitations that nobody has used: whoever has the word cannot join with it any more.</summary>
internal sealed class ServerUninviteVerb : Verb
{
    private readonly Argument<string> _name = new("name") { Description = "Who was invited.", HelpName = "NAME" };
    private readonly Option<string?> _id = new("--invitation") { Description = "Only this one, by the beginning of its id (server invitations). Default: all that are open for NAME.", HelpName = "ID" };

    public ServerUninviteVerb() : base("uninvite", "Revokes a person's open invitations: nobody joins with them any more.",
        new Example("server uninvite bob", "His invitation went to somebody else."),
        new Example("server uninvite bob --invitation 4f2a", "One of several."))
    {
        Arguments.Add(_name);
        Options.Add(_id);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation) => ServerFailures.AdministerAsync(context, async administration =>
    {
        var (user, beginning) = (Names.User(context.Get(_name)!), context.Get(_id) ?? "");
        var now = context.Clock.GetUtcNow();
        var meant = (await administration.InvitationsAsync()).Where(invitation => invitation.User == user && InvitationLines.IsOpen(invitation, now)
            && invitation.Id.ToString().StartsWith(beginning, StringComparison.OrdinalIgnoreCase)).ToList();
        if (meant.Count == 0)
            throw new CommandException(ExitCode.NotFound, "no-invitation", $"no open invitation of {user} is meant.", context.Command("server invitations --all") + " lists them with what became of each");
        var isAnyUsed = false;
        foreach (var invitation in meant)
        {
            var after = await administration.RevokeInvitationAsync(invitation.Id) ?? invitation;
            isAnyUsed |= after.Device is not null; // meanwhile
            InvitationLines.Print(context, after);
        }
        if (isAnyUsed)
            throw new CommandException(ExitCode.Refused, "invitation-used", $"somebody has just joined as {user}.", "if it was the wrong one: " + context.Command($"server revoke {user}"));
        return ExitCode.Done;
    });
}
