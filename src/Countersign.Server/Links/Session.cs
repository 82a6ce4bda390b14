using System.Buffers;
using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Server;

/// <summary>An established link (SPEC section 6): reads requests in order, answers each once, and carries pushes.</summary>
internal sealed class Session
{
    private readonly ServerLink _link;
    private readonly LinkWire _wire;
    private readonly LinkEnd _end;
    private readonly LinkServices _server;
    private readonly Outbound _outbound;
    private readonly SemaphoreSlim _unanswered;
    private readonly UserBudget _budget;
    private Requests? _requests;
    private StorageRoom? _room;
    private RefusedEntries? _refused;
    private TrustState? _welcomedWith; // until every list of it is sent

    /// <param name="link">Ends with the session.</param>
    /// <param name="wire">The link's frames.</param>
    /// <param name="end">Of the link.</param>
    /// <param name="address">The peer's.</param>
    /// <param name="number">The link's, for the log.</param>
    /// <param name="server">What all links share.</param>
    public Session(ServerLink link, LinkWire wire, LinkEnd end, PeerAddress address, long number, LinkServices server)
    {
        (_link, _wire, _end, Address, Number, _server) = (link, wire, end, address, number, server);
        _unanswered = new SemaphoreSlim(server.Limits.UnansweredRequests);
        _budget = server.Rates.Users.Of(User);
        _outbound = new Outbound(link.Sender, wire.Output, server.Limits.OutboundBytes, server.Metrics);
    }

    public long Number { get; }

    public PeerAddress Address { get; }

    public DeviceId Device => _link.Device.Device;

    public UserName User => _link.Device.User;

    public VerifiedDevice Verified => _link.Device.Verified;

    /// <summary>The device's certificate and its issuing CA's.</summary>
    public CertificateChain Chain => _link.Device.Chain;

    /// <summary>What a change of password is bound to (SE-05).</summary>
    public Hash32 Binding => _link.Binding;

    /// <summary>What the user may still store.</summary>
    public StorageRoom Room => _room ??= _server.Storage.Of(User);

    /// <summary>What this link was refused; null while nothing was.</summary>
    public RefusedEntries? Refused => Volatile.Read(ref _refused);

    /// <summary>Queues a message to the peer, from any thread. A peer that does not read loses its link.</summary>
    public void Send(Outgoing message)
    {
        if (_outbound.Add(message) != QueueOutcome.Full)
            return;
        _server.Metrics.LimitMet(LimitNames.OutboundBytes);
        _end.Cut(WireCode.Busy, "SPEC 11 queued to one link");
        _outbound.Abandon();
    }

    /// <summary>Ends the link with this code.</summary>
    public void Cut(WireCode code, string rule) => _end.Cut(code, rule);

    /// <summary>Answers a request; the peer may have one more under way.</summary>
    public void Answer(Answer answer)
    {
        Send(Outgoing.Of(answer));
        if (answer is Invited invited)
            invited.Token.Dispose();
        _unanswered.Release();
    }

    /// <summary>Answers a request with a code; the link stays.</summary>
    public void Refuse(ulong id, WireCode code, string rule)
    {
        _server.Metrics.Failed(code.Name());
        _server.Lines.Refused(Number, id, code.Name(), rule);
        Answer(new Refused(id, code));
    }

    /// <summary>The entry was refused, and the link stays.</summary>
    public void AddRefused(Entry entry, WireCode code)
    {
        if (Refused is null)
            Interlocked.CompareExchange(ref _refused, new RefusedEntries(), null);
        Refused!.Add(entry, code);
    }

    /// <summary>Serves the session until it ends; the alert of a fault is written here, under k_chat, and flushed by the caller.</summary>
    /// <exception cref="PeerFaultException">The peer's fault.</exception>
    /// <exception cref="OperationCanceledException">The link was ended from elsewhere or by time.</exception>
    /// <returns>How the stream ended.</returns>
    public async Task<StreamEnd> RunAsync()
    {
        using var link = _link;
        try
        {
            await PrepareAsync().ConfigureAwait(false);
        }
        catch (StoreException failed)
        {
            _link.Sender.Alert(failed.Fault is StoreFault.Unavailable or StoreFault.Conflict ? WireCode.Busy : WireCode.Internal, _wire.Output); // flushed by the caller
            throw;
        }
        try
        {
            await JoinAsync().ConfigureAwait(false);
            return await ReceiveAsync().ConfigureAwait(false);
        }
        catch (PeerFaultException fault)
        {
            await StopSendingAsync().ConfigureAwait(false);
            _link.Sender.Alert(fault.Code, _wire.Output);
            throw;
        }
        catch (OperationCanceledException)
        {
            await AnswerRestAsync().ConfigureAwait(false);
            await StopSendingAsync().ConfigureAwait(false);
            _link.Sender.Alert(_end.Cause.Code, _wire.Output);
            throw;
        }
        finally
        {
            _server.Registry.Remove(this);
            await StopSendingAsync().ConfigureAwait(false);
            _server.Devices.Shown.Left(Verified);
        }
    }

    // HS-13: only now does the server act for the user.
    private async Task PrepareAsync()
    {
        var trust = _welcomedWith = _server.Trust.Current;
        await _server.Devices.StoreAsync(_link.Device).ConfigureAwait(false);
        var prekeys = await _server.Store.OneTimePrekeysAsync(Device).ConfigureAwait(false);
        Send(Outgoing.Of(new Welcome(_server.Clock.GetUtcNow(), prekeys, trust.ListsOf(Chain), _server.Limits.PasswordCost, _server.Limits.Room)));
        _server.Metrics.LoggedIn();
        _server.Lines.Ready(Number);
    }

