using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>Pushes that wait to be handled, in order: bounded in number and in bytes. One reader; one writer at a time.</summary>
internal sealed class PushQueue
{
    private const int MaxPushes = 8192;
    private const long MaxBytes = 64L << 20;

    private readonly Channel<(Push Push, int Bytes)> _channel =
        Channel.CreateBounded<(Push, int)>(new BoundedChannelOptions(MaxPushes) { SingleReader = true });

    private long _bytes;

    /// <summary>False if there is no room, or after <see cref="Complete"/>.</summary>
    public bool TryAdd(Push push)
    {
        var bytes = Outgoing.Of(push).Length;
        if (Interlocked.Add(ref _bytes, bytes) <= MaxBytes && _channel.Writer.TryWrite((push, bytes)))
            return true;
        Interlocked.Add(ref _bytes, -bytes);
        return false;
    }

    /// <summary>Nothing comes any more; what is there can still be read.</summary>
    public void Complete() => _channel.Writer.TryComplete();

    /// <summary>All that is there and comes, until it is complete.</summary>
    public async IAsyncEnumerable<Push> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var (push, bytes) in _channel.Reader.ReadAllAsync(cancellation))
        {
            Interlocked.Add(ref _bytes, -bytes);
            yield return push;
        }
    }
}
