using System.Buffers;
using System.IO.Pipelines;
using Countersign.Cryptography;
using Countersign.Protocol;

namespace Countersign.Server;

/// <summary>One connection from accept to close, in the protocol's order (SPEC 4): handshake, then enrolment, or registration or
/// login, first rekey, and the session.</summary>
internal sealed class Link(IDuplexPipe transport, PeerAddress address, long number, LinkServices server) : IDisposable
{
    /// <summary>How long the last frames of a link may take.</summary>
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(1);

    private readonly LinkEnd _end = new(transport.Input, server.Limits.HandshakeTime, server.Clock);
    private ServerHandshake? _handshake;
    private LinkWire? _wire;
    private string _limitOfTime = LimitNames.HandshakeTime;

    private LinkWire Wire => _wire ??= new LinkWire(transport, _end);

    /// <summary>Ends the link with this code, whatever it is doing.</summary>
    public void Cut(WireCode code, string rule) => _end.Cut(code, rule);

    /// <summary>Serves the peer until the link ends. Whatever the peer does, this completes without an exception.</summary>
    public async Task RunAsync()
    {
        var trust = server.Trust.Current;
        var handshake = _handshake = new ServerHandshake(trust.Identity, trust.Revocations, server.Devices.Shown);
        using var place = server.Counts.TryTake(address, rule => Cut(WireCode.Busy, rule));
        try
        {
            if (place is null)
                throw new PeerFaultException(WireCode.Busy, "SPEC 11 links");
            if (await EstablishAsync(handshake.Start).ConfigureAwait(false) is { } link)
                await ServeAsync(link, place).ConfigureAwait(false);
        }
        catch (PeerFaultException fault)
        {
            await EndAsync(fault).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            if (_end.Cause.Code == WireCode.Timeout)
                server.Metrics.LimitMet(_limitOfTime);
            await EndAsync(_end.Cause).ConfigureAwait(false);
        }
        catch (Exception e) when (IsCut(e))
        {
            Report(LinkLog.Truncated, "RL-02");
        }
        catch (PeerAlertException alert)
        {
            server.Lines.EndedByPeer(number, alert.Code.Name());
        }
        catch (StoreException e) when (e.Fault is StoreFault.Unavailable or StoreFault.Conflict)
        {
            server.Lines.Fault(number, e);
            await EndAsync(new PeerFaultException(WireCode.Busy, "the store")).ConfigureAwait(false); // come again
        }
        catch (Exception e)
        {
            server.Lines.Fault(number, e); // our own: the peer learns a code, the operator the rest
            await EndAsync(new PeerFaultException(WireCode.Internal, "a fault of this server")).ConfigureAwait(false);
        }
    }

    /// <summary>The handshake: a link, or null after an enrolment.</summary>
    private async Task<ServerLink?> EstablishAsync(ExpectHello start)
    {
        switch (await BeginAsync(start).ConfigureAwait(false))
        {
            case ExpectEnrol enrol:
                var enrolment = await StepAsync(enrol).ConfigureAwait(false);
                var enrolled = await new Enrolments(server).EnrolAsync(enrolment).ConfigureAwait(false);
                await SendLastAsync(enrolled).ConfigureAwait(false);
                return null;
            case ExpectClientCertificates certificates:
                var proof = await StepAsync(certificates).ConfigureAwait(false);
                var finished = await StepAsync(proof).ConfigureAwait(false);
                var account = await StepAsync(finished).ConfigureAwait(false);
                var rekey = await LogInAsync(await StepAsync(account).ConfigureAwait(false)).ConfigureAwait(false);
                var done = await StepAsync(rekey).ConfigureAwait(false);
                var ready = await StepAsync(done).ConfigureAwait(false);
                return await StepAsync(ready).ConfigureAwait(false);
            default:
                throw new InvalidOperationException("a third thing to follow a hello");
        }
    }

    private async Task ServeAsync(ServerLink established, LinkPlace place)
    {
        EndHandshake(); // a link may live for days: nothing of the way there is kept
        _end.Rest();
        _limitOfTime = LimitNames.IdleTime;
        var session = new Session(established, Wire, _end, address, number, server);
        place.LoggedIn(session.User);
        if (await session.RunAsync().ConfigureAwait(false) == StreamEnd.Cut) // HS-13
            Report(LinkLog.Truncated, "RL-02");
    }

