using Countersign.Cryptography;
using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>Keeps a link up: connects, serves, waits, connects again, until it is stopped or a person has to act first.</summary>
internal sealed class Connection : IAsyncDisposable
{
    /// <summary>Where a clock that is set right would end a refusal, it is tried again.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan NoticeableLead = TimeSpan.FromSeconds(60);

    private readonly ClientState _state;
    private readonly Writing _writing;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _again = new(0, 1);
    private readonly Lock _gate = new();
    private TaskCompletionSource _synchronised = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ConnectionState _now = new ConnectionState.Offline();
    private Linked? _linked;
    private ReadOnlyMemory<char>? _offered;
    private bool _isOfferNew; // no attempt has had it yet
    private bool _hasAdopted;
    private Task _running = Task.CompletedTask;
    private bool _started;
    private TimeSpan _toldLead;

    public Connection(ClientState state, Writing writing) => (_state, _writing) = (state, writing);

    /// <summary>The link that is up, with what works on it.</summary>
    internal sealed record Linked(Session Session, Upkeep Upkeep, Operations Operations);

    public ConnectionState State
    {
        get
        {
            lock (_gate)
                return _now;
        }
    }

    /// <summary>The link that is up.</summary>
    /// <exception cref="NotConnectedException">None is.</exception>
    public Linked Require()
    {
        lock (_gate)
            return _linked ?? throw new NotConnectedException((_now as ConnectionState.Waiting)?.Cause ?? (_now as ConnectionState.Refused)?.Cause);
    }

    public Linked? Current
    {
        get
        {
            lock (_gate)
                return _linked;
        }
    }

    /// <summary>Completes when the present or the next link has caught up with everything.</summary>
    public Task Synchronised
    {
        get
        {
            lock (_gate)
                return _synchronised.Task;
        }
    }

    /// <summary>The passphrase that was offered last is this profile's now.</summary>
    public bool HasAdopted
    {
        get
        {
            lock (_gate)
                return _hasAdopted;
        }
    }

