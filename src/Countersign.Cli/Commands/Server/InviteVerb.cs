using System.CommandLine;
using Countersign.Client;
using Countersign.Cryptography;
using Countersign.Protocol;
using Countersign.Server;

namespace Countersign.Cli;

/// <summary>Makes an invitation for one person: one word that holds the address, the root's fingerprint and a one-time token.</summary>
internal sealed class InviteVerb : Verb
{
    private readonly Argument<string> _name = new("name") { Description = "The person's name: a-z, 0-9, and . _ - inside.", HelpName = "NAME" };
    private readonly Option<string?> _expires = new("--expires") { Description = "How long it is valid, as 30m, 2h, 7d. Default: 7d, at most 30d.", HelpName = "TIME" };
    private readonly Option<string?> _address = new("--address") { Description = "The address that it carries. Default: what the server was told (serve --address), else where it listens.", HelpName = "HOST:PORT" };

    public InviteVerb() : base("invite", "Makes an invitation for one person: one word that holds the address, the root's fingerprint and a one-time token.",
        new Example("invite bob", "Valid for seven days."),
        new Example("invite bob --expires 2h", "For two hours."),
        new Example("invite bob --address chat.example.org:7450", "For somebody who reaches the server there."))
    {
        Arguments.Add(_name);
        Options.Add(_expires);
        Options.Add(_address);
    }

    public override async Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation)
    {
        var user = Names.User(context.Get(_name)!);
        var lifetime = Times.ParseLength(context.Get(_expires) ?? "7d", "--expires");
        if (lifetime < TimeSpan.FromMinutes(1) || lifetime > TimeSpan.FromDays(30))
            throw CommandException.Usage("an invitation is valid for a minute to thirty days.", "write 2h or 7d");
        var address = context.Get(_address);
        if (address is not null && !ServerAddress.TryParse(address, out _))
            throw CommandException.Usage("--address takes a host and a port.", "as in chat.example.org:7450");
        // On the server's own machine its directory suffices, running or not; elsewhere an administrator's device asks the server.
        if (Directory.Exists(context.Places.Server))
            return await ServerFailures.TranslateAsync(context, () => AtServerAsync(context, user, address, lifetime));
        return await OpenDevice.RunAsync(context, online: true, async client =>
        {
            using var invitation = await client.InviteAsync(user, address, lifetime, cancellation);
            Print(context, invitation);
            return ExitCode.Done;
        }, cancellation);
    }

    private static async Task<ExitCode> AtServerAsync(CommandContext context, UserName user, string? given, TimeSpan lifetime)
    {
        await using var administration = await ServerAdministration.OpenAsync(
            context.Places.Server, ServerConfiguration.Load(context.Places.Server).Store, context.Clock);
        var address = given is null ? ServerAddresses.ForInvitations(context.Places.Server) : new InvitationAddress(given);
        using var invitation = await administration.InviteAsync(user, address.Text, lifetime);
        if (address.Notice is { } notice)
            context.Screen.Talk(notice);
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