    // SPEC 5
    private async Task<ExpectRekeyStart> LogInAsync(AccountRequest request)
    {
        var accounts = new Logins(server, address);
        switch (request)
        {
            case RegistrationRequest registration:
                return await SendAsync(await accounts.RegisterAsync(registration).ConfigureAwait(false)).ConfigureAwait(false);
            case LoginRequest login:
                var response = await SendAsync(await accounts.ChallengeAsync(login).ConfigureAwait(false)).ConfigureAwait(false);
                var body = await ReadAsync(response.FrameLimit).ConfigureAwait(false);
                var judged = await accounts.JudgeAsync(login.Device.User, () => WorkAsync(response, body), _end.Token).ConfigureAwait(false);
                return await SendAsync(judged).ConfigureAwait(false);
            default:
                throw new InvalidOperationException("an account request of a third kind");
        }
    }

    // The first answer holds a signature and a key exchange, for anybody who asks: so many for one address.
    private async Task<IServerFlightSent> BeginAsync(ExpectHello state)
    {
        var body = await ReadAsync(state.FrameLimit).ConfigureAwait(false);
        if (server.Rates.Handshakes.Of(address).TryTake(1) == BudgetOutcome.Spent)
        {
            server.Metrics.LimitMet(LimitNames.HandshakesPerSecond);
            throw new PeerFaultException(WireCode.Busy, "SPEC 11 handshakes of an address");
        }
        return await SendAsync(await WorkAsync(state, body).ConfigureAwait(false)).ConfigureAwait(false);
    }

    /// <summary>Reads the one frame that <paramref name="state"/> awaits, lets it answer, and sends the answer.</summary>
    private async Task<TNext> StepAsync<TNext>(HandshakeState<TNext> state)
    {
        var body = await ReadAsync(state.FrameLimit).ConfigureAwait(false);
        return await SendAsync(await WorkAsync(state, body).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private async Task<ReadOnlySequence<byte>> ReadAsync(int limit)
    {
        while (true)
        {
            switch (Wire.Take(await Wire.ReadAsync().ConfigureAwait(false), limit, out var body))
            {
                case FrameRead.Whole:
                    return body;
                case FrameRead.StreamEnded:
                    throw new IOException("The stream ended inside the handshake.");
            }
        }
    }

    // Signatures and key exchanges are costly: so many at once, and the others wait for their address's turn (SPEC section 11).
    private async Task<Step<TNext>> WorkAsync<TNext>(HandshakeState<TNext> state, ReadOnlySequence<byte> body) => state.IsCostly
        ? await server.Workers.RunAsync(address, () => state.Receive(body, server.Clock.GetUtcNow()), _end.Token).ConfigureAwait(false)
        : state.Receive(body, server.Clock.GetUtcNow());

    private async Task<TNext> SendAsync<TNext>(Step<TNext> step)
    {
        await Wire.SendAsync(step.Output).ConfigureAwait(false);
        return step.Next;
    }

    // Once the link is established, the session has written its own alert.
    private async Task EndAsync(PeerFaultException fault)
    {
        Report(fault.Code.Name(), fault.Rule);
        await SendLastAsync(_handshake?.Alert(fault.Code) ?? ReadOnlyMemory<byte>.Empty).ConfigureAwait(false);
    }

    private void EndHandshake()
    {
        _handshake?.Dispose();
        _handshake = null;
    }

    private async Task SendLastAsync(ReadOnlyMemory<byte> frames)
    {
        using var patience = new CancellationTokenSource(LastPatience, server.Clock);
        try
        {
            await Wire.SendLastAsync(frames, patience).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException || IsCut(e))
        {
            return; // the peer did not wait for it
        }
    }

    private void Report(string code, string rule)
    {
        server.Metrics.Failed(code);
        server.Lines.Failed(number, code, rule);
    }

    // How the transport reports that the stream was cut.
    private static bool IsCut(Exception e) => e is IOException or Microsoft.AspNetCore.Connections.ConnectionAbortedException;

    public void Dispose()
    {
        EndHandshake();
        _end.Dispose();
    }
}
