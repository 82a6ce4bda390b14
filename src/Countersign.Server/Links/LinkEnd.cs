using Countersign.Protocol;

namespace Countersign.Server;

/// <summary>How long a link may live, and why it ends: time, or a cause from elsewhere. The first cause counts.</summary>
internal sealed class LinkEnd : IDisposable
{
    private readonly CancellationTokenSource _source;
    private PeerFaultException? _cause;

    public LinkEnd(TimeSpan time, TimeProvider clock) => _source = new CancellationTokenSource(time, clock);

    /// <summary>Stops every wait of the link's reading side.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>The cause; when nobody gave one, time has run out.</summary>
    public PeerFaultException Cause => Volatile.Read(ref _cause) ?? new PeerFaultException(WireCode.Timeout, "SPEC 11");

    /// <summary>Starts the time anew; an end that has come stays.</summary>
    public void Extend(TimeSpan time)
    {
        if (!_source.IsCancellationRequested)
            _source.CancelAfter(time);
    }

    /// <summary>Ends the link with this code.</summary>
    public void Cut(WireCode code, string rule)
    {
        Interlocked.CompareExchange(ref _cause, new PeerFaultException(code, rule), null);
        try
        {
            _source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            return; // it has just ended by itself
        }
    }

    public void Dispose() => _source.Dispose();
}
