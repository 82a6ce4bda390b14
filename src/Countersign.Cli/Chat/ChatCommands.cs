using System.Globalization;
using Countersign.Client;
using Countersign.Cryptography;
using Countersign.Server;

namespace Countersign.Cli;

/// <summary>Does what a typed line says.</summary>
internal sealed class ChatCommands
{
    private static readonly TimeSpan InvitationTime = TimeSpan.FromDays(7);

    private readonly CommandContext _context;
    private readonly ChatClient _client;
    private readonly IChatSurface _surface;
    private readonly ChatRoom _room;
    private readonly ChatReports _reports;
    private string? _awaitingYes;

    public ChatCommands(CommandContext context, ChatClient client, IChatSurface surface, ChatRoom room)
    {
        _context = context;
        _client = client;
        _surface = surface;
        _room = room;
        _reports = new ChatReports(context, client, surface.Format);
    }

    /// <summary>False when the user wants to leave the chat.</summary>
    public async Task<bool> TakeAsync(string line, CancellationToken cancellation)
    {
        if (_awaitingYes is { } held)
        {
            _awaitingYes = null;
            return await AnswerAsync(held, line.Trim());
        }
        try
        {
            switch (TypedLine.Parse(line))
            {
                case TypedLine.Message message when !_surface.HasLive && message.Text.Contains('\n'):
                    // Plain lines on a terminal: several at once were pasted, and a paste never sends.
                    _awaitingYes = message.Text;
                    _surface.Print(_surface.Format.Notice($"{message.Text.AsSpan().Count('\n') + 1} lines were pasted: send them as one message? (yes/no)"));
                    return true;
                case TypedLine.Message message:
                    _room.Send(message.Text);
                    return true;
                case TypedLine.Command { Word: "quit" or "exit" or "q" }:
                    return false;
                case TypedLine.Command command:
                    await RunAsync(command, cancellation);
                    return true;
                default:
                    return true;
            }
        }
        catch (CommandException e)
        {
            Say(e);
        }
        catch (OptionsException e)
        {
            Say(CommandException.Usage(e.Message)); // of server.json, which somebody changed meanwhile
        }
        catch (Exception e) when (ClientFailures.IsOurs(e))
        {
            Say(ClientFailures.Explain(_context, e));
        }
        return true;
    }

