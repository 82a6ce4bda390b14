using Countersign.Client;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Cli;

/// <summary>The conversation on screen: prints each line once, in transcript order, with day separators and notices.</summary>
/// <remarks>Thread-safe: typed lines and events come from two loops.</remarks>
internal sealed class ChatRoom
{
    private const int FirstLines = 20;
    private const int Page = 200;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly ChatClient _client;
    private readonly IChatSurface _surface;
    private readonly TimeProvider _clock;
    private readonly OwnMessages _own = new();
    private ConversationId? _current;
    private ulong _next;
    private ulong _earliest;
    private DateOnly? _day;
    private bool _revealed;
    private bool _saidDisconnected;
    private bool _saidStorage;
    private bool _isBehind;

    public ChatRoom(ChatClient client, IChatSurface surface, TimeProvider clock)
    {
        _client = client;
        _surface = surface;
        _clock = clock;
    }

    private LineFormat Format => _surface.Format;

    /// <summary>The conversation on screen, or null.</summary>
    public ConversationSummary? Current
    {
        get
        {
            lock (_gate)
                return _current is { } id ? _client.Conversation(id) : null;
        }
    }

    /// <summary>Goes to a conversation: header, the last lines, and a mark where the unread ones begin.</summary>
    public void Open(ConversationId id)
    {
        lock (_gate)
        {
            PrintUnsettled();
            var summary = _client.Conversation(id);
            var lines = _client.History(id, null, Math.Max(FirstLines, Math.Min(200, summary.Unread + 5)));
            _current = id;
            _day = null;
            _revealed = false;
            // An entry may have come between the two readings.
            _next = Math.Max(summary.Size, lines.LastOrDefault(l => l.Position is not null)?.Position + 1 ?? 0);
            _earliest = lines.FirstOrDefault(l => l.Position is not null)?.Position ?? summary.Size;
            _surface.Print(RoomWords.Header(Format, summary));
            PrintHistory(lines, summary.Unread);
            foreach (var line in lines)
                if (line is TranscriptLine.Message { Position: null, Local: { } local, Delivery: { } delivery, Text: { } text }
                    && _own.Adopt(id, local, text, line.Written, delivery) is { } own)
                    NoteRefused(own);
            Seen();
            UpdatePrompt();
        }
    }

    /// <summary>Earlier lines than those printed so far.</summary>
    public void Earlier(int count)
    {
        lock (_gate)
        {
            if (_current is not { } id)
                return;
            var lines = _client.History(id, _earliest, count).Where(l => l.Position is not null).ToList();
            if (lines.Count == 0)
            {
                _surface.Print(Format.Notice("there is nothing earlier"));
                return;
            }
            _surface.Print(Format.Notice($"{lines.Count} earlier lines"));
            var day = _day;
            _day = null;
            PrintHistory(lines, 0);
            _day = day;
            _surface.Print(Format.Notice("end of the earlier lines"));
            _earliest = lines[0].Position!.Value;
        }
    }

    /// <summary>Shows what a failed check hid.</summary>
    public void Reveal()
    {
        lock (_gate)
        {
            _revealed = true;
            if (_current is { } id)
                PrintHistory(_client.History(id, null, FirstLines), 0);
        }
    }

    /// <summary>Queues a message to the conversation on screen.</summary>
    public void Send(string text)
    {
        lock (_gate)
        {
            if (_current is not { } id)
            {
                _surface.Print(Format.Notice("no conversation is open: /dm NAME or /new NAME begins one"));
                return;
            }
            var message = _client.Send(id, text);
            _own.Add(id, message, text, _clock.GetUtcNow());
            if (_client.State is not ConnectionState.Online)
                PrintUnsettled();
            UpdatePrompt();
        }
        _ = SettleLater();
    }

    /// <summary>Prints what an event says.</summary>
    public void On(ClientEvent happened)
    {
        lock (_gate)
        {
            try
            {
                if (_isBehind)
                    CatchUp();
                Show(happened);
                UpdatePrompt();
            }
            catch (StorageException)
            {
                _isBehind = true; // shown when these files can be read again
                SayStorage();
            }
        }
    }

