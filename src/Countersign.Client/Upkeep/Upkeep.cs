using System.Threading.Channels;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>Keeps every conversation as it should be while a link is up. Each pass looks at what is stored and does what is
/// missing: fetch, join, renew the epoch, sign, send, receipt. A crash loses nothing, since nothing else is remembered.</summary>
internal sealed class Upkeep : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(3);

    /// <summary>How long a server's clock that stops this device from signing is believed (EN-08).</summary>
    private static readonly TimeSpan AskTimeAgain = TimeSpan.FromSeconds(30);

    private readonly ClientState _state;
    private readonly Session _session;
    private readonly Inquiry _inquiry;
    private readonly OwnDevices _own;
    private readonly HashSet<ConversationId> _toldKept = []; // on this link; under the client's gate
    private readonly DueConversations _due;
    private readonly Channel<int> _low = Channel.CreateBounded<int>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly SemaphoreSlim _turn = new(1);
    private readonly CancellationTokenSource _linked;

    public Upkeep(ClientState state, Session session, Writing writing, CancellationToken cancellation)
    {
        (_state, _session, Writing) = (state, session, writing);
        _linked = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _due = new DueConversations(state.Settings.Time, _linked.Token);
        var receipts = new ReceiptBook(state);
        var intake = new Intake(state, new EntryReader(state));
        Downloads = new Downloads(state, session, intake, receipts);
        _inquiry = new Inquiry(state, session, Downloads);
        Stamps = new StampDownloads(state, session, new StampBook(state, session, intake), Downloads);
        Uploads = new Uploads(state, session, Downloads, writing, receipts);
        Epochs = new Epochs(state, session, Downloads, writing);
        _own = new OwnDevices(state, session, writing, Uploads, Epochs);
    }

    public Writing Writing { get; }
    public Downloads Downloads { get; }
    public StampDownloads Stamps { get; }
    public Uploads Uploads { get; }
    public Epochs Epochs { get; }

    /// <summary>Has a conversation looked at. When this has ended, the next link looks at every one.</summary>
    public void Touch(ConversationId id) => _due.Mark(id);

    /// <summary>Catches up with everything, then serves passes until the link ends.</summary>
    /// <param name="synchronised">Called once everything at the server is here.</param>
    public Task RunAsync(Action synchronised) => Task.WhenAll(
        WhileLinkedAsync(HandlePushesAsync), WhileLinkedAsync(WatchClockAsync), WhileLinkedAsync(SupplyLaterAsync), WhileLinkedAsync(async () =>
    {
        await new Synchronisation(_state, _session, this).RunAsync(_linked.Token);
        synchronised();
        await Task.WhenAll(WhileLinkedAsync(ServeAsync), WhileLinkedAsync(ReplaceLastResortAsync));
    }));

    /// <summary>Puts prekeys where the server says that it has few; if it said so too soon, later (CK-04).</summary>
    /// <param name="held">One-time prekeys that it has.</param>
    public Task SupplyAsync(int held) => InTurnAsync(async () =>
    {
        if (!await _state.Prekeys.TopUpAsync(_session, held, _linked.Token))
            _low.Writer.TryWrite(held);
    });

    private async Task SupplyLaterAsync()
    {
        await foreach (var said in _low.Reader.ReadAllAsync(_linked.Token))
        {
            await Task.Delay(_state.Prekeys.Rest, _state.Settings.Time, _linked.Token);
            await SupplyAsync(_low.Reader.TryRead(out var since) ? since : said);
        }
    }

    // A link may stay up for longer than a last-resort prekey is to be used (CK-04).
    private async Task ReplaceLastResortAsync()
    {
        while (true)
        {
            await Task.Delay(_state.Prekeys.LastResortRest, _state.Settings.Time, _linked.Token);
            await InTurnAsync(() => _state.Prekeys.ReplaceLastResortAsync(_session, _linked.Token));
        }
    }

    // The server tells its clock once on a link. If that keeps this device from signing, it may have been the wrong one.
    private async Task WatchClockAsync()
    {
        using var timer = new PeriodicTimer(AskTimeAgain, _state.Settings.Time);
        while (await timer.WaitForNextTickAsync(_linked.Token))
            lock (_state.Gate)
                if (_state.IsClockAhead)
                    break;
        _session.Abandon(new LinkEnd.Network("the clocks differ: the server's is asked for again"));
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            var id = await _due.TakeAsync();
            await AttemptAsync(id, () => PassAsync(id));
        }
    }

    /// <summary>A person has accepted another device of this user: it belongs into these conversations now (CK-08).</summary>
    public async Task AddOwnDevicesAsync(IReadOnlyList<ConversationId> conversations, CancellationToken cancellation)
    {
        await InTurnAsync(() =>
        {
            _own.AskAgain();
            return Task.CompletedTask;
        }).WaitAsync(cancellation);
        foreach (var id in conversations)
            await InTurnAsync(() => PassAsync(id)).WaitAsync(cancellation);
    }

    /// <summary>Does work in its turn; a request that is refused concerns one conversation, which is looked at again later, and later
    /// each time.</summary>
    public async Task AttemptAsync(ConversationId id, Func<Task> work)
    {
        try
        {
            await InTurnAsync(work);
            _due.ClearRefused(id);
        }
        catch (RequestRefusedException)
        {
            _due.MarkRefused(id);
        }
    }

    // When one part ends, the others do.
    private async Task WhileLinkedAsync(Func<Task> part)
    {
        try
        {
            await part();
        }
        catch (RequestRefusedException e)
        {
            _session.Abandon(new LinkEnd.ToldByServer(e.Code)); // without this answer the link is of no use: a later one may be
        }
        catch (NotConnectedException)
        {
            // The session says why.
        }
        catch (Exception e) when (PeerFaults.From(e) is { } fault)
        {
            _session.Fail(fault); // what the server sent inside of a message, and nobody nearer to it has judged
        }
        catch (StorageException e)
        {
            _session.Abandon(LinkFailure.Of(e)!); // what comes on this link can be kept nowhere; what is missing then, a later one fetches
        }
        catch (OperationCanceledException) when (_linked.IsCancellationRequested)
        {
            // The link has ended, or the client is being closed.
        }
        finally
        {
            await _linked.CancelAsync();
        }
    }

    /// <summary>Work on conversations is done by one at a time: passes and what the user asks for.</summary>
    public async Task InTurnAsync(Func<Task> work)
    {
        await _turn.WaitAsync(_linked.Token);
        try
        {
            await work();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>One conversation, as it should be.</summary>
    public async Task PassAsync(ConversationId id)
    {
        HeldConversation held;
        bool hasToFetch;
        lock (_state.Gate)
        {
            held = _state.Require(id);
            if (held.Distrust is null)
                Writing.DropImpossible(held);
            hasToFetch = held.HasToFetch;
        }
        if (held.Distrust is not null)
        {
            await _inquiry.RunAsync(held, _linked.Token);
            return;
        }
        if (hasToFetch)
            await Downloads.FetchAsync(id, _linked.Token);
        if (SignJoin(held) || HasObstacle(held))
            await Uploads.SubmitAsync(held, _linked.Token);
        await _own.AddAsync(held, _linked.Token);
        await RenewEpochAsync(held);
        lock (_state.Gate)
            Writing.SignTexts(held, evenIfOld: true);
        var again = await Uploads.SubmitAsync(held, _linked.Token);
        await Uploads.GiveReceiptAsync(held, _linked.Token);
        if (held.ReceiptsAhead)
        {
            held.ReceiptsAhead = false;
            await Downloads.FetchReceiptsAsync(id, _linked.Token);
        }
        if (again || HasUnfinished(held))
            _due.Mark(id, Pause);
    }

    /// <summary>Waits for what is under way: without a link it ends soon.</summary>
    public async ValueTask DisposeAsync()
    {
        await _linked.CancelAsync();
        await _turn.WaitAsync();
        _due.Dispose();
        _linked.Dispose();
        _turn.Dispose();
    }

    private async Task HandlePushesAsync()
    {
        await foreach (var push in _session.Pushes.ReadAllAsync(_linked.Token))
            await HandleAsync(push);
    }

    private async Task HandleAsync(Push push)
    {
        switch (push)
        {
            case PushEntries entries:
                await TakeAsync(entries);
                break;
            case PushReceipts receipts:
                Downloads.Take(receipts.Receipts);
                break;
            case PushStamp stamp:
                await TakeStampAsync(stamp);
                break;
            case PushPrekeysLow low:
                _low.Writer.TryWrite(low.OneTime);
                break;
        }
    }

    private async Task TakeAsync(PushEntries entries)
    {
        _due.ClearRefused(entries.Conversation); // there is something new to ask for
        try
        {
            await Downloads.TakeAsync(entries, _linked.Token);
            TouchAfterEntries(entries.Conversation);
        }
        catch (RequestRefusedException)
        {
            _due.MarkRefused(entries.Conversation); // it concerns this conversation alone
        }
    }

    private async Task TakeStampAsync(PushStamp stamp)
    {
        try
        {
            await Stamps.TakeAsync(stamp.Stamp, _linked.Token);
        }
        catch (RequestRefusedException)
        {
            // Asked for again on the next link: without it, time is unproved, and nothing else (TS-09).
        }
    }

    // A receipt waits a little for more to cover (RC-04: at most 2 s); joining and writing do not.
    private void TouchAfterEntries(ConversationId id)
    {
        bool urgent;
        lock (_state.Gate)
            urgent = _state.Find(id) is { Distrust: null } held
                && (held.IsMember && !Writing.HasJoined(held) || held.Engine.CurrentEpoch is null || Writing.HasWaitingText(held)
                    || Writing.HasPendingControl(held) || held.Engine.IsClosed);
        _due.Mark(id, urgent ? default : _state.Settings.ReceiptDelay);
    }

    private bool SignJoin(HeldConversation held)
    {
        lock (_state.Gate)
        {
            if (held.Distrust is not null || held.Torn is not null || !held.IsMember || Writing.HasJoined(held) || held.Engine.IsClosed
                || held.Accepted != held.Engine.Size || Writing.HasPendingControl(held) || _state.IsClockAhead)
                return false;
            Writing.Join(held); // EN-11
            return true;
        }
    }

    private bool HasObstacle(HeldConversation held)
    {
        lock (_state.Gate)
            return Writing.Obstacle(held) is not null;
    }

    // CK-07: whoever changed the members makes the epoch; if it does not come, whoever wants to write.
    private async Task RenewEpochAsync(HeldConversation held)
    {
        await RemoveEndedAsync(held);
        lock (_state.Gate)
            if (!IsToRenew(held) || IsKept(held))
                return;
        if (await Epochs.SignAsync(held, _linked.Token))
            await Uploads.SubmitAsync(held, _linked.Token);
    }

    // Under the gate.
    private bool IsToRenew(HeldConversation held) => Writing.IsWritable(held) && !Writing.HasPendingControl(held) && Writing.NeedsEpoch(held)
        && (held.LastChanger == _state.Self || Writing.HasWaitingText(held) && _state.Now - held.MembersChanged >= Pause);

    // SE-10: for an epoch that is not needed, only due, the server may have no room (LI-10). It would refuse it for good, and nothing could be
    // written, closed or left past it (EN-17): the one in force stays in force. Under the gate.
    private bool IsKept(HeldConversation held)
    {
        if (_session.Welcome.Room.ByEpoch(held.Engine) is null)
            return false;
        if (_toldKept.Add(held.Id))
            _state.Events.Publish(new ClientEvent.Warned(new SecurityWarning.EpochKept(held.Id, Writing.HasEpoch(held))));
        return true;
    }

    // A device whose certificate was revoked or has run out reads on, and nothing new can be sealed to it (CK-05): whoever writes next, or
    // is about to make an epoch, removes it.
    private async Task RemoveEndedAsync(HeldConversation held)
    {
        lock (_state.Gate)
        {
            if (!Writing.IsWritable(held) || Writing.HasPendingControl(held) || !Writing.HasWaitingText(held) && !IsToRenew(held))
                return;
            var ended = held.Engine.Members.Devices.Where(device => _state.Devices.HasEnded(device, _session.ServerNow, _state.Now)).ToList();
            if (ended.Count == 0 || ended.Contains(_state.Self))
                return;
            Writing.ChangeMembers(held, [], ended);
        }
        await Uploads.SubmitAsync(held, _linked.Token);
    }

    private bool HasUnfinished(HeldConversation held)
    {
        lock (_state.Gate)
            return held.Distrust is null && !held.Engine.IsClosed && held.IsMember
                && (Writing.HasWaitingText(held) || !Writing.HasJoined(held) || held.LastChanger == _state.Self && held.Engine.CurrentEpoch is null);
    }
}