    /// <summary>At the end of a pipe: waits until what was typed is accepted, as long as there is a connection.</summary>
    public async Task FinishAsync(CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10), _context.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        await _room.AllAcceptedAsync(either.Token);
    }

    private Task<bool> AnswerAsync(string held, string answer)
    {
        if (answer is "yes" or "y")
            _room.Send(held);
        else
            _surface.Print(_surface.Format.Notice("not sent"));
        return Task.FromResult(true);
    }

    private void Say(CommandException e)
    {
        _surface.Print(_surface.Format.Broken(_surface.Format.Style.Bad("error: ") + Visible.Line(e.Message)));
        if (e.Hint is { } hint)
            _surface.Print(_surface.Format.Notice(Visible.Line(hint)));
    }

    private async Task RunAsync(TypedLine.Command command, CancellationToken cancellation)
    {
        if (SlashCommand.Find(command.Word) is not { } known)
        {
            _surface.Print(_surface.Format.Notice($"there is no /{Visible.Line(command.Word)}, and nothing was sent; /help lists the commands, // sends a text that begins with /"));
            return;
        }
        switch (known.Word)
        {
            case "help":
                _surface.Print(SlashCommand.All.Select(c => $"/{c.Word} {c.Arguments}".PadRight(26) + c.Help));
                break;
            case "dm":
                _room.Open(await _client.StartDirectAsync(Person(command), cancellation));
                break;
            case "new":
                await NewAsync(command, cancellation);
                break;
            case "list":
                _surface.Print(_reports.Conversations());
                break;
            case "goto":
                _room.Open(ConversationNames.Find(_client, Required(command)).Id);
                break;
            case "add":
                await _client.AddMemberAsync(Here.Id, Person(command), cancellation);
                break;
            case "remove":
                await _client.RemoveMemberAsync(Here.Id, Person(command), cancellation);
                break;
            case "leave":
                await _client.LeaveAsync(Here.Id, cancellation);
                break;
            case "close":
                await _client.CloseAsync(Here.Id, cancellation);
                break;
            case "export":
                _surface.Print(BundleFile.Export(_context, _client, Here, new ExportRequest { Disclosure = EntryNumbers.Disclosure([.. command.Words.Take(1)]) },
                    command.Words.Count > 1 ? command.Words[1] : null, cancellation).Lines.Select(_surface.Format.Whole));
                break;
            case "erase" when command.Words.Count == 0:
                _surface.Print(_reports.Erasable(Here));
                break;
            case "erase":
                await _client.EraseAsync(Here.Id, EntryNumbers.Positions(command.Words), cancellation);
                break;
            case "invite":
                await InviteAsync(command, cancellation);
                break;
            case "trust":
                await TrustAsync(Person(command), cancellation);
                break;
            default:
                Show(known, command);
                break;
        }
    }

    private void Show(SlashCommand known, TypedLine.Command command)
    {
        switch (known.Word)
        {
            case "who":
                _surface.Print(_reports.Who(Here));
                break;
            case "members":
                _surface.Print(_reports.Members(Here));
                break;
            case "receipts":
                _surface.Print(Signatures.Receipts(Here));
                break;
            case "info":
                _surface.Print(Signatures.Info(Here, EntryNumbers.Position(Required(command))));
                break;
            case "history":
                _room.Earlier(int.TryParse(command.Rest, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is > 0 and <= 1000 ? count : 20);
                break;
            case "show":
                _room.Reveal();
                break;
            case "safety":
                _surface.Print(_reports.Safety(command.Rest.Length > 0 ? [Person(command)] : Here.Users));
                break;
            case "status":
                _surface.Print(_reports.Status());
                break;
            case "reconnect" when _client.State is ConnectionState.Online online:
                _surface.Print(_surface.Format.Notice("there is a connection: " + ConnectionWords.Of(online, _context.Clock.LocalTimeZone)));
                break;
            case "reconnect":
                _client.Reconnect();
                break;
        }
    }

    private ReceiptReports Signatures => new(_client, _context.Clock.LocalTimeZone);

    private ConversationSummary Here => _room.Current ?? throw CommandException.Usage("no conversation is open.", "/dm NAME or /new NAME begins one");

    private static string Required(TypedLine.Command command) => command.Rest.Length > 0
        ? command.Rest
        : throw CommandException.Usage($"/{command.Word} needs {SlashCommand.Find(command.Word)!.Arguments}.");

    private static UserName Person(TypedLine.Command command) => Names.User(Required(command));

    private async Task NewAsync(TypedLine.Command command, CancellationToken cancellation)
    {
        Required(command);
        var users = command.Words.Skip(1).Select(Names.User).ToList();
        _room.Open(await _client.StartGroupAsync(command.Words[0].TrimStart('#'), users, cancellation));
    }

    private async Task InviteAsync(TypedLine.Command command, CancellationToken cancellation)
    {
        var address = Address();
        using var invitation = await _client.InviteAsync(Person(command), address?.Text, InvitationTime, cancellation);
        if (address?.Notice is { } notice)
            _surface.Print(_surface.Format.Notice(notice));
        _surface.Print(
            _surface.Format.Notice($"for {invitation.User}, at {Visible.Line(invitation.Address)}, valid until {Times.Minute(invitation.Expires, _context.Clock.LocalTimeZone)}; whoever has it can join as {invitation.User}, once:"),
            invitation.ToWord());
    }

    // Beside the server the device itself may be enrolled over loopback: where others reach it, the server knows. Elsewhere it is where this
    // device does.
    private InvitationAddress? Address() =>
        ServerDirectory.IsOf(_context.Places.Server, _client.Profile.Server, _client.Profile.Root) ? ServerAddresses.ForInvitations(_context.Places.Server) : null;

    private async Task TrustAsync(UserName user, CancellationToken cancellation)
    {
        var safety = _client.Safety(user);
        if (user == _client.Profile.User)
            foreach (var device in safety.Devices.Where(d => d.Device != _client.Profile.DeviceId)) // also one that is accepted, and had no keys when it was
                await _client.AddOwnDeviceAsync(device.Device, cancellation);
        else
            _client.ConfirmDevices(user);
        _surface.Print(_surface.Format.Notice($"the {safety.Devices.Count} devices of {user} known now are accepted"));
    }
}