    private void Show(ClientEvent happened)
    {
        switch (happened)
        {
            case ClientEvent.MessageReceived received:
                OnLine(received.Conversation, received.Message);
                break;
            case ClientEvent.ConversationChanged changed:
                OnLine(changed.Conversation, changed.Line);
                break;
            case ClientEvent.DeliveryChanged delivery:
                OnDelivery(delivery);
                break;
            case ClientEvent.ConversationAdded added when added.Conversation != _current:
                _surface.Print(Format.Notice($"new conversation {ConversationNames.Of(_client.Conversation(added.Conversation))}: /goto {ConversationNames.ShortId(added.Conversation)}"));
                break;
            case ClientEvent.Warned warned:
                _surface.Print(WarningWords.Of(Format, warned.Warning, _client));
                break;
            case ClientEvent.ConnectionChanged connection:
                OnConnection(connection.State);
                break;
            case ClientEvent.Missed:
                _surface.Print(Format.Notice("more happened at once than can be shown as it comes; /list shows the conversations, /status the connection"));
                CatchUp();
                OnConnection(_client.State);
                break;
        }
    }

    /// <summary>Waits until all that was sent here is accepted; ends early without an error when the wait is over.</summary>
    public async Task AllAcceptedAsync(CancellationToken cancellation)
    {
        List<Own> waiting;
        lock (_gate)
            waiting = [.. _own.Waiting];
        try
        {
            foreach (var own in waiting)
                await _client.WaitForAsync(own.Conversation, own.Id, DeliveryWord.Accepted, cancellation);
        }
        catch (OperationCanceledException)
        {
            // What is not accepted by now stays queued, and is printed as such.
        }
    }

    /// <summary>Prints what is not printed yet, before the chat ends.</summary>
    public void Close()
    {
        lock (_gate)
            PrintUnsettled();
    }

    private void PrintHistory(IReadOnlyList<TranscriptLine> lines, int unread)
    {
        var others = lines.OfType<TranscriptLine.Message>().Count(m => m.Local is null);
        var firstUnread = lines.OfType<TranscriptLine.Message>().Where(m => m.Local is null).Skip(Math.Max(0, others - unread)).FirstOrDefault();
        foreach (var line in lines)
        {
            if (unread > 0 && line == firstUnread)
                _surface.Print(Format.NewSince(line.Written));
            Print(line);
        }
    }

    private void Print(TranscriptLine line)
    {
        var day = Format.DayOf(line.Written);
        if (day != _day)
            _surface.Print(Format.DaySeparator(line.Written));
        _day = day;
        _surface.Print(Format.Of(line, _client.Profile.User, TrustOf(line)));
    }

    private LineTrust TrustOf(TranscriptLine line) => _current is not { } id ? LineTrust.Verified
        : _revealed ? LineTrusts.OfDevice(_client, id, line) : LineTrusts.Of(_client, id, line);

    private void OnLine(ConversationId conversation, TranscriptLine line)
    {
        if (conversation != _current)
        {
            if (line is TranscriptLine.Message)
                _surface.Print(Format.Notice($"{ConversationNames.Of(_client.Conversation(conversation))}: new message from {line.Author}"));
            return;
        }
        if (line.Position < _next)
            return;
        ShowNext(line);
        Seen();
    }

    private void ShowNext(TranscriptLine line)
    {
        PrintUnsettled();
        Print(line);
        _next = line.Position + 1 ?? _next;
    }

    private void OnDelivery(ClientEvent.DeliveryChanged changed)
    {
        if (_own.Update(changed.Message, changed.Delivery) is not { } own)
            return;
        if (!own.Printed)
        {
            // Plain lines cannot change later: the first fact worth a line is acceptance.
            if (DeliveryMark.IsComplete(own.Delivery) || own.Delivery.Failure is not null || (!_surface.HasLive && own.Delivery.IsAccepted))
                PrintUpTo(own);
            else
                ShowLive();
        }
        else if (IsNews(own))
        {
            _surface.Print(Format.Notice($"{DeliveryMark.Of(own.Delivery)}: {Format.Clock(own.At)} {CellWidth.Cut(Visible.Line(own.Text), 40)}"));
            NoteRefused(own);
        }
        _own.Forget();
    }

    // What stands here as waiting is told of when that changes: neither its acceptance nor its end would be seen otherwise.
    private bool IsNews(Own own) => own.Delivery.Word switch
    {
        DeliveryWord.Failed => true,
        DeliveryWord.Waiting => own.Refused != own.Delivery.Failure,
        _ => own.Refused is not null && own.Delivery.IsAccepted || DeliveryMark.IsComplete(own.Delivery) && _own.IsNewest(own),
    };

