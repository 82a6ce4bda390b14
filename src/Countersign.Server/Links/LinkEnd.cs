using System.IO.Pipelines;
using Countersign.Protocol;

namespace Countersign.Server;

/// <summary>How long a link may live, and why it ends: time, or a cause from elsewhere. The first cause counts.</summary>
/// <remarks>Most links wait for their peer most of the time: that wait is ended through the pipe itself, and a token is made only for other
/// waits.</remarks>
internal sealed class LinkEnd : IDisposable
{
    private readonly PipeReader _input;
    private readonly ITimer _timer;
    private CancellationTokenSource? _source;
    private PeerFaultException? _cause;
    private volatile bool _hasCome;

    /// <param name="input">What the link's peer sends.</param>
    /// <param name="time">How long the link may live unless it is extended.</param>
    /// <param name="clock">Measures it.</param>
    public LinkEnd(PipeReader input, TimeSpan time, TimeProvider clock)
    {
        _input = input;
        _timer = clock.CreateTimer(static end => ((LinkEnd)end!).Come(), this, time, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Stops a wait of the link's reading side.</summary>
    public CancellationToken Token
    {
        get
        {
            var source = Volatile.Read(ref _source) ?? Make();
            if (_hasCome)
                source.Cancel(); // it may have come before there was a source
            return source.Token;
        }
    }

    /// <summary>The cause; when nobody gave one, time has run out.</summary>
    public PeerFaultException Cause => Volatile.Read(ref _cause) ?? new PeerFaultException(WireCode.Timeout, "SPEC 11");

    /// <summary>Waits for bytes of the peer. A result that is cancelled says that the end has come.</summary>
    public ValueTask<ReadResult> ReadAsync() => _hasCome
        ? ValueTask.FromException<ReadResult>(new OperationCanceledException())
        : _input.ReadAsync(CancellationToken.None); // if the end comes here, the pipe remembers it

    /// <summary>Nothing waits: no token is needed until somebody asks for one.</summary>
    public void Rest() => Volatile.Write(ref _source, null);

    /// <summary>Starts the time anew; an end that has come stays.</summary>
    public void Extend(TimeSpan time)
    {
        if (!_hasCome)
            _timer.Change(time, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Ends the link with this code. What waits for the end goes on elsewhere: who cuts may be the ledger.</summary>
    public void Cut(WireCode code, string rule)
    {
        Interlocked.CompareExchange(ref _cause, new PeerFaultException(code, rule), null);
        _hasCome = true;
        ThreadPool.UnsafeQueueUserWorkItem(static end => end.Come(), this, preferLocal: false);
    }

    private void Come()
    {
        _hasCome = true;
        Interlocked.MemoryBarrier(); // whoever makes a source after this line sees that the end has come
        Volatile.Read(ref _source)?.Cancel();
        _input.CancelPendingRead();
    }

    private CancellationTokenSource Make()
    {
        var made = new CancellationTokenSource();
        return Interlocked.CompareExchange(ref _source, made, null) ?? made;
    }

    public void Dispose() => _timer.Dispose();
}