    // SE-09: the lists first, then whatever is pushed to all; lists that were pushed to all before this link was one of them come after them.
    private async Task JoinAsync()
    {
        var told = _welcomedWith!;
        await SendListsAsync(told.ListsBeside(Chain)).ConfigureAwait(false);
        _server.Registry.Add(this);
        await SendListsAsync(_server.Trust.Current.ListsSince(told)).ConfigureAwait(false);
        _welcomedWith = null;
    }

    // Each when the one before it is sent, for together they may be more than is ever queued to one link.
    private async Task SendListsAsync(IEnumerable<CertificateRevocationList> lists)
    {
        foreach (var list in lists)
        {
            _end.Extend(_server.Limits.IdleTime);
            Send(Outgoing.Of(new PushCrls([list])));
            await _outbound.SentAsync().WaitAsync(_end.Token).ConfigureAwait(false);
        }
    }

    // What waits for the next frame holds nothing of the last one.
    private async Task<StreamEnd> ReceiveAsync()
    {
        var received = _link.TakeFirst();
        while (true)
        {
            try
            {
                await TakeAsync(received).ConfigureAwait(false);
            }
            finally
            {
                received.EndSecrets(); // also of a request behind one that ends the link
            }
            if (_link.Receiver.HasSaidBye) // SE-07
                return StreamEnd.AfterBye;
            FrameRead read;
            ReadOnlySequence<byte> body;
            do
                read = _wire.Take(await _wire.ReadAsync().ConfigureAwait(false), _link.Receiver.FrameLimit, out body);
            while (read == FrameRead.Partial);
            if (read == FrameRead.StreamEnded)
                return Ended(body);
            received = _link.Receiver.Receive(body, _server.Clock.GetUtcNow());
        }
    }

    // Links are cut every day, and each method that an exception goes through costs as much as a record: it is judged here.
    private StreamEnd Ended(ReadOnlySequence<byte> unread)
    {
        try
        {
            _link.Receiver.StreamEnded(unread); // RL-02
            return StreamEnd.AfterBye;
        }
        catch (TruncatedException)
        {
            return StreamEnd.Cut;
        }
    }

    private async Task TakeAsync(Received received)
    {
        _end.Extend(_server.Limits.IdleTime);
        for (var i = 0; i < received.Replies.Count; i++)
            Send(received.Replies[i]);
        await PayAsync(_budget.Requests, Costs.BesideRequests(received), LimitNames.RequestsPerSecond).ConfigureAwait(false);
        for (var i = 0; i < received.Messages.Count; i++)
            if (received.Messages[i] is Request request)
                await HandleAsync(request).ConfigureAwait(false);
        if (received.Messages.Count == 0)
            Rest(received);
    }

    // Most links are silent most of the time: what they keep then is most of a server's memory.
    private void Rest(Received received)
    {
        _link.Receiver.Rest();
        if (received.Replies.Count == 0)
            return; // a link that has just begun will perhaps say something
        Verified.Leaf.PublicKey.Rest();
        _end.Rest();
        _requests = null;
    }

    private async Task HandleAsync(Request request)
    {
        await (request is Submit
            ? PayAsync(_budget.Entries, 1, LimitNames.EntriesPerSecond)
            : PayAsync(_budget.Requests, Costs.Of(request), LimitNames.RequestsPerSecond)).ConfigureAwait(false);
        if (_unanswered.CurrentCount == 0)
            _server.Metrics.LimitMet(LimitNames.UnansweredRequests);
        await _unanswered.WaitAsync(_end.Token).ConfigureAwait(false);
        try
        {
            await (_requests ??= new Requests(this, _server)).HandleAsync(request, _end.Token).ConfigureAwait(false);
        }
        catch
        {
            _unanswered.Release();
            throw;
        }
    }

    /// <summary>LI-04: what the entry costs beyond a request. Returns when it is paid for.</summary>
    public Task PayAsync(Entry entry) => Costs.BesideSubmit(entry) is > 0 and var more ? PayAsync(_budget.Entries, more, LimitNames.EntriesPerSecond) : Task.CompletedTask;

    // LI-05: who has used up his rate waits, and with him his link: nothing is read from it meanwhile, and nothing is lost or out of order.
    private async Task PayAsync(Budget budget, int units, string limit)
    {
        var wait = budget.Take(units);
        if (wait == TimeSpan.Zero)
            return;
        _server.Metrics.LimitMet(limit);
        _end.Extend(wait + _server.Limits.IdleTime);
        await Task.Delay(wait, _server.Clock, _end.Token).ConfigureAwait(false);
        _end.Extend(_server.Limits.IdleTime);
    }

    // A server that goes down still answers what the ledger has taken: when every permit is back, nothing is under way.
    private async Task AnswerRestAsync()
    {
        if (_end.Cause.Code != WireCode.Shutdown)
            return;
        using var patience = new CancellationTokenSource(_server.Limits.DrainTime, _server.Clock);
        try
        {
            for (var i = 0; i < _server.Limits.UnansweredRequests; i++)
                await _unanswered.WaitAsync(patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return; // the peer sends again and is answered like the first time (EN-07)
        }
    }

    private async Task StopSendingAsync()
    {
        var sending = _outbound.CompleteAsync();
        await sending.WaitAsync(_server.Limits.DrainTime, _server.Clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (sending.IsCompleted)
            return;
        _outbound.Abandon();
        await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}

/// <summary>How a session's stream has ended.</summary>
internal enum StreamEnd
{
    /// <summary>As it should (SE-07).</summary>
    AfterBye,
    /// <summary>Inside a frame, or without <c>bye</c> (RL-02).</summary>
    Cut,
}
