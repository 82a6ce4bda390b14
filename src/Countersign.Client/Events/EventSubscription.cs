using System.Threading.Channels;

namespace Countersign.Client;

/// <summary>One reader's stream of events, from the moment it subscribed. Bounded: a reader that does not keep up gets
/// <see cref="ClientEvent.Missed"/> in place of what was dropped, or before it, and never holds up the link.</summary>
public sealed class EventSubscription : IAsyncEnumerable<ClientEvent>, IDisposable
{
    private const int Capacity = 1024;

    // The last place is for Missed alone: it has to be there when nothing happens any more.
    private readonly Channel<ClientEvent> _channel = Channel.CreateBounded<ClientEvent>(new BoundedChannelOptions(Capacity + 1) { SingleReader = true });

    private readonly Action<EventSubscription> _ended;
    private readonly bool _warningsAlone;
    private long _written;
    private long _missed = -1; // how many were written before the last Missed

    internal EventSubscription(Action<EventSubscription> ended, bool warningsAlone) => (_ended, _warningsAlone) = (ended, warningsAlone);

    public IAsyncEnumerator<ClientEvent> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        _channel.Reader.ReadAllAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);

    /// <summary>Ends the stream; no event comes after it.</summary>
    public void Dispose()
    {
        _ended(this);
        _channel.Writer.TryComplete();
    }

    internal void Complete() => _channel.Writer.TryComplete();

    /// <summary>Called by one writer at a time.</summary>
    internal void Publish(ClientEvent happened)
    {
        if (_warningsAlone && happened is not ClientEvent.Warned)
            return;
        var unread = _channel.Reader.Count;
        if (unread < Capacity)
        {
            Write(happened);
        }
        else if (_missed < _written - unread) // one that is still unread stands for this, too: its reader reads the state after it
        {
            _missed = _written;
            Write(new ClientEvent.Missed());
        }
    }

    private void Write(ClientEvent happened)
    {
        if (_channel.Writer.TryWrite(happened))
            _written++;
    }
}