    /// <summary>Starts, or tries again at once.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            if (!_started)
            {
                _started = true;
                _running = RunAsync();
                return;
            }
            if (_again.CurrentCount == 0)
                _again.Release();
        }
    }

    /// <summary>A passphrase for the next login, if the account has another one than the profile knows.</summary>
    public void Offer(ReadOnlyMemory<char> passphrase)
    {
        lock (_gate)
        {
            (_offered, _isOfferNew, _hasAdopted) = (passphrase, true, false);
            if (_synchronised.Task.IsCompleted)
                _synchronised = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        Begin();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
        _again.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            for (var failures = 0; ; failures++)
            {
                Set(new ConnectionState.Connecting(failures + 1));
                var (end, served) = await OnceAsync();
                if (served)
                    failures = 0;
                _stop.Token.ThrowIfCancellationRequested();
                await WaitAsync(end, failures);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Stopped.
        }
        finally
        {
            Set(new ConnectionState.Offline());
            lock (_gate)
            {
                _synchronised.TrySetException(new NotConnectedException(null));
                _ = _synchronised.Task.Exception; // nobody may be waiting for it
            }
        }
    }

    /// <summary>One link from its beginning to its end. Whatever went wrong is that end: a person sees it, and the next attempt comes.</summary>
    private async Task<(LinkEnd End, bool Served)> OnceAsync()
    {
        var served = false;
        LinkEnd end;
        try
        {
            end = await LinkAsync(() =>
            {
                served = true;
                lock (_gate)
                    _synchronised.TrySetResult();
            });
        }
        catch (Exception e) when (!IsStop(e))
        {
            end = LinkFailure.OfAny(e);
        }
        if (end is LinkEnd.Storage or LinkEnd.OwnFault)
            lock (_state.Gate)
                _state.Forget(); // memory may be ahead of the store: read again
        return (Explain(end), served);
    }

    private async Task<LinkEnd> LinkAsync(Action synchronised)
    {
        var session = Session.Start(await OpenAsync(), _state.Settings.Time, TakeLists);
        try
        {
            await OrEndAsync(session, () => RenewAsync(session));
            await using var upkeep = new Upkeep(_state, session, _writing, _stop.Token);
            await OrEndAsync(session, () => ServeAsync(session, upkeep, synchronised));
        }
        finally
        {
            Leave();
            await session.DisposeAsync();
        }
        return await session.Ended ?? new LinkEnd.Network("closed");
    }

    private void TakeLists(PushCrls pushed, DateTimeOffset at)
    {
        lock (_state.Gate)
            _state.Devices.Learn(pushed.Crls, at);
    }

    private async Task ServeAsync(Session session, Upkeep upkeep, Action synchronised)
    {
        if (session.Ended.IsCompleted)
            return;
        Enter(new Linked(session, upkeep, new Operations(_state, session, upkeep)));
        await upkeep.RunAsync(synchronised);
        if (_stop.IsCancellationRequested)
            await session.ByeAsync();
    }

    // A failure ends the session before anything else ends: who waits for an answer on it is waited for then.
    private async Task OrEndAsync(Session session, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception e) when (!IsStop(e))
        {
            session.Abandon(LinkFailure.OfAny(e));
        }
    }

    private bool IsStop(Exception e) => e is OperationCanceledException && _stop.IsCancellationRequested;

    private async Task<OpenedLink> OpenAsync()
    {
        var profile = _state.Profile;
        var opener = new LinkOpener(profile.Address, _state.Settings.Time, phase => _state.Events.Publish(new ClientEvent.LinkProgressed(phase)));
        var identity = new ClientIdentity(profile.Chain, profile.Key);
        RevocationSet revocations;
        ReadOnlyMemory<char>? offered;
        lock (_state.Gate)
            revocations = _state.Devices.Revocations;
        lock (_gate)
            (offered, _isOfferNew) = (_offered, false);
        var target = new ServerTarget(profile.Server, TrustAnchor.FromCertificate(profile.Root), revocations);
        var login = new AccountLogin(profile.Store, profile.Opening, _state.Settings.PassphraseCost);
        return await EstablishedAsync(await opener.OpenAsync(identity, target, async (steps, choice) =>
        {
            var next = await login.LoginAsync(steps, choice, offered);
            lock (_gate)
                _hasAdopted |= login.HasAdopted; // a link that ends before it has caught up changes nothing of that
            _state.Events.Publish(new ClientEvent.LinkProgressed(new LinkPhase.LoggedIn(profile.User)));
            return next;
        }, _stop.Token));
    }

    private async Task<OpenedLink> EstablishedAsync(OpenedLink opened)
    {
        try
        {
            lock (_state.Gate)
            {
                _state.Devices.Store();
                _state.Store.Certificates.AddServer(opened.Link.Server.Chain);
                _state.Sent.Clear();
            }
        }
        catch
        {
            opened.Link.Dispose();
            await opened.Frames.DisposeAsync();
            throw;
        }
        lock (_gate)
            _offered = null;
        return opened;
    }

    // AC-07, once for each time the passphrase was given: a server that wants more and more is heard once.
    private async Task RenewAsync(Session session)
    {
        if (_state.Profile.Opening is not { } passphrase)
            return;
        try
        {
            await new PassphraseChange(_state.Store, _state.Settings.PassphraseCost).RenewAsync(session, passphrase, _stop.Token);
        }
        catch (Exception e) when (e is RequestRefusedException or NotConnectedException or PassphraseRefusedException)
        {
            // The account is as it was, or the next login shows what it is; if the link has ended, the session says why.
        }
        finally
        {
            _state.Profile.ForgetPassphrase();
        }
    }

    private void Enter(Linked linked)
    {
        CompareClocks(linked.Session);
        lock (_gate)
        {
            _linked = linked;
            if (_synchronised.Task.IsCompleted)
                _synchronised = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        Set(new ConnectionState.Online(_state.Now));
    }

    private void Leave()
    {
        lock (_gate)
            _linked = null;
        lock (_state.Gate)
            _state.Sent.Clear(); // the server's clock goes on being known: what is written without a link is signed by it, too (EN-08)
    }

    // Told once for a difference, not at each link.
    private void CompareClocks(Session session)
    {
        TimeSpan lead;
        lock (_state.Gate)
        {
            _state.ServerClock = () => session.ServerNow;
            lead = _state.ClockLead;
        }
        if ((lead - _toldLead).Duration() <= NoticeableLead)
            return;
        _toldLead = lead.Duration() > NoticeableLead ? lead : TimeSpan.Zero;
        if (_toldLead != TimeSpan.Zero)
            _state.Events.Publish(new ClientEvent.Warned(new SecurityWarning.ClockDiffers(lead)));
    }

    private async Task WaitAsync(LinkEnd end, int failures)
    {
        if (LinkFailure.IsFinal(end))
        {
            Refuse(end);
            await SoonerAsync(LinkFailure.MayPass(end) ? LookAgain : Timeout.InfiniteTimeSpan);
            return;
        }
        var delay = _state.Settings.ReconnectDelay.After(failures + 1);
        Set(new ConnectionState.Waiting(_state.Now + delay, end));
        await SoonerAsync(delay);
    }

    // Until the delay is over, or Begin is called.
    private async Task SoonerAsync(TimeSpan delay)
    {
        using var sooner = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        await Task.WhenAny(Task.Delay(delay, _state.Settings.Time, sooner.Token), _again.WaitAsync(sooner.Token));
        await sooner.CancelAsync();
    }

    /// <summary>What the server tells only by code, this device's own certificate may explain.</summary>
    private LinkEnd Explain(LinkEnd end)
    {
        if (end is not LinkEnd.ToldByServer { Code: WireCode.BadCert })
            return end;
        lock (_state.Gate)
            return _state.Devices.OwnFault(_state.Now) is { } fault ? new LinkEnd.OwnCertificate(fault) : end;
    }

    // State and waiters change together: whoever sees the refusal and acts on it waits for the next attempt, not for this one.
    private void Refuse(LinkEnd end)
    {
        var refused = new ConnectionState.Refused(end);
        lock (_gate)
        {
            _now = refused;
            if (!_isOfferNew) // a passphrase that came meanwhile is for the next attempt, which is about to begin
            {
                _synchronised.TrySetException(new NotConnectedException(end));
                _ = _synchronised.Task.Exception; // nobody may be waiting for it
                _synchronised = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
        _state.Events.Publish(new ClientEvent.ConnectionChanged(refused));
    }

    private void Set(ConnectionState state)
    {
        lock (_gate)
            _now = state;
        _state.Events.Publish(new ClientEvent.ConnectionChanged(state));
    }
}
