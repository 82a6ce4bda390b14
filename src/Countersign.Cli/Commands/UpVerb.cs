using System.CommandLine;
using System.Net;
using Countersign.Client;
using Countersign.Cryptography;

namespace Countersign.Cli;

/// <summary>Runs everything on this machine: certificate authority, server, you; then opens the chat. Later runs go straight to the chat.</summary>
internal sealed class UpVerb : Verb
{
    private readonly Option<string?> _user = new("--user") { Description = "Your name, the first time.", HelpName = "NAME" };
    private readonly Option<string?> _guest = new("--invite") { Description = "Whom to invite. Default, the first time: guest.", HelpName = "NAME" };
    private readonly Option<string?> _listen = new("--listen") { Description = "Where the server listens. Default: 127.0.0.1:7450, or a free port if that is taken.", HelpName = "ADDRESS:PORT" };
    private readonly Option<string?> _address = new("--address") { Description = "The address that invitations carry. Default: where it listens. The first time it is written down.", HelpName = "HOST:PORT" };
    private readonly Option<bool> _plain = ChatVerb.PlainOption();

    public UpVerb() : base("up", "Runs everything on this machine: certificate authority, server, you; then opens the chat. Later runs go straight to the chat.",
        new Example("up", "Asks a name and a passphrase the first time."),
        new Example("up --data ~/trial --user alice --passphrase-file secret", "Asks nothing."),
        new Example("up --data ~/trial --listen 0.0.0.0:7450 --address chat.example.org:7450", "Others on the network can reach it."))
    {
        Options.Add(_user);
        Options.Add(_guest);
        Options.Add(_listen);
        Options.Add(_address);
        Options.Add(_plain);
    }

    public override async Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation) =>
        await ServerFailures.TranslateAsync(context, async () =>
        {
            try
            {
                return await UpAsync(context, cancellation);
            }
            catch (Exception e) when (ClientFailures.IsOurs(e))
            {
                throw ClientFailures.Explain(context, e);
            }
        });

    private async Task<ExitCode> UpAsync(CommandContext context, CancellationToken cancellation)
    {
        var installation = new Installation(context.Places, context.Screen, context.Clock);
        installation.RequireWholeServer(); // before anything is asked, or made
        ServerAddresses.RequireUsable(context.Get(_address) ?? "");
        var isNew = !Enrolled.Is(context.Places.Device);
        var user = isNew ? NameFrom(context, _user, "Your name", Environment.UserName, "--user NAME") : null;
        var guest = isNew || context.Get(_guest) is not null ? NameFrom(context, _guest, "A second person to invite", "guest", "--invite NAME") : null;
        using var passphrase = installation.IsComplete ? context.Passphrases.Existing("this data directory") : context.Passphrases.New("everything kept here");
        installation.Complete(passphrase, Listen(context), context.Get(_address));

        await using var server = await LocalServer.StartAsync(context, passphrase, Flags(context), cancellation);
        context.Screen.Talk($"{context.Screen.TalkStyle.Good("✓")} server {server.Name} listens on {server.Endpoint}; invitations carry {Visible.Line(server.Address.Text)}");
        if (server.Address.Notice is { } notice)
            context.Screen.Talk(notice);
        return await server.WhileItRunsAsync(running => ChatAsync(context, server, passphrase, user, guest, running), cancellation);
    }

    // Without a name and a guest where the device is enrolled already.
    private async Task<ExitCode> ChatAsync(
        CommandContext context, LocalServer server, Passphrase passphrase, UserName? user, UserName? guest, CancellationToken cancellation)
    {
        // The first account is the administrator's: the user's device joins before the operator's.
        var progress = user is null ? null : new PhasePrinter(context.Screen);
        using var profile = await Enrolled.OrJoinAsync(context.Places.Device, passphrase, () => server.InviteHereAsync(user!), context.Clock, progress, cancellation);
        await using var desk = await OperatorDesk.OpenAsync(context, passphrase, () => server.InviteHereAsync(server.Operator), cancellation);
        await using var client = ChatClient.Offline(profile, new ClientSettings { Time = context.Clock });
        await desk.ReadyAsync(cancellation);
        if (user is not null)
            context.Screen.Wrote("everything", context.Places.Root);
        var greeting = guest is null ? [] : await InviteSecondAsync(context, server, guest);
        return await ChatVerb.RunAsync(context, client, user is null ? null : "@" + server.Operator, context.Get(_plain), greeting, cancellation);
    }

    private static async Task<IEnumerable<string>> InviteSecondAsync(CommandContext context, LocalServer server, UserName guest)
    {
        using var invitation = await server.InviteAsync(guest);
        if (context.Screen.Json)
        {
            context.Screen.Data("", JsonLine.Of("invitation", ("user", guest.ToString()), ("address", invitation.Address), ("root", invitation.Root.ToString()), ("expires", Times.Utc(invitation.Expires)), ("invitation", invitation.ToWord())));
            return [];
        }
        return
        [
            WordWrap.Of($"An invitation for {guest}, at {Visible.Line(invitation.Address)}, valid until {Times.Minute(invitation.Expires, context.Clock.LocalTimeZone)}. "
                + "Wherever that is reached; here, with another --data:", context.Screen.DataColumns, context.Surroundings.CommandName),
            $"  {Shell.Quote(context.Surroundings.CommandName)} join {invitation.ToWord()}",
        ];
    }

    private static UserName NameFrom(CommandContext context, Option<string?> option, string question, string fallback, string flag)
    {
        if (context.Get(option) is { } given)
            return Names.User(given);
        var proposal = UserName.TryParse(fallback, out _) ? fallback : null;
        if (context.Prompt.CanAsk)
            return Names.AskUser(context.Prompt, question, proposal);
        return flag.StartsWith("--invite", StringComparison.Ordinal)
            ? UserName.Parse(fallback)
            : throw CommandException.Usage("a name is needed the first time, and there is no terminal to ask on.", "give " + flag);
    }

    private IPEndPoint? Listen(CommandContext context) => context.Get(_listen) is not { } text ? null
        : text.Contains(':') && IPEndPoint.TryParse(text, out var endpoint) ? endpoint
        : throw CommandException.Usage("--listen takes an address and a port.", "as in 127.0.0.1:7450");

    private Dictionary<string, string?> Flags(CommandContext context) => new(StringComparer.OrdinalIgnoreCase)
    {
        ["listen"] = context.Get(_listen),
        ["address"] = context.Get(_address),
    };
}
