using System.CommandLine;
using Countersign.Cryptography;
using Countersign.Protocol;
using Countersign.Server;

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

    public override async Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation)
    {
        var user = Names.User(context.Get(_name)!);
        var lifetime = Times.ParseLength(context.Get(_expires) ?? "7d", "--expires");
        if (lifetime < TimeSpan.FromMinutes(1) || lifetime > TimeSpan.FromDays(30))
            throw CommandException.Usage("an invitation is valid for a minute to thirty days.", "write 2h or 7d");
        // On the server's own machine its directory suffices, running or not; elsewhere an administrator's device asks the server.
        if (Directory.Exists(context.Places.Server))
            return await ServerFailures.TranslateAsync(context, () => AtServerAsync(context, user, lifetime));
        return await OpenDevice.RunAsync(context, online: true, async client =>
        {
            using var invitation = await client.InviteAsync(user, lifetime, cancellation);
            Print(context, invitation);
            return ExitCode.Done;
        }, cancellation);
    }

    private static async Task<ExitCode> AtServerAsync(CommandContext context, UserName user, TimeSpan lifetime)
    {
        await using var administration = await ServerAdministration.OpenAsync(
            context.Places.Server, ServerConfiguration.Load(context.Places.Server).Store, context.Clock);
        using var invitation = await administration.InviteAsync(user, ServerAddresses.ForInvitations(context), lifetime);
        Print(context, invitation);
        return ExitCode.Done;
    }

    private static void Print(CommandContext context, Invitation invitation)
    {
        var word = invitation.ToWord();
        context.Screen.Talk($"for {invitation.User}, at {invitation.Address}, valid until {Times.Minute(invitation.Expires, context.Clock.LocalTimeZone)}.");
        context.Screen.Talk($"Whoever has the word can join as {invitation.User}, once: give it on a channel you trust.");
        context.Screen.Data(word, JsonLine.Of("invitation", ("user", invitation.User.ToString()), ("address", invitation.Address), ("server", invitation.Server.ToString()),
            ("root", invitation.Root.ToString()), ("expires", Times.Utc(invitation.Expires)), ("invitation", word)));
    }
}
