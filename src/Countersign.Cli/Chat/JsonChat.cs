using Countersign.Client;
using Countersign.Evidence;

namespace Countersign.Cli;

/// <summary><c>chat --json</c>: the chat for programs. Lines of standard input are messages and slash commands; what happens is
/// one JSON object a line.</summary>
/// <remarks>Commands: /dm, /new, /goto, /add, /remove, /leave, /close, /erase, /quit. Each answers <c>{"type":"done"}</c> or an error, in
/// order, when it is done. A message answers <c>{"type":"queued"}</c> with its id; its deliveries follow as events.</remarks>
internal sealed class JsonChat
{
    private readonly CommandContext _context;
    private readonly ChatClient _client;
    private readonly EventSubscription _warnings;
    private readonly IReadOnlyList<SecurityWarning> _before;
    private readonly Dictionary<ConversationId, ulong> _next = [];
    private ConversationId? _current;
    private bool _saidStorage;

    /// <param name="context">Of the command.</param>
    /// <param name="client">Whose conversations they are.</param>
    /// <param name="current">Where messages go at first.</param>
    /// <param name="warnings">Subscribed before the link was opened; stays the caller's.</param>
    /// <param name="before">What nobody has answered since an earlier run.</param>
    public JsonChat(CommandContext context, ChatClient client, ConversationId? current, EventSubscription warnings, IReadOnlyList<SecurityWarning> before)
    {
        _context = context;
        _client = client;
        _current = current;
        _warnings = warnings;
        _before = before;
    }

    private Screen Screen => _context.Screen;

    public async Task<ExitCode> RunAsync(TextReader input, CancellationToken cancellation)
    {
        using var events = _client.Subscribe();
        foreach (var warning in _before)
            Tell(new ClientEvent.Warned(warning));
        foreach (var conversation in _client.Conversations())
        {
            Screen.Data("", JsonLines.Of(conversation));
            PrintUnread(conversation);
        }
        Screen.Data("", JsonLine.Of("ready", ("user", _client.Profile.User.ToString()), ("current", _current?.ToString())));
        var listening = Task.WhenAll(ListenAsync(events), WarnAsync());
        try
        {
            while (await StandardInput.LineAsync(input, cancellation) is { } line)
                if (!await TakeAsync(line, cancellation))
                    break;
            return ExitCode.Done;
        }
        finally
        {
            events.Dispose();
            _warnings.Dispose();
            await listening;
        }
    }

    private async Task ListenAsync(EventSubscription events)
    {
        await foreach (var happened in events)
            try
            {
                if (happened is ClientEvent.MessageReceived received)
                    Print(received.Conversation, received.Message);
                else if (happened is not ClientEvent.Warned)
                    Tell(happened);
            }
            catch (StorageException e)
            {
                SayStorage(e);
                Screen.Data("", JsonLine.Of("missed"));
            }
    }

    private async Task WarnAsync()
    {
        await foreach (var happened in _warnings)
            try
            {
                Tell(happened);
            }
            catch (StorageException e)
            {
                SayStorage(e);
            }
    }

    private void Tell(ClientEvent happened)
    {
        if (JsonLines.Of(happened, _client) is { } line)
            Screen.Data("", line);
    }

    // What came while nobody watched. It was subscribed before: a message that is in both comes once.
    private void PrintUnread(ConversationSummary conversation)
    {
        if (conversation.Unread == 0)
            return;
        foreach (var message in LastMessages.Of(_client, conversation.Id, conversation.Unread, static m => m.Local is null))
            Print(conversation.Id, message);
    }

    private void Print(ConversationId conversation, TranscriptLine.Message message)
    {
        if (message.Position is not { } position || position < _next.GetValueOrDefault(conversation))
            return;
        _next[conversation] = position + 1;
        Screen.Data("", JsonLines.Of(conversation, message));
        try
        {
            _client.MarkRead(conversation, position);
            _saidStorage = false;
        }
        catch (StorageException e)
        {
            SayStorage(e); // it is printed, and will be again at the next start
        }
    }

    // Not an error: that would be the answer to a line.
    private void SayStorage(StorageException e)
    {
        if (!_saidStorage)
            Screen.Data("", JsonLine.Of("warning", ("warning", "Storage"), ("message", e.Message)));
        _saidStorage = true;
    }

    private async Task<bool> TakeAsync(string line, CancellationToken cancellation)
    {
        try
        {
            switch (TypedLine.Parse(line))
            {
                case TypedLine.Message message:
                    var id = _client.Send(Here, message.Text);
                    Screen.Data("", JsonLine.Of("queued", ("conversation", Here.ToString()), ("id", id.Value)));
                    break;
                case TypedLine.Command { Word: "quit" }:
                    return false;
                case TypedLine.Command command:
                    await RunAsync(command, cancellation);
                    Screen.Data("", JsonLine.Of("done", ("command", command.Word), ("current", _current?.ToString())));
                    break;
            }
        }
        catch (CommandException e)
        {
            Screen.Error(e);
        }
        catch (Exception e) when (ClientFailures.IsOurs(e))
        {
            Screen.Error(ClientFailures.Explain(_context, e));
        }
        return true;
    }

    private async Task RunAsync(TypedLine.Command command, CancellationToken cancellation)
    {
        switch (command.Word)
        {
            case "dm":
                _current = await _client.StartDirectAsync(Names.User(command.Rest), cancellation);
                break;
            case "new" when command.Words.Count > 0:
                _current = await _client.StartGroupAsync(command.Words[0].TrimStart('#'), [.. command.Words.Skip(1).Select(Names.User)], cancellation);
                break;
            case "goto":
                _current = ConversationNames.Find(_client, command.Rest).Id;
                break;
            case "add":
                await _client.AddMemberAsync(Here, Names.User(command.Rest), cancellation);
                break;
            case "remove":
                await _client.RemoveMemberAsync(Here, Names.User(command.Rest), cancellation);
                break;
            case "leave":
                await _client.LeaveAsync(Here, cancellation);
                break;
            case "erase" when command.Words.Count > 0:
                await _client.EraseAsync(Here, EntryNumbers.Positions(command.Words), cancellation);
                break;
            case "close":
                await _client.CloseAsync(Here, cancellation);
                break;
            default:
                throw CommandException.Usage($"there is no /{command.Word} here, and nothing was sent.", "chat --help lists the commands");
        }
    }

    private ConversationId Here => _current ?? throw CommandException.Usage("no conversation is open.", "/dm NAME or /new NAME begins one");
}
