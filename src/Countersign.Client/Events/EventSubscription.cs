using System.Threading.Channels;

namespace Countersign.Client;

/// <summary>One reader's stream of events, from the moment it subscribed. Bounded: a reader that does not keep up gets
/// <see cref="ClientEvent.Missed"/> in place of what was dropped, and never holds up the link.</summary>
public sealed class EventSubscription : IAsyncEnumerable<ClientEvent>, IDisposable
{
    private const int Capacity = 1024;
    private readonly Channel<ClientEvent> _channel = Channel.CreateBounded<ClientEvent>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly Action<EventSubscription> _ended;
    private bool _missed;

    internal EventSubscription(Action<EventSubscription> ended) => _ended = ended;

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
        if (_missed)
            _missed = !_channel.Writer.TryWrite(new ClientEvent.Missed());
        if (_missed || !_channel.Writer.TryWrite(happened))
            _missed = true;
    }
}
