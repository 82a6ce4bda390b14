using System.CommandLine;
using Countersign.Server;

namespace Countersign.Cli;

/// <summary>Forgets the password of a person's account, who has forgotten it, too: the next device that joins sets another.</summary>
internal sealed class ServerResetVerb : Verb
{
    private readonly Argument<string> _name = new("name") { Description = "Whose account.", HelpName = "NAME" };

    public ServerResetVerb() : base("reset", "Resets the account of a person who has forgotten the passphrase: the next device that joins sets another.",
        new Example("server reset alice", "Then server revoke for devices that nobody can open any more, and invite alice."))
    {
        Arguments.Add(_name);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation) => ServerFailures.AdministerAsync(context, async administration =>
    {
        var user = Names.User(context.Get(_name)!);
        if (user == administration.Operator)
            throw CommandException.Usage($"{user} is the server itself: its passphrase is that of the server's keys.", "a person's name: " + context.Command("server users") + " lists them");
        if (await administration.ResetAccountAsync(user) is not { } account)
            throw new CommandException(ExitCode.NotFound, "no-such-user", $"{user} has no account here.", context.Command("server users") + " lists everybody");
        context.Screen.Data($"{user}  has no passphrase any more: the next device that joins sets one",
            JsonLine.Of("reset", ("user", user.ToString()), ("at", Times.Utc(account.ResetAt!.Value))));
        context.Screen.Talk("No device that joined before logs in any more, unless it takes that passphrase over (passwd --adopt). Revoke those that are lost, and make an invitation:");
        context.Screen.Talk("  " + context.Command($"invite {user}"));
        return ExitCode.Done;
    });
}
