using System.Buffers;
using Countersign.Cryptography;
using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>Opens links: each method reads in the protocol's order (SPEC 4.2).</summary>
internal sealed class LinkOpener(ServerAddress address, TimeProvider time, Action<LinkPhase> progress)
{
    /// <summary>From connecting to `welcome`: SPEC 11 gives the server 20 s, and so does the client.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private FrameStream? _frames;
    private ReadOnlyMemory<byte> _unsent;
    private CancellationToken _cancellation;

    /// <summary>Has the invitation's key certified (SPEC 10).</summary>
    /// <exception cref="LinkEndedException">With the reason.</exception>
    public async Task<EnrolledDevice> EnrolAsync(
        Invitation invitation, CertificationRequest request, RevocationSet revocations, CancellationToken cancellation)
    {
        using var handshake = ClientHandshake.ForEnrolment(invitation, request, revocations);
        await using var frames = await ConnectAsync(cancellation);
        return await Guard(handshake, async () =>
        {
            var certificates = await Next(await Send(handshake.Start));
            var proof = await Next(certificates);
            var finished = await Next(proof);
            var enrolled = await Next(await Next(finished)); // IN-01: everything about the server was checked before `enrol` left
            var server = enrolled.Server.Verified;
            progress(new LinkPhase.ServerVerified(server.Name, server.Leaf.Fingerprint, server.Root.Fingerprint));
            progress(new LinkPhase.Certified(enrolled.Device.User, enrolled.Device.Leaf.Fingerprint));
            return enrolled;
        });
    }

    /// <summary>Opens a session: handshake, account, second exchange, `ready` and `welcome`.</summary>
    /// <exception cref="LinkEndedException">With the reason.</exception>
    public async Task<OpenedLink> OpenAsync(
        ClientIdentity identity, ServerTarget target, Func<AccountSteps, AccountChoice, Task<ExpectRekeyReply>> account, CancellationToken cancellation)
    {
        using var handshake = ClientHandshake.ForSession(identity, target);
        var frames = await ConnectAsync(cancellation);
        try
        {
            return await Guard(handshake, async () =>
            {
                var certificates = await Next(await Send(handshake.Start));
                var proof = await Next(certificates);
                var finished = await Next(proof);
                var choice = await NextUnsent(finished);
                var server = choice.Server.Verified;
                progress(new LinkPhase.ServerVerified(server.Name, server.Leaf.Fingerprint, server.Root.Fingerprint));
                progress(new LinkPhase.AuthKeyDerived(identity.Chain.Leaf.Fingerprint));
                var rekey = await account(new AccountSteps(this), choice);
                var welcome = await Next(rekey);
                progress(new LinkPhase.ChatKeyDerived());
                var link = await Next(welcome); // HS-13: only now is the link established on both sides
                progress(new LinkPhase.Ready(link.Welcome.Now));
                return new OpenedLink(frames, link);
            });
        }
        catch
        {
            await frames.DisposeAsync();
            throw;
        }
    }

    /// <summary>The two ways through section 5, for the one who decides between them.</summary>
    internal sealed class AccountSteps(LinkOpener opener)
    {
        public async Task<ExpectRekeyReply> RegisterAsync(AccountChoice choice, AccountRecord record) =>
            await opener.Next(await opener.Send(choice.Register(record)));

        public async Task<PasswordChallenge> AskAsync(AccountChoice choice) => await opener.Next(await opener.Send(choice.Login()));

        public async Task<ExpectRekeyReply> AnswerAsync(PasswordChallenge challenge, LoginSecret secret) =>
            await opener.Next(await opener.Send(challenge.Answer(secret)));
    }

    private async Task<FrameStream> ConnectAsync(CancellationToken cancellation)
    {
        _cancellation = cancellation;
        try
        {
            using var limit = Limited();
            _frames = await FrameStream.ConnectAsync(address, limit.Token);
            progress(new LinkPhase.Connected(address));
            return _frames;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new LinkEndedException(new LinkEnd.Network("no answer in time"));
        }
        catch (Exception e) when (LinkFailure.Of(e) is { } end)
        {
            throw new LinkEndedException(end, e);
        }
    }

    /// <summary>Runs the handshake; a fault of the peer is reported to it once (ER-01).</summary>
    private async Task<T> Guard<TNext, T>(ClientHandshake<TNext> handshake, Func<Task<T>> steps)
    {
        var caller = _cancellation;
        using var limit = Limited();
        _cancellation = limit.Token;
        try
        {
            return await steps();
        }
        catch (OperationCanceledException) when (!caller.IsCancellationRequested)
        {
            throw new LinkEndedException(new LinkEnd.Network("no answer in time"));
        }
        catch (PeerFaultException e)
        {
            await TellAsync(handshake.Alert(e.Code));
            throw new LinkEndedException(LinkFailure.Of(e)!, e);
        }
        catch (Exception e) when (e is not LinkEndedException && LinkFailure.Of(e) is { } end)
        {
            throw new LinkEndedException(end, e);
        }
    }

    private async Task TellAsync(ReadOnlyMemory<byte> alert)
    {
        try
        {
            await _frames!.SendAsync(alert, _cancellation);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The peer has gone already; the fault itself is what is reported.
        }
    }

    private async Task<TState> Send<TState>(Step<TState> step)
    {
        var frames = _unsent.IsEmpty ? step.Output : (byte[])[.. _unsent.Span, .. step.Output.Span];
        _unsent = default;
        if (!frames.IsEmpty)
            await _frames!.SendAsync(frames, _cancellation);
        return step.Next;
    }

    // One frame for the state that awaits it, and the frames it gives in answer.
    private async Task<TNext> Next<TNext>(HandshakeState<TNext> state) => await Send(await Receive(state));

    // The same, but the answer goes with the next frames, in one write: this side has more to say before it waits.
    private async Task<TNext> NextUnsent<TNext>(HandshakeState<TNext> state)
    {
        var step = await Receive(state);
        _unsent = step.Output;
        return step.Next;
    }

    private async Task<Step<TNext>> Receive<TNext>(HandshakeState<TNext> state) => (await _frames!.ReceiveAsync(
        state.FrameLimit, body => new Boxed<TNext>(state.Receive(body, time.GetUtcNow())),
        static _ => throw new LinkEndedException(new LinkEnd.Network("the connection was cut")), _cancellation))!.Step;

    private CancellationTokenSource Limited()
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(_cancellation);
        source.CancelAfter(Limit);
        return source;
    }

    private sealed record Boxed<TNext>(Step<TNext> Step);
}

/// <summary>An established link and its connection.</summary>
internal sealed record OpenedLink(FrameStream Frames, ClientLink Link);
