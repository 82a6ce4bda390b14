using System.Buffers;
using Countersign.Cryptography;
using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>One established link in use: requests find their answers, pushes are queued in order, pings keep it alive.
/// Ends once, with one reason.</summary>
internal sealed class Session : IAsyncDisposable
{
    private static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(120);

    /// <summary>For the answer to a request, whatever else is heard meanwhile (LI-08).</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(120);

    /// <summary>How long an ended link may still write: a peer that takes nothing keeps nobody.</summary>
    private static readonly TimeSpan PatienceAtEnd = TimeSpan.FromSeconds(2);

    private const int MaxUnanswered = 200;

    private readonly FrameStream _frames;
    private readonly ClientLink _link;
    private readonly TimeProvider _time;
#pragma warning disable CA2213 // They hold nothing, and who waits for one of them when this is disposed of has to go on.
    private readonly SemaphoreSlim _writing = new(1);
    private readonly SemaphoreSlim _room = new(MaxUnanswered);
#pragma warning restore CA2213
    private readonly Questions _questions;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop;
    private readonly TaskCompletionSource<LinkEnd?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _welcomed;
    private readonly DateTimeOffset _began;
    private long _heard; // by the clock that nobody sets
    private ulong _lastId;
    private ulong _lastPing;
    private Task _running = Task.CompletedTask;
    private Task _telling = Task.CompletedTask;

    private readonly Action<PushCrls, DateTimeOffset>? _takeLists;

    private Session(OpenedLink opened, TimeProvider time, Action<PushCrls, DateTimeOffset>? takeLists)
    {
        _takeLists = takeLists;
        (_frames, _link, _time) = (opened.Frames, opened.Link, time);
        _stop = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _questions = new Questions(time);
        _heard = _welcomed = time.GetTimestamp();
        _began = time.GetUtcNow();
    }

    /// <summary>The server that proved itself on this link.</summary>
    public VerifiedServer Server => _link.Server.Verified;

    public Welcome Welcome => _link.Welcome;

    /// <summary>What a change of password is bound to (SE-05).</summary>
    public ClientLink Link => _link;

    /// <summary>The server's clock, as far as its `welcome` tells; whoever sets this device's clock meanwhile does not move it.</summary>
    public DateTimeOffset ServerNow => _time.GetElapsedTime(_welcomed) is var since && since < DateTimeOffset.MaxValue - Welcome.Now
        ? Welcome.Now + since
        : DateTimeOffset.MaxValue; // it may say any time that there is

    /// <summary>What the server sent of its own accord, in order; completes when the link ends.</summary>
    public PushQueue Pushes { get; } = new();

    /// <summary>Completes when the link has ended: null after an orderly end that this side wanted.</summary>
    public Task<LinkEnd?> Ended => _ended.Task;

    /// <param name="opened">Ends with the session.</param>
    /// <param name="time">This device's clock.</param>
    /// <param name="takeLists">Takes pushed revocation lists, at the server's time, before anything that comes after them on the link is
    /// known to anybody (SE-09); null: they wait among the other pushes.</param>
    public static Session Start(OpenedLink opened, TimeProvider time, Action<PushCrls, DateTimeOffset>? takeLists = null)
    {
        var session = new Session(opened, time, takeLists);
        session._running = session.RunAsync();
        return session;
    }

    /// <summary>Sends a request and waits for its answer.</summary>
    /// <exception cref="RequestRefusedException">The server answered `refused`.</exception>
    /// <exception cref="NotConnectedException">The link ended first; whether the request was done is unknown.</exception>
    public async Task<TAnswer> AskAsync<TAnswer>(Func<ulong, Request> make, CancellationToken cancellation) where TAnswer : Answer
    {
        var answer = await (await SendAsync(make, cancellation)).WaitAsync(cancellation);
        return answer switch
        {
            TAnswer right => right,
            Refused refused => throw new RequestRefusedException(refused.Code),
            _ => throw Fail(new PeerFaultException(WireCode.BadMessage, "an answer of another kind")),
        };
    }

    /// <summary>Sends a request; the task it returns completes with the answer. Requests arrive in the order of the calls.</summary>
    public async Task<Task<Answer>> SendAsync(Func<ulong, Request> make, CancellationToken cancellation)
    {
        if (_ended.Task.IsCompleted)
            throw new NotConnectedException(_ended.Task.Result);
        await _room.WaitAsync(cancellation);
        return await AskInRoomAsync(make, cancellation).WaitAsync(cancellation); // half a record would end the link: a write goes on without its caller
    }

    private async Task<Task<Answer>> AskInRoomAsync(Func<ulong, Request> make, CancellationToken cancellation)
    {
        try
        {
            return await WriteAsync(make, cancellation);
        }
        catch
        {
            _room.Release(); // no answer will do it
            throw;
        }
    }