    // Told once for a reason, and what to expect of it.
    private void NoteRefused(Own own)
    {
        if (own.Delivery is { Word: DeliveryWord.Waiting, Failure: { } code } && !_own.IsWaiting(own.Conversation, code))
            _surface.Print(Format.Notice(code is WireCode.NotMember
                ? "it keeps its place, and is sent if you are a member again"
                : "it keeps its place: it is offered again on the next connection and before what you write next, and what you write after it waits for it; this device can neither close this conversation nor leave it meanwhile"));
        own.Refused = own.Delivery.Word == DeliveryWord.Waiting ? own.Delivery.Failure : null;
    }

    private void OnConnection(ConnectionState state)
    {
        switch (state)
        {
            case ConnectionState.Waiting waiting when !_saidDisconnected:
                _saidDisconnected = true;
                _surface.Print(Format.Notice($"not connected: {ConnectionWords.Of(waiting.Cause)}; it is tried again, and what you write is queued"));
                PrintUnsettled();
                break;
            case ConnectionState.Refused refused:
                _saidDisconnected = true;
                _surface.Print(Format.Alarm(ConnectionWords.Of(refused.Cause)));
                break;
            case ConnectionState.Online when _saidDisconnected:
                _saidDisconnected = false;
                _surface.Print(Format.Notice("connected again"));
                break;
        }
    }

    // Events were dropped: what they said is read again from the store.
    private void CatchUp()
    {
        if (_current is { } id)
        {
            for (var size = _client.Conversation(id).Size; _next < size;)
            {
                var end = Math.Min(size, _next + Page);
                foreach (var line in _client.History(id, end, (int)(end - _next)))
                    if (line is TranscriptLine.Message { Local: { } own, Delivery: { } delivery }) // it is, or will be, shown as what was typed here
                        OnDelivery(new ClientEvent.DeliveryChanged(id, own, delivery));
                    else
                        ShowNext(line);
                _next = end;
            }
            foreach (var line in _client.History(id, null, 1))
                if (line is TranscriptLine.Message { Position: null, Local: { } own, Delivery: { } delivery })
                    OnDelivery(new ClientEvent.DeliveryChanged(id, own, delivery));
            Seen();
        }
        _isBehind = false;
    }

    private void SayStorage()
    {
        if (!_saidStorage)
            _surface.Print(Format.Warning("this device's files cannot be written or read: is the disk full? The chat goes on with what it can show"));
        _saidStorage = true;
    }

    private async Task SettleLater()
    {
        await Task.Delay(Settling, _clock);
        lock (_gate)
        {
            var now = _clock.GetUtcNow();
            if (_own.Unprinted.Any(o => now - o.At >= Settling))
                PrintUnsettled();
        }
    }

    private void PrintUnsettled()
    {
        if (_own.Unprinted.LastOrDefault() is { } last)
            PrintUpTo(last);
    }

    private void PrintUpTo(Own last)
    {
        foreach (var own in _own.Unprinted.ToList())
        {
            own.Printed = true;
            if (own.Conversation == _current)
                Print(AsLine(own));
            NoteRefused(own);
            if (own == last)
                break;
        }
        ShowLive();
    }

    private void ShowLive() => _surface.Live([.. _own.Unprinted.Select(o => $"{Format.Clock(o.At)}  you  {Visible.Line(o.Text)}  {DeliveryMark.Of(o.Delivery)}")]);

    private TranscriptLine.Message AsLine(Own own) => new(
        null, _client.Profile.User, _client.Profile.DeviceId, own.At, own.Delivery.IsAccepted, own.Text, null, own.Id, own.Delivery);

    // What cannot be noted as read is shown all the same, and noted with what is shown next.
    private void Seen()
    {
        if (_current is not { } id || _next == 0)
            return;
        try
        {
            _client.MarkRead(id, _next - 1);
            _saidStorage = false;
        }
        catch (StorageException)
        {
            SayStorage();
        }
    }

    private void UpdatePrompt() => _surface.Prompt(RoomWords.Prompt(_client, _current is { } id ? _client.Conversation(id) : null));
}