    private async Task<Task<Answer>> WriteAsync(Func<ulong, Request> make, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            var id = ++_lastId; // SE-01: ascending in the order of writing
            var answer = _questions.Add(id);
            await WriteAsync([Outgoing.Of(make(id))]);
            return answer;
        }
        catch (Exception e) when (LinkFailure.Of(e) is { } end)
        {
            End(end);
            throw new NotConnectedException(end);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            throw new NotConnectedException(await _ended.Task); // it ended while this was written; its end is known before it stops
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Says `bye` and waits for the server to end the stream (SE-07), but not for long.</summary>
    public async Task ByeAsync()
    {
        _stop.CancelAfter(PatienceAtEnd); // also where a write that does not end keeps it from being said
        await SayByeAsync();
        await _running;
    }

    private async Task SayByeAsync()
    {
        try
        {
            await _writing.WaitAsync(_stop.Token);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        try
        {
            var output = new ArrayBufferWriter<byte>();
            if (!End(null))
                return;
            _link.Sender.Bye(output);
            await _frames.SendAsync(output.WrittenMemory, _stop.Token);
            _frames.EndSending();
        }
        catch (Exception e) when (LinkFailure.Of(e) is not null || e is ObjectDisposedException or OperationCanceledException)
        {
            // The link was gone already, which is what was wanted.
        }
        finally
        {
            _writing.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        End(null);
        await _telling;
        await _stop.CancelAsync();
        await _running;
        await _writing.WaitAsync(); // what was being written is cancelled by now
        await _frames.DisposeAsync();
        _link.Dispose();
        _writing.Release(); // whoever still waits meets the end
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        var alive = StayAliveAsync();
        try
        {
            await HandleAsync(_link.First);
            while (await _frames.ReceiveAsync(_link.Receiver.FrameLimit, Take, _link.Receiver.StreamEnded, _stop.Token) is { } received)
                await HandleAsync(received);
            End(new LinkEnd.ToldByServer(WireCode.Shutdown)); // an orderly end that the server began
        }
        catch (PeerFaultException e)
        {
            End(LinkFailure.Of(e)!); // first: who waits to write meets the end, and not a sender that the alert has ended
            await TellAsync(e.Code);
        }
        catch (OperationCanceledException)
        {
            End(null);
        }
        catch (Exception e)
        {
            End(LinkFailure.OfAny(e));
        }
        finally
        {
            await _stop.CancelAsync();
            await alive;
        }
    }

    private Received Take(ReadOnlySequence<byte> body)
    {
        Volatile.Write(ref _heard, _time.GetTimestamp());
        return _link.Receiver.Receive(body, _began + _time.GetElapsedTime(_welcomed)); // RL-05: by the clock that nobody sets
    }

    private async Task HandleAsync(Received received)
    {
        if (received.Replies.Count > 0)
        {
            await _writing.WaitAsync(_stop.Token);
            try
            {
                await WriteAsync([.. received.Replies]);
            }
            finally
            {
                _writing.Release();
            }
        }
        foreach (var message in received.Messages)
            Route(message);
    }

    private void Route(SessionMessage message)
    {
        switch (message)
        {
            case Answer answer:
                _questions.Answer(answer);
                _room.Release();
                break;
            case PushCrls lists when _takeLists is not null:
                _takeLists(lists, ServerNow);
                break;
            case Push push:
                // Faster than they can be verified: the link ends, and the next one fetches what is missing at this side's pace.
                if (!Pushes.TryAdd(push) && !_ended.Task.IsCompleted)
                    throw new LinkEndedException(new LinkEnd.Network("more pushes than this client can take"));
                break;
        }
    }

    // Never waits for a write: one that does not end is what silence looks like from here.
    private async Task StayAliveAsync()
    {
        var pinging = Task.CompletedTask;
        try
        {
            using var timer = new PeriodicTimer(PingEvery, _time);
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                if (WhyDead() is { } why)
                {
                    End(new LinkEnd.Network(why));
                    await _stop.CancelAsync();
                }
                else if (pinging.IsCompleted)
                    pinging = PingAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The link has ended.
        }
        await pinging;
    }

    private string? WhyDead() => _time.GetElapsedTime(Volatile.Read(ref _heard)) > LongestSilence ? "silence"
        : _questions.LongestWait > LongestWait ? "the server does not answer what it is asked"
        : null;

    private async Task PingAsync()
    {
        if (!await _writing.WaitAsync(TimeSpan.Zero))
            return; // what is being written serves as well
        try
        {
            await WriteAsync([Outgoing.Of(new Ping(++_lastPing))]);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The link has ended.
        }
        catch (Exception e)
        {
            End(LinkFailure.OfAny(e));
        }
        finally
        {
            _writing.Release();
        }
    }

    // Under _writing.
    private async Task WriteAsync(Outgoing[] messages)
    {
        if (_ended.Task.IsCompleted)
            throw new LinkEndedException(_ended.Task.Result ?? new LinkEnd.Network("closed"));
        var output = new ArrayBufferWriter<byte>();
        _link.Sender.Write(messages, output);
        await _frames.SendAsync(output.WrittenMemory, _stop.Token);
    }

    private async Task TellAsync(WireCode code)
    {
        try
        {
            await _writing.WaitAsync(_stop.Token);
        }
        catch (OperationCanceledException)
        {
            return; // a write that does not end: the peer takes nothing
        }
        try
        {
            var output = new ArrayBufferWriter<byte>();
            _link.Sender.Alert(code, output); // ER-01
            await _frames.SendAsync(output.WrittenMemory, _stop.Token);
        }
        catch (Exception e) when (LinkFailure.Of(e) is not null || e is OperationCanceledException)
        {
            // The peer has gone already.
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>This client finds that the server broke a rule: the link ends with its code.</summary>
    public NotConnectedException Fail(PeerFaultException fault)
    {
        var end = LinkFailure.Of(fault)!;
        if (End(end))
            _telling = TellAndStopAsync(fault.Code);
        return new NotConnectedException(end);
    }

    /// <summary>This client has no use for the link any more, for a reason that is not the server's fault.</summary>
    public void Abandon(LinkEnd reason) => End(reason);

    private async Task TellAndStopAsync(WireCode code)
    {
        await TellAsync(code);
        await _stop.CancelAsync();
    }

    private bool End(LinkEnd? end)
    {
        lock (_gate)
        {
            if (!_ended.TrySetResult(end))
                return false;
            _stop.CancelAfter(PatienceAtEnd); // whatever is being written then
        }
        Pushes.Complete();
        _questions.End(end);
        _room.Release(); // whoever waits for room finds the end, and lets the next one find it
        return true;
    }
}
